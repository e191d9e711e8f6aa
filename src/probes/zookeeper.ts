import { z } from 'zod';
import { FACT_TEXT, factText, OPEN_FACTS, productOf } from './openFacts.ts';
import { plainOrTls } from './plainOrTls.ts';
import type { Probe } from './probe.ts';

export const ZOOKEEPER_FACTS = z.strictObject({
  protocol: z.literal('zookeeper'),
  ...OPEN_FACTS,
  /** To the four-letter word `srvr`. */
  answer: z.enum(['answered', 'not-allowed', 'not-serving']),
  /** standalone, leader, follower, observer. */
  mode: FACT_TEXT.optional(),
  nodes: z.int().min(0).optional(),
});

type ZookeeperFacts = z.infer<typeof ZOOKEEPER_FACTS>;

const MAX_ANSWER_BYTES = 4_096;
const QUIET_MS = 2_000;

/**
 * ZooKeeper's four-letter word `srvr` (Administrator's Guide, "The Four Letter Words"); the server closes after it. That the
 * words are not allowed says nothing about sessions, and opening one would change state: not told then.
 */
export const zookeeperProbe: Probe<ZookeeperFacts> = {
  protocol: 'zookeeper',
  ports: [2181, 2281],
  run: (context) =>
    plainOrTls(context, async (link, tls) => {
      await link.write('srvr');
      const received = await link.read((bytes) => bytes.length >= MAX_ANSWER_BYTES, QUIET_MS);
      return factsOf(received.toString('utf8', 0, MAX_ANSWER_BYTES), tls);
    }),
};

function factsOf(text: string, tls: boolean): ZookeeperFacts | undefined {
  const base = { protocol: 'zookeeper' as const, tls };
  if (text.startsWith('srvr is not executed because')) return { ...base, answer: 'not-allowed' };
  if (text.startsWith('This ZooKeeper instance is not currently serving')) return { ...base, answer: 'not-serving' };
  const version = /^Zookeeper version: ([^\s,]{1,100})/i.exec(text)?.[1];
  if (version === undefined) return undefined;
  const mode = /^Mode: ([^\r\n]{1,40})/m.exec(text)?.[1];
  const nodes = /^Node count: (\d{1,15})\b/m.exec(text)?.[1];
  return {
    ...base,
    answer: 'answered',
    openToStrangers: true,
    // The hash of the build comes after the number.
    product: productOf('ZooKeeper', version.replace(/-[\da-f]{40}$/, '')),
    ...(mode !== undefined && { mode: factText(mode) }),
    ...(nodes !== undefined && { nodes: Number(nodes) }),
  };
}
