import type { PortResult, Scan, ScanOptions, ScanRequest, ScanSummary } from '../engine/types.ts';
import type { Logger } from '../log.ts';
import type { Target } from '../policy/target.ts';
import type { Evidence } from '../probes/evidence.ts';
import type { Prober } from '../probes/run.ts';
import type { Cleared } from './gate.ts';
import { boundEvidence, portsToProbe } from './lookBehind.ts';

export interface PerformDeps {
  readonly engine: (request: ScanRequest, options: ScanOptions) => Scan;
  readonly prober: Prober;
  /** To one target; `undefined` leaves it to the engine. */
  readonly packetsPerSecond: number | undefined;
  readonly log: Logger;
}

/** Where a scan stands. */
export interface ScanSnapshot {
  readonly summary: ScanSummary;
  readonly openPorts: readonly number[];
  /** Present once the ports are known and what is behind the open ones is looked at. */
  readonly lookingBehind?: { readonly done: number; readonly of: number };
}

export interface Performed {
  readonly summary: ScanSummary;
  readonly results: readonly PortResult[];
  /** By port; of open ports only. */
  readonly evidence: readonly Evidence[];
  /** Open, but not looked behind: too many, or the scan was ended before. */
  readonly notProbed: readonly number[];
}

export interface PerformOptions {
  readonly signal: AbortSignal;
  /** Asked once, right before services are talked to: which of the ports are permitted by now? */
  readonly permittedNow: () => Promise<readonly number[]>;
}

/** A scan under way. */
export interface Performance {
  snapshot(): ScanSnapshot;
  /** Never rejects for anything that the target does. */
  readonly done: Promise<Performed>;
}

/** The two halves of a scan: which ports are open, then what is behind those. Aborting `signal` ends either with what is known. */
export function perform(deps: PerformDeps, target: Target, cleared: Cleared, options: PerformOptions): Performance {
  const { signal } = options;
  const { packetsPerSecond } = deps;
  const request = { addresses: [cleared.address], ports: cleared.ports };
  const scan = deps.engine(request, { signal, ...(packetsPerSecond !== undefined && { packetsPerSecond }) });
  const results: PortResult[] = [];
  const evidence: Evidence[] = [];
  let lookingFor: readonly number[] | undefined;
  const openPorts = () => results.filter(({ state }) => state === 'open').map(({ port }) => port);

  async function run(): Promise<Performed> {
    for await (const result of scan) results.push(result);
    const summary = scan.summary();
    const open = openPorts();
    if (summary.complete && open.length > 0) await lookBehind(open, summary);
    const seen = new Set(evidence.map(({ port }) => port));
    return {
      summary,
      results,
      evidence: boundEvidence(evidence),
      notProbed: open.filter((port) => !seen.has(port)),
    };
  }

  async function lookBehind(open: readonly number[], summary: ScanSummary): Promise<void> {
    const permitted = new Set(await permittedNow());
    const ports = portsToProbe(open, summary.hosts[0]?.suspicions ?? []).filter((port) => permitted.has(port));
    if (ports.length === 0 || signal.aborted) return;
    lookingFor = ports;
    const name = target.kind === 'name' ? target.canonical : undefined;
    for await (const each of deps.prober.probePorts({ address: cleared.address, name, ports }, signal))
      evidence.push(each);
  }

  /** A list that cannot be read permits nothing; the ports themselves are known by now and stay. */
  async function permittedNow(): Promise<readonly number[]> {
    try {
      return await options.permittedNow();
    } catch (err) {
      deps.log.error({ err }, 'cannot read the allowlist: no service is talked to');
      return [];
    }
  }

  return {
    done: run(),
    snapshot: () => ({
      summary: scan.summary(),
      openPorts: openPorts(),
      ...(lookingFor && { lookingBehind: { done: evidence.length, of: lookingFor.length } }),
    }),
  };
}
