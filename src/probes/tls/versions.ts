import * as z from 'zod';
import { type Link, LinkError } from '../link.ts';
import {
  alertName,
  clientHello,
  type HelloAnswer,
  readHelloAnswer,
  type ServerHello,
  TLS_VERSIONS,
  type TlsVersion,
} from './hello.ts';
import { LAST_RESORT_SUITES } from './suites.ts';

const NAMES = Object.keys(TLS_VERSIONS) as TlsVersion[];
/** A handshake that is not answered by then is not worth a whole link's time. */
const MAX_WAIT_MS = 2_500;

/** The answer to an offer of one version. */
export const VERSION_FACTS = z.strictObject({
  version: z.enum(NAMES),
  /** `unknown`: no answer came in time, or no connection. */
  accepted: z.enum(['yes', 'no', 'unknown']),
  /** What it chose out of everything, IANA's name. */
  cipher: z.string().max(100).optional(),
  /** How it refused; absent where it hung up, or chose another version. */
  alert: z.string().max(100).optional(),
});

export type VersionFacts = z.infer<typeof VERSION_FACTS>;

export interface Asking {
  /** A new link on which TLS may begin. */
  open(): Promise<Link>;
  /** For SNI. */
  readonly name?: string | undefined;
  /** 96 new bytes. */
  random(): Uint8Array;
}

type Answer = HelloAnswer | { readonly kind: 'closed' | 'silent' };

async function sayHello(asking: Asking, version: TlsVersion, suites?: readonly number[]): Promise<Answer> {
  let link: Link | undefined;
  try {
    link = await asking.open();
    const from = link.received().length;
    const answerIn = (all: Buffer) => readHelloAnswer(all.subarray(from));
    const hello = { version, name: asking.name, random: asking.random(), ...(suites ? { suites } : {}) };
    await link.write(clientHello(hello));
    const all = await link.read((received) => answerIn(received) !== undefined, MAX_WAIT_MS);
    return answerIn(all) ?? { kind: link.ended() ? 'closed' : 'silent' };
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return { kind: error.failure === 'reset' ? 'closed' : 'silent' };
  } finally {
    link?.close();
  }
}

function factsOf(version: TlsVersion, answer: Answer): VersionFacts {
  if (answer.kind === 'alert') return { version, accepted: 'no', alert: alertName(answer.alert) };
  if (answer.kind === 'hello' && answer.hello.version === version) {
    return { version, accepted: 'yes', cipher: answer.hello.cipher };
  }
  return { version, accepted: answer.kind === 'silent' ? 'unknown' : 'no' };
}

/**
 * Offers every version alone, each on a link of its own, all at the same time. `known` is the hello of a handshake before:
 * its version is accepted, even should the server be too busy to say so again.
 */
export async function askVersions(asking: Asking, known: ServerHello | undefined): Promise<VersionFacts[]> {
  const facts = await Promise.all(NAMES.map(async (version) => factsOf(version, await sayHello(asking, version))));
  return facts.map((fact) =>
    known && known.version === fact.version && fact.accepted !== 'yes'
      ? { version: fact.version, accepted: 'yes' as const, cipher: known.cipher }
      : fact,
  );
}

/** Offers the last resorts alone, with the newest accepted version that has such; resolves with the one that was taken. */
export async function askLastResort(asking: Asking, versions: readonly VersionFacts[]): Promise<string | undefined> {
  const newest = versions.findLast(({ version, accepted }) => accepted === 'yes' && version !== 'TLSv1.3');
  if (!newest) return undefined;
  const answer = await sayHello(asking, newest.version, LAST_RESORT_SUITES);
  return answer.kind === 'hello' && LAST_RESORT_SUITES.includes(answer.hello.cipherCode)
    ? answer.hello.cipher
    : undefined;
}
