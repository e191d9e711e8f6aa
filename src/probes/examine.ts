import { ask, type Examiner, fitting, isPrinterPort, safely } from './ask.ts';
import { bannerFacts } from './banner.ts';
import type { Evidence } from './evidence.ts';
import { type Link, LinkError, type ProbeTarget } from './link.ts';
import { protocolsOf } from './protocolsOf.ts';
import { type Facts, SPEAK_FIRST } from './registry.ts';
import { createSession, type FirstWord, type Session } from './session.ts';
import { TLS_FACTS, type TlsFacts } from './tls.ts';

export type Findings = Pick<Evidence, 'seen' | 'facts' | 'tls' | 'raw'>;

export interface Examination {
  /** Never rejects. */
  readonly done: Promise<void>;
  /** What is known by now. */
  findings(): Findings;
  close(): void;
}

/** Accepts old versions and weak ciphers: what is behind TLS is asked here, how good the TLS is elsewhere. */
const ANY_TLS = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;

interface Known {
  facts?: Facts | undefined;
  tls?: TlsFacts;
  /** The first word of the port itself. */
  word?: FirstWord;
  speaksTls?: boolean;
}

/** Finds out what is behind one port. `signal` ends it; whatever was learnt until then stays. */
export function examine(examiner: Examiner, target: ProbeTarget, nowMs: number, signal: AbortSignal): Examination {
  const { dial, times } = examiner;
  const plain = createSession({ target, nowMs, tls: false, open: () => dial(target, signal) });
  const sessions: Session[] = [plain];
  const known: Known = {};

  const listed = examiner.probes.filter(({ ports }) => ports.includes(target.port));
  const speaksFirst = listed.some(({ protocol }) => SPEAK_FIRST.has(protocol));
  const expectsTls = examiner.tlsPorts.has(target.port);

  async function look(): Promise<void> {
    const isPatient = (speaksFirst || listed.length === 0) && !expectsTls;
    const listen = () => plain.listen(isPatient ? times.listenMs : times.briefMs, times.listenMs);
    known.word = await listen();
    if (known.word === 'closed') known.word = await listen();
    if (known.word === 'closed') return;
    if (expectsTls && known.word === 'silent' && (await lookInsideTls())) return;
    const facts = await ask(examiner, plain, listed);
    if (facts) {
      known.facts = facts;
      await inspectOf(facts);
    } else if (!mayBeTls() || !(await lookInsideTls())) {
      known.facts = bannerOf(plain, known.word === 'spoke');
    }
  }

  async function inspectOf(facts: Facts): Promise<void> {
    const changes = ('startTls' in facts && facts.startTls) || ('tlsOffered' in facts && facts.tlsOffered);
    if (changes) await inspect(facts.protocol);
    else if ('tls' in facts && facts.tls) await inspect(undefined);
  }

  /** Said in so many words, or nothing was said to anything. */
  function mayBeTls(): boolean {
    const heard = plain.heard();
    if (heard.length === 0) return !isPrinterPort(target.port) && !expectsTls;
    return heard.some((first) => protocolsOf(first)[0] === 'tls');
  }

  async function inspect(startTls: string | undefined): Promise<void> {
    const tls = await safely(examiner, 'tls', () => examiner.inspectTls(plain.context, startTls));
    const fits = fitting(examiner, 'tls', TLS_FACTS, tls);
    if (fits) known.tls = fits;
  }

  /** False: there is no TLS here. */
  async function lookInsideTls(): Promise<boolean> {
    const hello = await secured(plain, times.helloMs);
    if (hello === 'none') return false;
    known.speaksTls = true;
    await Promise.all([inspect(undefined), hello === 'refused' ? undefined : askInside(hello)]);
    return true;
  }

  async function askInside(hello: Link): Promise<void> {
    let first: Link | undefined = hello;
    const open = async () => {
      const link = first ?? (await dial(target, signal));
      if (!first) await secure(link);
      first = undefined;
      return link;
    };
    const inside = createSession({ target, nowMs, tls: true, open });
    sessions.push(inside);
    const word = await inside.listen(speaksFirst ? times.listenMs : times.briefMs, times.listenMs);
    if (word === 'closed') return;
    known.facts = (await ask(examiner, inside, listed)) ?? bannerOf(inside, word === 'spoke');
  }

  const done = look().catch((error: unknown) => {
    if (!(error instanceof LinkError)) examiner.onDefect(error, 'examine');
  });
  return {
    done,
    close: () => {
      for (const session of sessions) session.close();
    },
    findings() {
      const heard = sessions.toReversed().flatMap((session) => session.heard());
      const raw = heard[0]?.toString('base64');
      const { facts, tls, word, speaksTls } = known;
      const seen = heard.length > 0 || facts || tls || speaksTls ? 'answered' : SEEN_BY_WORD[word ?? 'none'];
      return { seen, ...(facts && { facts }), ...(tls && { tls }), ...(raw !== undefined && { raw }) };
    },
  };
}

const SEEN_BY_WORD = { spoke: 'answered', silent: 'silent', closed: 'closes-at-once', none: 'failed' } as const;

function bannerOf(session: Session, unasked: boolean): Facts | undefined {
  const [first] = session.heard();
  return first && bannerFacts(first, { tls: session.context.tls ?? false, unasked });
}

async function secure(link: Link): Promise<void> {
  try {
    await link.secure(ANY_TLS);
  } catch (error) {
    link.close();
    throw error;
  }
}

/** What OpenSSL says of bytes that are no TLS at all. */
const NO_TLS = /wrong.version.number|packet.length.too.long/i;

/** A handshake on the next link. `none`: what came was no TLS, or nothing came. `refused`: it was TLS, but not with us. */
async function secured(session: Session, helloMs: number): Promise<Link | 'none' | 'refused'> {
  const link = await session.context.open();
  const timer = setTimeout(() => link.close(), helloMs);
  try {
    await secure(link);
    return link;
  } catch (error) {
    if (!(error instanceof LinkError) || error.failure === 'aborted') throw error;
    return error.failure === 'tls' && !NO_TLS.test(String(error.cause)) ? 'refused' : 'none';
  } finally {
    clearTimeout(timer);
  }
}
