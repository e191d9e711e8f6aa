import { z } from 'zod';
import { type BsonValue, decodeBson, encodeBson, int32 } from './bson.ts';
import { further } from './conversation.ts';
import type { Link } from './link.ts';
import { FACT_TEXT, factText, OPEN_FACTS, productOf } from './openFacts.ts';
import { plainOrTls } from './plainOrTls.ts';
import type { Probe } from './probe.ts';

export const MONGODB_FACTS = z.strictObject({
  protocol: z.literal('mongodb'),
  ...OPEN_FACTS,
  role: z.enum(['standalone', 'replica-set', 'router']).optional(),
  replicaSet: FACT_TEXT.optional(),
  maxWireVersion: z.int().optional(),
  /** To listDatabases: how many, or the name of the error. No names are kept. */
  databases: z.int().min(0).max(1_024).optional(),
  refusal: FACT_TEXT.optional(),
});

type MongodbFacts = z.infer<typeof MONGODB_FACTS>;
type Answer = ReadonlyMap<string, BsonValue>;

const OP_MSG = 2013;
const HEADER = 16;
/** A reply that is longer is read as far as this. */
const MAX_REPLY_BYTES = 64 * 1_024;
const QUIET_MS = 2_000;
const UNAUTHORIZED = 13;

/**
 * MongoDB from 3.6 on (Wire Protocol, OP_MSG): hello and buildInfo, which strangers are told, and listDatabases, which they
 * must not be.
 */
export const mongodbProbe: Probe<MongodbFacts> = {
  protocol: 'mongodb',
  ports: [27_017, 27_018, 27_019],
  run: (context) =>
    plainOrTls(context, async (link, tls) => {
      const talk = { link, consumed: 0, requestId: 0 };
      const hello = await command(talk, { hello: 1 });
      if (!hello) return undefined;
      const list = await further(command(talk, { listDatabases: 1, nameOnly: true }));
      const build = list && (await further(command(talk, { buildInfo: 1 })));
      const version = build?.get('version');
      return {
        protocol: 'mongodb',
        tls,
        ...helloFacts(hello),
        ...listFacts(list),
        ...(typeof version === 'string' && { product: productOf('MongoDB', version) }),
      };
    }),
};

interface Talk {
  readonly link: Link;
  consumed: number;
  requestId: number;
}

/** One command to the admin database, and the document that came back; undefined when none did. */
async function command(talk: Talk, fields: Record<string, string | number | boolean>): Promise<Answer | undefined> {
  talk.requestId += 1;
  const body = encodeBson({ ...fields, $db: 'admin' });
  const head = [HEADER + 5 + body.length, talk.requestId, 0, OP_MSG, 0].map(int32);
  await talk.link.write(Buffer.concat([...head, Buffer.of(0), body]));
  const start = talk.consumed;
  const received = await talk.link.read((bytes) => {
    const length = replyLength(bytes.subarray(start), talk.requestId);
    return length === false || (length !== undefined && bytes.length - start >= Math.min(length, MAX_REPLY_BYTES));
  }, QUIET_MS);
  const reply = received.subarray(start);
  const length = replyLength(reply, talk.requestId);
  if (length === undefined || length === false) return undefined;
  talk.consumed += length;
  // Flags, then one section of kind 0: the document.
  if (reply[HEADER + 4] !== 0) return undefined;
  const answer = decodeBson(reply.subarray(HEADER + 5, Math.min(length, MAX_REPLY_BYTES)));
  return answer?.has('ok') || answer?.has('databases') ? answer : undefined;
}

/** What the header says, when it is the header of an answer to this request. Undefined: not all there yet. */
function replyLength(bytes: Buffer, requestId: number): number | undefined | false {
  if (bytes.length < HEADER) return undefined;
  const length = bytes.readInt32LE(0);
  if (bytes.readInt32LE(8) !== requestId || bytes.readInt32LE(12) !== OP_MSG) return false;
  return length > HEADER + 9 && length <= 48_000_000 ? length : false;
}

function helloFacts(hello: Answer): Partial<MongodbFacts> {
  const [setName, wire] = [hello.get('setName'), hello.get('maxWireVersion')];
  const isServer = hello.get('ok') === 1;
  const role = hello.get('msg') === 'isdbgrid' ? 'router' : typeof setName === 'string' ? 'replica-set' : 'standalone';
  return {
    ...(isServer && { role }),
    ...(typeof setName === 'string' && { replicaSet: factText(setName) }),
    ...(typeof wire === 'number' && Number.isSafeInteger(wire) && { maxWireVersion: wire }),
  };
}

function listFacts(list: Answer | undefined): Partial<MongodbFacts> {
  const databases = list?.get('databases');
  if (typeof databases === 'object' && databases.kind === 'array') {
    return { openToStrangers: true, databases: decodeBson(databases.bytes)?.size ?? 0 };
  }
  const [code, name] = [list?.get('code'), list?.get('codeName')];
  const refusal = typeof name === 'string' ? name : list?.get('errmsg');
  return {
    ...(code === UNAUTHORIZED && { openToStrangers: false }),
    ...(typeof refusal === 'string' && { refusal: factText(refusal) }),
  };
}
