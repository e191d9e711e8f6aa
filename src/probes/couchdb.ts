import { z } from 'zod';
import { HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { productOf } from './openFacts.ts';

export const COUCHDB_FACTS = z.strictObject({
  protocol: z.literal('couchdb'),
  ...HTTP_API_FACTS,
  /** Of the question for the list of databases. */
  listStatus: z.int().optional(),
});

const ROOT = z.object({ couchdb: z.literal('Welcome'), version: z.string().optional() });

/** CouchDB: its welcome, and whether strangers may list databases (at most one is asked for). */
export const couchdbProbe = httpApiProbe({
  protocol: 'couchdb',
  ports: [5984, 6984],
  schema: COUCHDB_FACTS,
  async learn(ask) {
    const root = await ask('/');
    const said = root?.json(ROOT);
    const [, byHeader] = /^CouchDB\/([\w.+-]{1,60})/.exec(root?.header('server') ?? '') ?? [];
    if (!root || (!said && byHeader === undefined)) return undefined;
    const list = await ask('/_all_dbs?limit=1');
    const listed = list?.status !== 200 || list.json(z.array(z.string())) !== undefined;
    return {
      protocol: 'couchdb' as const,
      ...root.seen,
      openToStrangers: listed ? openByStatus(list?.status) : undefined,
      product: productOf('CouchDB', said?.version ?? byHeader),
      ...(list && { listStatus: list.status }),
    };
  },
});
