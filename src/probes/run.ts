import type { ScannableAddress } from '../engine/types.ts';
import type { Examiner, ExamineTimes, TlsInspector } from './ask.ts';
import type { Evidence } from './evidence.ts';
import { examine } from './examine.ts';
import type { Dial } from './link.ts';
import type { Probe } from './probe.ts';
import { type Facts, IMPLICIT_TLS_PORTS, inspectPort, PROBES } from './registry.ts';

export interface ProberLimits extends ExamineTimes {
  /** Ports looked at at the same time. */
  readonly portsAtOnce: number;
  /** For one port, with all its links, in milliseconds. What is known then counts. */
  readonly portMs: number;
  /** For all ports of a request, in milliseconds. Ports not reached by then get no evidence. */
  readonly totalMs: number;
}

export const PROBER_LIMITS: ProberLimits = {
  portsAtOnce: 8,
  portMs: 10_000,
  totalMs: 60_000,
  listenMs: 1_000,
  briefMs: 150,
  helloMs: 2_500,
};

export interface ProberOptions {
  /** Has its own limits for each link. */
  readonly dial: Dial;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly limits?: Partial<ProberLimits>;
  readonly probes?: readonly Probe<Facts>[];
  readonly inspectTls?: TlsInspector;
  readonly tlsPorts?: ReadonlySet<number>;
  /** Told when a probe throws what it must not: a defect of ours, never what a target did. */
  readonly onDefect?: Examiner['onDefect'];
}

export interface ProbeRequest {
  readonly address: ScannableAddress;
  /** Canonical name, for SNI and Host; undefined when the address itself was asked for. */
  readonly name?: string | undefined;
  /** Open TCP ports that the policy allowed, each once; asked in this order, so those of most interest come first. */
  readonly ports: readonly number[];
}

export interface Prober {
  /**
   * Looks behind each port, and gives the evidence for each as it comes; none for ports that the time did not suffice for. Aborting
   * closes every link in the same tick and ends the iteration. Rejects for nothing that a target does.
   */
  probePorts(request: ProbeRequest, signal: AbortSignal): AsyncIterable<Evidence>;
}

/** Asks what is behind open ports: read-only questions, never a credential, all of it bounded in time and bytes. */
export function createProber({ dial, now, limits, onDefect, ...registry }: ProberOptions): Prober {
  const { portsAtOnce, portMs, totalMs, ...times } = { ...PROBER_LIMITS, ...limits };
  const examiner: Examiner = {
    dial,
    times,
    probes: PROBES,
    inspectTls: inspectPort,
    tlsPorts: IMPLICIT_TLS_PORTS,
    ...registry,
    onDefect: onDefect ?? (() => undefined),
  };

  async function probePort({ address, name }: ProbeRequest, port: number, total: AbortSignal): Promise<Evidence> {
    const startedAt = performance.now();
    const ms = () => Math.round(performance.now() - startedAt);
    const { signal, release } = deadline(portMs, total);
    const { done, findings, close } = examine(examiner, { address, port, name }, now(), signal);
    try {
      await Promise.race([done, aborted(signal)]);
      return { port, ...findings(), ms: ms() };
    } finally {
      close();
      release();
    }
  }

  async function* probePorts(request: ProbeRequest, signal: AbortSignal): AsyncGenerator<Evidence, void, undefined> {
    const total = deadline(totalMs, signal);
    const stopped = aborted(signal, total.signal);
    const waiting = [...request.ports].values();
    const running = new Map<number, Promise<Evidence>>();
    const start = () => {
      const { value: port } = total.signal.aborted ? {} : waiting.next();
      if (port !== undefined) running.set(port, probePort(request, port, total.signal));
    };
    try {
      for (let slot = 0; slot < portsAtOnce; slot += 1) start();
      while (running.size > 0) {
        const evidence = await Promise.race([...running.values(), stopped]);
        if (!evidence || signal.aborted) return;
        running.delete(evidence.port);
        start();
        yield evidence;
      }
    } finally {
      total.release();
    }
  }

  return { probePorts };
}

/** A signal that is aborted after so long, with `parent`, or on release. */
function deadline(
  afterMs: number,
  parent: AbortSignal,
): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, afterMs);
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true, signal: controller.signal });
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      abort();
    },
  };
}

/** Listens until `over`, so that a signal of long life does not gather listeners. */
function aborted(signal: AbortSignal, over?: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true, ...(over && { signal: over }) });
  });
}
