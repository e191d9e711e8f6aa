import { z } from 'zod';
import { FACT_TEXT, factText, OPEN_FACTS, productOf } from './openFacts.ts';
import { plainOrTls } from './plainOrTls.ts';
import type { Probe } from './probe.ts';

export const MEMCACHED_FACTS = z.strictObject({
  protocol: z.literal('memcached'),
  ...OPEN_FACTS,
  /** What came to `version`. */
  answer: FACT_TEXT,
  /** Statistics were given; only their first line was waited for. */
  stats: z.boolean(),
});

type MemcachedFacts = z.infer<typeof MEMCACHED_FACTS>;

const MAX_LINES_BYTES = 1_024;
const QUIET_MS = 1_500;

/** Memcached's text protocol (doc/protocol.txt): `version`, and the first line of `stats`. */
export const memcachedProbe: Probe<MemcachedFacts> = {
  protocol: 'memcached',
  ports: [11_211],
  run: (context) =>
    plainOrTls(context, async (link, tls) => {
      await link.write('version\r\nstats\r\n');
      const received = await link.read(isEnough, QUIET_MS);
      const [first = '', second = ''] = linesIn(received);
      const version = /^VERSION ([\x20-\x7e]{1,100})$/.exec(first)?.[1];
      const locked = /^CLIENT_ERROR unauthenticated/.test(first);
      if (version === undefined && !locked) return undefined;
      return {
        protocol: 'memcached',
        tls,
        openToStrangers: !locked,
        answer: factText(first),
        stats: second.startsWith('STAT '),
        ...(version !== undefined && { product: productOf('Memcached', version) }),
      };
    }),
};

/** The first two whole lines. */
function linesIn(received: Buffer): readonly string[] {
  return received.toString('latin1', 0, MAX_LINES_BYTES).split('\r\n', 3).slice(0, -1).slice(0, 2);
}

/** Both first lines, or one that is no version: no second one need come then. */
function isEnough(received: Buffer): boolean {
  const [first, second] = linesIn(received);
  return (
    received.length >= MAX_LINES_BYTES || second !== undefined || (first !== undefined && !first.startsWith('VERSION'))
  );
}
