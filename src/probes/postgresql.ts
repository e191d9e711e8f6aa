import { z } from 'zod';
import { further, withLink } from './conversation.ts';
import type { Link } from './link.ts';
import { FACT_TEXT, FACT_TEXTS, factText, factTexts, OPEN_FACTS, productOf } from './openFacts.ts';
import { type BackendMessage, backendMessages, errorFields, nextText } from './postgresqlMessages.ts';
import type { Probe, ProbeContext } from './probe.ts';

const AUTH_METHODS = ['none', 'kerberos', 'password', 'md5', 'gss', 'sspi', 'sasl', 'other'] as const;

export const POSTGRESQL_FACTS = z.strictObject({
  protocol: z.literal('postgresql'),
  ...OPEN_FACTS,
  /** What came to SSLRequest. */
  tlsOffered: z.boolean(),
  /** What is asked for; `none`: the connection was accepted as it was. Undefined: refused before. */
  auth: z.enum(AUTH_METHODS).optional(),
  saslMechanisms: FACT_TEXTS.optional(),
  /** Of a refusal: SQLSTATE and words. */
  sqlState: FACT_TEXT.optional(),
  message: FACT_TEXT.optional(),
  /** As the server gives it after accepting. */
  serverVersion: FACT_TEXT.optional(),
});

type PostgresqlFacts = z.infer<typeof POSTGRESQL_FACTS>;

/** Frontend/Backend Protocol §55.7 "Message Formats". */
const SSL_REQUEST = Uint8Array.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);
const TERMINATE = Uint8Array.from([0x58, 0, 0, 0, 4]);
const AUTH_BY_CODE: ReadonlyMap<number, (typeof AUTH_METHODS)[number]> = new Map([
  [0, 'none'],
  [2, 'kerberos'],
  [3, 'password'],
  [5, 'md5'],
  [7, 'gss'],
  [9, 'sspi'],
  [10, 'sasl'],
]);
/** invalid_authorization_specification, and a password or role that is not accepted. */
const REFUSED_STATES = /^28/;

const MAX_BYTES = 16 * 1_024;
const QUIET_MS = 2_000;

/** Protocol 3.0, as the role that every cluster is made with; no password is ever sent. */
function startupMessage(): Buffer {
  const body = Buffer.from(
    '\0\x03\0\0user\0postgres\0database\0postgres\0application_name\0harbormaster\0\0',
    'latin1',
  );
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

/** PostgreSQL and what speaks like it: whether TLS is offered, and how it wants to know who is there. */
export const postgresqlProbe: Probe<PostgresqlFacts> = {
  protocol: 'postgresql',
  ports: [5432, 5433, 6432],
  run: (context) =>
    withLink(context, async (link) => {
      const inside = context.tls ?? false;
      const tlsOffered = inside ? true : await offersTls(link);
      if (tlsOffered === undefined) return undefined;
      if (typeof tlsOffered === 'object') return factsOf([tlsOffered], { tls: false, tlsOffered: false });
      if (tlsOffered && !inside) await link.secure({ ALPNProtocols: ['postgresql'] });
      const start = inside || tlsOffered ? 0 : 1;
      await link.write(startupMessage());
      const enough = (bytes: Buffer) =>
        bytes.length - start >= MAX_BYTES || isEnough(backendMessages(bytes.subarray(start)));
      const received = await link.read(enough, QUIET_MS);
      const facts = factsOf(backendMessages(received.subarray(start)).messages, { tls: tlsOffered, tlsOffered });
      if (facts?.auth === 'none') await link.write(TERMINATE).catch(() => undefined);
      if (!facts || facts.product || inside) return facts;
      const isItself = await further(refusesLikePostgresql(context));
      return isItself ? { ...facts, product: productOf('PostgreSQL') } : facts;
    }),
};

/** The function of PostgreSQL's own source that refuses an unknown protocol; what only speaks like it has no such field. */
const REFUSING_ROUTINE = 'ProcessStartupPacket';

/** Asks for protocol 99.0, which never was, on a link of its own: the error (§55.8, field R) tells who made the server. */
function refusesLikePostgresql(context: ProbeContext): Promise<boolean> {
  return withLink(context, async (link) => {
    await link.write(Uint8Array.of(0, 0, 0, 9, 0, 99, 0, 0, 0));
    const received = await link.read(
      (bytes) => bytes.length >= MAX_BYTES || isEnough(backendMessages(bytes)),
      QUIET_MS,
    );
    const error = backendMessages(received).messages.find(({ kind }) => kind === 'E')?.body;
    return error !== undefined && errorFields(error).get('R') === REFUSING_ROUTINE;
  });
}

/** The one byte after SSLRequest, or an error of a server that has other troubles; undefined: not PostgreSQL. */
async function offersTls(link: Link): Promise<boolean | BackendMessage | undefined> {
  await link.write(SSL_REQUEST);
  const isError = (bytes: Buffer) => bytes[0] === 0x45;
  const received = await link.read(
    (bytes) => bytes.length > 0 && (!isError(bytes) || bytes.length >= MAX_BYTES || isEnough(backendMessages(bytes))),
    QUIET_MS,
  );
  if (isError(received)) return backendMessages(received).messages[0];
  const answer = received.length === 1 ? received.toString('latin1') : '';
  return answer === 'S' ? true : answer === 'N' ? false : undefined;
}

/** Until it asks, refuses, or is ready for queries after having accepted. */
function isEnough({ messages, broken }: ReturnType<typeof backendMessages>): boolean {
  if (broken) return true;
  return messages.some(({ kind, body }) => kind === 'E' || kind === 'Z' || (kind === 'R' && authOf(body) !== 'none'));
}

function authOf(body: Buffer): (typeof AUTH_METHODS)[number] | undefined {
  return body.length < 4 ? undefined : (AUTH_BY_CODE.get(body.readInt32BE(0)) ?? 'other');
}

function factsOf(
  messages: readonly BackendMessage[],
  seen: Pick<PostgresqlFacts, 'tls' | 'tlsOffered'>,
): PostgresqlFacts | undefined {
  const request = messages.find(({ kind }) => kind === 'R')?.body;
  const auth = request && authOf(request);
  const error = messages.find(({ kind }) => kind === 'E')?.body;
  const fields = error && errorFields(error);
  if (auth === undefined && !fields?.has('C')) return undefined;
  const [sqlState, message] = [fields?.get('C'), fields?.get('M')];
  const refused = auth !== undefined || REFUSED_STATES.test(sqlState ?? '') ? false : undefined;
  return {
    protocol: 'postgresql',
    ...seen,
    openToStrangers: auth === 'none' ? true : refused,
    ...(auth && { auth }),
    ...(auth === 'sasl' && request && { saslMechanisms: mechanismsOf(request.subarray(4)) }),
    ...(sqlState !== undefined && { sqlState: factText(sqlState) }),
    ...(message !== undefined && { message: factText(message) }),
    ...versionFacts(messages),
  };
}

function mechanismsOf(body: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; names.length < 64; ) {
    const text = nextText(body, at);
    if (!text || text.text === '') break;
    names.push(text.text);
    at = text.end;
  }
  return factTexts(names);
}

function versionFacts(messages: readonly BackendMessage[]): Pick<PostgresqlFacts, 'serverVersion' | 'product'> {
  const parameters = new Map<string, string>();
  for (const { kind, body } of messages) {
    const name = kind === 'S' ? nextText(body, 0) : undefined;
    const value = name && nextText(body, name.end);
    if (value) parameters.set(name.text, value.text);
  }
  const serverVersion = parameters.get('server_version');
  if (serverVersion === undefined) return {};
  const cockroach = parameters.get('crdb_version');
  const product = cockroach === undefined ? 'PostgreSQL' : 'CockroachDB';
  // `15.14 (Debian 15.14-0+deb12u1)`, `CockroachDB CCL v23.1.11 (…)`.
  const version = /\d[\w.]{0,40}/.exec((cockroach ?? serverVersion).slice(0, 100))?.[0];
  return { serverVersion: factText(serverVersion), product: productOf(product, version) };
}
