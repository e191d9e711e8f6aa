import type { z } from 'zod';
import { withLink } from './conversation.ts';
import { type Dial, LinkError } from './link.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { protocolsOf } from './protocolsOf.ts';
import { FACTS, type Facts } from './registry.ts';
import type { Session } from './session.ts';
import type { TlsFacts } from './tls.ts';

export interface ExamineTimes {
  /** Listening for a service that speaks first, in milliseconds. */
  readonly listenMs: number;
  /** The same where the port's usual services do not. */
  readonly briefMs: number;
  /** For the handshake where TLS is only guessed at. */
  readonly helloMs: number;
}

/** Looks at the TLS of a port; `startTls` names the protocol that leads to it, undefined when it begins at once. */
export type TlsInspector = (context: ProbeContext, startTls: string | undefined) => Promise<TlsFacts | undefined>;

export interface Examiner {
  readonly dial: Dial;
  /** Best first; asked in this order where several list a port. */
  readonly probes: readonly Probe<Facts>[];
  readonly inspectTls: TlsInspector;
  /** Ports where a ClientHello is sent before anything else. */
  readonly tlsPorts: ReadonlySet<number>;
  readonly times: ExamineTimes;
  /** Told of what a probe should never do: throw anything but LinkError. */
  readonly onDefect: (error: unknown, protocol: string) => void;
}

/** Printers put on paper whatever is sent to these (AppSocket, LPD): nothing is guessed at there. */
export const isPrinterPort = (port: number) => port === 515 || (port >= 9_100 && port <= 9_107);

/** What a probe throws besides LinkError is a defect of ours, and no reason to lose the port. */
export async function safely<T>(examiner: Examiner, protocol: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LinkError)) examiner.onDefect(error, protocol);
    else if (error.failure === 'aborted') throw error;
    return undefined;
  }
}

/** Protocols whose servers hang up without a word on whatever is not their own first message. */
const GUESSES = ['postgresql', 'mqtt'] as const;

/**
 * Runs probes one after the other until one understands: those that the service's own words call for, then those `listed` for the
 * port, then, if nothing was heard at all, HTTP, a plain word, and what hangs up on both. Undefined when none did, or when the words call for TLS.
 */
export async function ask(
  examiner: Examiner,
  session: Session,
  listed: readonly Probe<Facts>[],
): Promise<Facts | undefined> {
  const tried = new Set<string>();
  const untried = (protocol: string) =>
    tried.has(protocol) ? undefined : examiner.probes.find((probe) => probe.protocol === protocol);
  const isTls = () => session.context.tls !== true && session.heard().some((first) => protocolsOf(first)[0] === 'tls');

  /** Every connection that ends in the handshake counts towards MySQL's max_connect_errors, which may block this host. */
  const isMysql = () => session.heard().some((first) => protocolsOf(first)[0] === 'mysql');

  const isGuessing = () => session.heard().length === 0 && !isPrinterPort(session.context.target.port);

  function next(): Probe<Facts> | undefined {
    if (tried.has('mysql') && isMysql()) return undefined;
    const called = session
      .heard()
      .flatMap((first) => protocolsOf(first))
      .flatMap((protocol) => untried(protocol) ?? []);
    const guess = () => (isGuessing() ? untried('http') : undefined);
    return called[0] ?? listed.find(({ protocol }) => !tried.has(protocol)) ?? guess();
  }

  async function askAll(): Promise<Facts | undefined> {
    for (let probe = next(); probe && !isTls(); probe = next()) {
      const facts = await run(probe);
      if (facts) return facts;
    }
    return undefined;
  }

  let facts = await askAll();
  if (!facts && isGuessing()) {
    await safely(examiner, 'nudge', () => nudge(session, examiner.times.listenMs));
    if (!isGuessing()) facts = await askAll();
    else if (session.hungUp()) facts = await firstOf(GUESSES.flatMap((protocol) => untried(protocol) ?? []).map(run));
  }
  // A web page may give away a service that has a probe of its own.
  const [special] = facts?.protocol === 'http' ? session.heard().flatMap((first) => protocolsOf(first)) : [];
  const better = special === undefined || special === 'http' ? undefined : untried(special);
  return (better && (await run(better))) ?? facts;

  async function run(probe: Probe<Facts>): Promise<Facts | undefined> {
    tried.add(probe.protocol);
    const learnt = await safely(examiner, probe.protocol, () => probe.run(session.context));
    // Probes that look for TLS themselves cannot see that they are inside it already.
    const facts = learnt && session.context.tls && 'tls' in learnt ? { ...learnt, tls: true } : learnt;
    return fitting(examiner, probe.protocol, FACTS, facts);
  }
}

/** The first that is not undefined; undefined when all are. Rejects with the first that does. */
function firstOf<T>(all: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    for (const each of all) each.then((value) => value !== undefined && resolve(value), reject);
    Promise.all(all).then(() => resolve(undefined), reject);
  });
}

/** What does not fit its own schema could not be stored: a defect of ours, too. */
export function fitting<T>(examiner: Examiner, protocol: string, schema: z.ZodType<T>, facts: unknown): T | undefined {
  if (facts === undefined) return undefined;
  const { data, error } = schema.safeParse(facts);
  if (error) examiner.onDefect(error, protocol);
  return data;
}

/** Some hang up on a web request without a word (Redis does), and answer any other line, if only with an error. */
async function nudge(session: Session, waitMs: number): Promise<void> {
  await withLink(session.context, async (link) => {
    await link.write('HELP\r\n');
    await link.read((bytes) => bytes.includes(10), waitMs);
  });
}
