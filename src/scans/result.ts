import { type Finding, findingsOf } from '../advice/findings/index.ts';
import { compareSeverity, type Severity } from '../advice/guide.ts';
import { guideOf, resolvePort } from '../advice/lookup.ts';
import { describeService, type SeenService } from '../advice/service.ts';
import { severityOf } from '../advice/tips.ts';
import { readPorts } from '../engine/ports/intervals.ts';
import type { PortState } from '../engine/types.ts';
import { type AddressClass, classifyAddress } from '../policy/addressClass.ts';
import type { Evidence } from '../probes/evidence.ts';
import { WIRE_PROBES } from '../probes/registry.ts';
import type { ScanRecord } from '../storage/scanRecords.ts';

const HTTP_PORT = 80;
/** Ports of services that never speak HTTP: a web server there is not what their guide is about. */
const NOT_WEB: ReadonlySet<number> = new Set(
  WIRE_PROBES.flatMap(({ ports: [usual = 0, ...others] }) => [
    usual,
    ...others.filter((port) => guideOf(port) === guideOf(usual)),
  ]),
);

export interface Verdict {
  readonly port: number;
  readonly state: PortState;
  readonly reason: string;
}

export interface OpenPort {
  readonly port: number;
  readonly reason: string;
  /** The worst of its findings and of the port itself, when nobody expects it open. */
  readonly severity: Severity;
  /** The port whose guide speaks for it: another one when its service was recognised on an unusual port. */
  readonly usualPort: number;
  /** Undefined when nobody looked behind it. */
  readonly service?: SeenService;
  /** It was asked what it tells strangers, and wants a login first. */
  readonly asksForLogin: boolean;
  /** It accepts connections and closes them at once: nobody knows what stands there. */
  readonly closesAtOnce: boolean;
}

/** A finished scan, read: everything that a reply says comes from here. The same record gives the same result. */
export interface ScanResult {
  readonly record: ScanRecord;
  /** By port. */
  readonly verdicts: readonly Verdict[];
  /** By port. */
  readonly open: readonly OpenPort[];
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly evidence: ReadonlyMap<number, Evidence>;
  /** Open ports mean little on this host. */
  readonly answersEverything: boolean;
  readonly address: AddressClass;
}

export function readResult(record: ScanRecord): ScanResult {
  const answersEverything = record.suspicions?.includes('answers-everything') ?? false;
  const address = classifyAddress(record.address);
  const evidence = record.evidence ?? [];
  const byPort = new Map(evidence.map((each) => [each.port, each]));
  const nowMs = Date.parse(record.startedAt);
  const findings = findingsOf(evidence, { nowMs, addressTier: address.tier, answersEverything });
  const verdicts = verdictsOf(record);
  const open = verdicts
    .filter(({ state }) => state === 'open')
    .map(({ port, reason }): OpenPort => {
      const seen = byPort.get(port);
      const own = findings.filter(({ ports }) => ports.includes(port)).map(({ severity }) => severity);
      const usualPort = usualPortOf(port, seen);
      const closesAtOnce = seen?.seen === 'closes-at-once';
      const ofPort = closesAtOnce ? 'low' : severityOf(usualPort);
      const [severity = ofPort] = [ofPort, ...own].sort(compareSeverity);
      const facts = seen?.facts;
      const asksForLogin = facts !== undefined && 'openToStrangers' in facts && facts.openToStrangers === false;
      const service = seen && { service: describeService(seen) };
      return { port, reason, severity, usualPort, asksForLogin, closesAtOnce, ...service };
    });
  return { record, verdicts, open, findings, evidence: byPort, answersEverything, address };
}

/** SSH on port 10022 is to be treated as SSH, and SSH on port 443 not as a web server. */
function usualPortOf(port: number, seen: Evidence | undefined): number {
  const protocol = seen?.facts?.protocol;
  if (protocol === undefined || protocol === 'banner') return port;
  // Many ports are web servers by profession, each with a guide of its own.
  if (protocol === 'http') return guideOf(port) && !NOT_WEB.has(port) ? port : HTTP_PORT;
  return resolvePort(protocol) ?? port;
}

function verdictsOf(record: ScanRecord): Verdict[] {
  const verdicts = record.groups.flatMap(({ state, reason, ports }) =>
    portsOf(ports).map((port) => ({ port, state, reason })),
  );
  return verdicts.sort((a, b) => a.port - b.port);
}

/** @param text as `formatPorts` wrote it; throws on anything else */
export function portsOf(text: string): readonly number[] {
  const ports = readPorts(text);
  if (!ports) throw new Error('unreadable ports in a scan record');
  return ports;
}
