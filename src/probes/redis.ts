import { z } from 'zod';
import type { Link } from './link.ts';
import { FACT_TEXT, factText, OPEN_FACTS, productOf } from './openFacts.ts';
import { plainOrTls } from './plainOrTls.ts';
import type { Probe } from './probe.ts';

export const REDIS_FACTS = z.strictObject({
  protocol: z.literal('redis'),
  ...OPEN_FACTS,
  /** To PING: what it came to. `protected-mode` refuses every address but its own; `denied` is any other refusal. */
  answer: z.enum(['pong', 'no-auth', 'protected-mode', 'denied', 'loading']),
  /** The refusal in its own words. */
  message: FACT_TEXT.optional(),
  /** Of INFO: standalone, sentinel or cluster. */
  mode: FACT_TEXT.optional(),
  os: FACT_TEXT.optional(),
});

type RedisFacts = z.infer<typeof REDIS_FACTS>;

const MAX_INFO_BYTES = 16 * 1_024;
const QUIET_MS = 1_500;

/** Two questions of RESP (the Redis serialization protocol), in one packet. */
const QUESTIONS = '*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n';

/** How the error words begin, by what they come to. Other services say `-ERR` too: that alone is not enough. */
const REFUSALS: readonly (readonly [RegExp, RedisFacts['answer']])[] = [
  [/^-NOAUTH\b/, 'no-auth'],
  [/^-ERR operation not permitted/, 'no-auth'],
  [/^-DENIED\b/, 'protected-mode'],
  [/^-(?:NOPERM|MASTERDOWN|MISCONF|BUSY)\b/, 'denied'],
  [/^-ERR unknown command [`']?PING/i, 'denied'],
  [/^-LOADING\b/, 'loading'],
];

/** Redis and what speaks like it (Valkey, KeyDB, Dragonfly): PING and INFO server, without AUTH. */
export const redisProbe: Probe<RedisFacts> = {
  protocol: 'redis',
  ports: [6379, 6380, 26379, 7000, 7001],
  run: (context) =>
    plainOrTls(context, async (link, tls) => {
      await link.write(QUESTIONS);
      const received = await link.read(createEnough(), QUIET_MS);
      return factsOf(received, tls);
    }),
};

/** Both replies, an error that ends the conversation, or more than is wanted. */
function createEnough(): Parameters<Link['read']>[0] {
  return (received) => {
    const text = received.toString('latin1', 0, MAX_INFO_BYTES);
    if (received.length >= MAX_INFO_BYTES || !/^[+-]/.test(text || '+')) return true;
    const [first, second] = lines(text, 2);
    if (first === undefined) return false;
    if (/^-DENIED/.test(first)) return true;
    if (second === undefined) return false;
    return !second.startsWith('$') || infoIn(received)?.complete !== false;
  };
}

/** The first lines that are whole. */
function lines(text: string, count: number): readonly string[] {
  const all = text.split('\r\n', count + 1);
  return all.length > count ? all.slice(0, count) : all.slice(0, -1);
}

/** The bulk string after the first line; its length is believed as far as bytes came. */
function infoIn(received: Buffer): { readonly text: string; readonly complete: boolean } | undefined {
  const text = received.toString('latin1', 0, 1_024);
  const [first = '', second = ''] = lines(text, 2);
  const length = /^\$(\d{1,9})$/.exec(second)?.[1];
  if (length === undefined) return undefined;
  const start = first.length + second.length + 4;
  const wanted = Math.min(Number(length), MAX_INFO_BYTES);
  const bytes = received.subarray(start, start + wanted);
  return { text: bytes.toString('utf8'), complete: bytes.length === wanted };
}

function factsOf(received: Buffer, tls: boolean): RedisFacts | undefined {
  const [first = ''] = lines(received.toString('latin1', 0, 4_096), 1);
  const base = { protocol: 'redis' as const, tls };
  const refusal = REFUSALS.find(([words]) => words.test(first));
  const info = infoOf(infoIn(received)?.text ?? '');
  if (first !== '+PONG') {
    if (!refusal) return undefined;
    const [, answer] = refusal;
    const openToStrangers = info.size > 0 ? true : answer === 'loading' ? undefined : false;
    return { ...base, ...aboutServer(info), openToStrangers, answer, message: factText(first.slice(1)) };
  }
  // A pong alone may be all that strangers get: ACL rules can leave them that.
  return { ...base, ...aboutServer(info), answer: 'pong', openToStrangers: info.size > 0 ? true : undefined };
}

function infoOf(text: string): ReadonlyMap<string, string> {
  const fields = text.split('\r\n', 200).flatMap((line): [string, string][] => {
    const [, key, value] = /^([a-z_]{1,40}):(.*)$/.exec(line) ?? [];
    return key !== undefined && value !== undefined ? [[key, value]] : [];
  });
  return new Map(fields);
}

function aboutServer(info: ReadonlyMap<string, string>): Pick<RedisFacts, 'product' | 'mode' | 'os'> {
  const product = productIn(info);
  const [mode, os] = [info.get('server_mode') ?? info.get('redis_mode'), info.get('os')];
  return {
    ...(product && { product }),
    ...(mode !== undefined && { mode: factText(mode) }),
    ...(os !== undefined && { os: factText(os) }),
  };
}

/** Forks keep `redis_version` for old clients and give their own beside it. */
function productIn(info: ReadonlyMap<string, string>): RedisFacts['product'] {
  const [valkey, dragonfly] = [info.get('valkey_version'), info.get('dragonfly_version')];
  if (valkey !== undefined) return productOf('Valkey', valkey);
  if (dragonfly !== undefined) return productOf('Dragonfly', dragonfly.replace(/^df-v?/, ''));
  const redis = info.get('redis_version');
  return redis === undefined ? undefined : productOf('Redis', redis);
}
