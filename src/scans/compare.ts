import type { Finding } from '../advice/findings/index.ts';
import { compareSeverity, type Severity } from '../advice/guide.ts';
import { describeService } from '../advice/service.ts';
import type { Phrase } from '../engine/phrase.ts';
import type { PortState } from '../engine/types.ts';
import type { ScanResult } from './result.ts';

/** A port with another state than before. */
export interface StateChange {
  readonly port: number;
  readonly before: PortState;
  readonly after: PortState;
}

/** A port that is open in both, with something else behind it. The texts may hold foreign text. */
export interface ServiceChange {
  readonly port: number;
  readonly before: Phrase;
  readonly after: Phrase;
}

/** A finding on the ports where it is new, or gone. */
export interface FindingChange {
  readonly id: string;
  readonly severity: Severity;
  /** May hold foreign text. */
  readonly title: Phrase;
  /** Ascending. */
  readonly ports: readonly number[];
}

/** What changed between two scans of one host. Every list is by port, findings worst first. */
export interface Comparison {
  /** Ports with a verdict in both. Nothing is said of the others. */
  readonly compared: number;
  /** Ports with a verdict in one of them alone. */
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  /** Not open before, open now; and the reverse with closed. */
  readonly opened: readonly StateChange[];
  readonly closed: readonly StateChange[];
  /** Answers no longer reach us: open or closed before. */
  readonly filtered: readonly StateChange[];
  /** Every other change of state, such as filtered before and closed now. */
  readonly otherStates: readonly StateChange[];
  readonly services: readonly ServiceChange[];
  readonly newFindings: readonly FindingChange[];
  readonly goneFindings: readonly FindingChange[];
  /** The name leads to another address than before. */
  readonly address?: { readonly before: string; readonly after: string };
  /** Stopped before every port had a verdict. */
  readonly partial: { readonly before: boolean; readonly after: boolean };
}

/**
 * What changed from one scan to a later one of the same host. A port that was scanned in one of them alone, or could not
 * be tested, is not compared; services and findings are where both looked behind the port, or where it opened or closed.
 * Pure; linear in the ports.
 */
export function compareScans(before: ScanResult, after: ScanResult): Comparison {
  const was = statesOf(before);
  const is = statesOf(after);
  const ports = [...is.keys()].filter((port) => was.has(port));
  const changes = ports.flatMap((port): StateChange[] => {
    const [a, b] = [was.get(port), is.get(port)];
    return a === undefined || b === undefined || a === b ? [] : [{ port, before: a, after: b }];
  });
  const byKind = Map.groupBy(changes, kindOf);
  const [from, now] = [before.record.address, after.record.address];
  return {
    compared: ports.length,
    onlyBefore: was.size - ports.length,
    onlyAfter: is.size - ports.length,
    opened: byKind.get('opened') ?? [],
    closed: byKind.get('closed') ?? [],
    filtered: byKind.get('filtered') ?? [],
    otherStates: byKind.get('otherStates') ?? [],
    services: serviceChanges(before, after, ports),
    ...findingChanges({ before, after, was, is }),
    ...(from === now ? {} : { address: { before: from, after: now } }),
    partial: { before: isPartial(before), after: isPartial(after) },
  };
}

/** True when there is nothing to tell but what was compared. */
export function isUnchanged(comparison: Comparison): boolean {
  const { opened, closed, filtered, otherStates, services, newFindings, goneFindings, address } = comparison;
  const lists = [opened, closed, filtered, otherStates, services, newFindings, goneFindings];
  return address === undefined && lists.every((list) => list.length === 0);
}

function kindOf({ before, after }: StateChange): 'opened' | 'closed' | 'filtered' | 'otherStates' {
  if (after === 'open') return 'opened';
  if (after === 'closed' && before === 'open') return 'closed';
  return after === 'filtered' && (before === 'open' || before === 'closed') ? 'filtered' : 'otherStates';
}

type States = ReadonlyMap<number, PortState>;

/** `error` says nothing about the host, so that it is no verdict here. */
function statesOf({ verdicts }: ScanResult): States {
  return new Map(verdicts.filter(({ state }) => state !== 'error').map(({ port, state }) => [port, state]));
}

function isPartial({ record }: ScanResult): boolean {
  return record.unprobed > 0;
}

/** A service that did not answer this time is no other service: only what both said is compared. */
function serviceChanges(before: ScanResult, after: ScanResult, ports: readonly number[]): ServiceChange[] {
  return ports.flatMap((port) => {
    const [a, b] = [before.evidence.get(port), after.evidence.get(port)];
    if (a?.seen !== 'answered' || b?.seen !== 'answered') return [];
    const [was, is] = [describeService(a).text, describeService(b).text];
    return was.text === is.text ? [] : [{ port, before: was, after: is }];
  });
}

interface Both {
  readonly before: ScanResult;
  readonly after: ScanResult;
  readonly was: States;
  readonly is: States;
}

function findingChanges({ before, after, was, is }: Both): Pick<Comparison, 'newFindings' | 'goneFindings'> {
  // On such a host findings are not listed: their absence means nothing.
  if (before.answersEverything !== after.answersEverything) return { newFindings: [], goneFindings: [] };
  return {
    newFindings: onlyIn(after, before, was),
    goneFindings: onlyIn(before, after, is),
  };
}

/** Findings of one scan that the other would have had if they had been there. */
function onlyIn(one: ScanResult, other: ScanResult, states: States): FindingChange[] {
  const known = new Set(other.findings.flatMap((finding) => finding.ports.map((port) => keyOf(finding, port))));
  const changes = new Map<string, FindingChange>();
  for (const finding of one.findings) {
    const ports = finding.ports.filter((port) => !known.has(keyOf(finding, port)) && wasJudged(other, states, port));
    if (ports.length === 0) continue;
    const { id, severity, title } = finding;
    const same = changes.get(`${id} ${title.text}`);
    const all = [...new Set([...(same?.ports ?? []), ...ports])].sort((a, b) => a - b);
    changes.set(`${id} ${title.text}`, { ...(same ?? { id, severity, title }), ports: all });
  }
  return [...changes.values()].sort((a, b) => compareSeverity(a.severity, b.severity));
}

/** Nothing can be found on a port that is not open; on an open one, only when somebody looked and heard something. */
function wasJudged({ evidence }: ScanResult, states: States, port: number): boolean {
  const state = states.get(port);
  if (state !== 'open') return state !== undefined;
  const seen = evidence.get(port)?.seen;
  return seen !== undefined && seen !== 'failed';
}

function keyOf({ id }: Finding, port: number): string {
  return `${id} ${port}`;
}
