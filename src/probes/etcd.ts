import { z } from 'zod';
import { HTTP_API_FACTS, httpApiProbe } from './httpApi.ts';
import { FACT_TEXT, factText, productOf } from './openFacts.ts';

export const ETCD_FACTS = z.strictObject({
  protocol: z.literal('etcd'),
  ...HTTP_API_FACTS,
  clusterVersion: FACT_TEXT.optional(),
  /** Of the question for the number of keys. */
  rangeStatus: z.int().optional(),
  keys: z.int().min(0).optional(),
});

const VERSION = z.object({ etcdserver: z.string(), etcdcluster: z.string().optional() });
// Numbers of 64 bits are text in the JSON of gRPC; none at all is zero.
const RANGE = z.object({
  header: z.object({}),
  count: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});
const REFUSAL = z.object({ code: z.union([z.literal(3), z.literal(7), z.literal(16)]) });

/** A range over all keys (etcd API v3, `RangeRequest`): key and end are one zero byte. How many, and not which: no name is read. */
const COUNT_KEYS = JSON.stringify({ key: 'AA==', range_end: 'AA==', limit: 1, keys_only: true, count_only: true });

/** etcd: its version, and whether strangers may read (the gRPC gateway's `/v3/kv/range`, since 3.4). */
export const etcdProbe = httpApiProbe({
  protocol: 'etcd',
  ports: [2379, 2380, 4001],
  schema: ETCD_FACTS,
  async learn(ask) {
    const version = await ask('/version');
    const said = version?.json(VERSION);
    if (!version || !said) return undefined;
    const range = await ask('/v3/kv/range', { method: 'POST', body: COUNT_KEYS });
    const counted = range?.status === 200 ? range.json(RANGE) : undefined;
    const refused = range !== undefined && range.status >= 400 && range.json(REFUSAL) !== undefined;
    return {
      protocol: 'etcd' as const,
      ...version.seen,
      openToStrangers: counted ? true : refused ? false : undefined,
      product: productOf('etcd', said.etcdserver),
      ...(said.etcdcluster !== undefined && { clusterVersion: factText(said.etcdcluster) }),
      ...(range && { rangeStatus: range.status }),
      ...(counted && { keys: Number(counted.count ?? 0) }),
    };
  },
});
