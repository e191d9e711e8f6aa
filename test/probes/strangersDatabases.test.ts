import { expect, test } from 'vitest';
import { encodeBson, int32 } from '../../src/probes/bson.ts';
import { MONGODB_FACTS, mongodbProbe } from '../../src/probes/mongodb.ts';
import { POSTGRESQL_FACTS, postgresqlProbe } from '../../src/probes/postgresql.ts';
import { answering, bytes, recorded, u32be } from './recorded.ts';
import type { Step } from './serve.ts';

const { run, testAll } = recorded({
  mongodb: [mongodbProbe, MONGODB_FACTS],
  postgresql: [postgresqlProbe, POSTGRESQL_FACTS],
});

/** OP_MSG from the server: `to` is the number of the request. */
function opMsg(to: number, document: Buffer): Buffer {
  const head = [21 + document.length, 900 + to, to, 2013, 0].map(int32);
  return Buffer.concat([...head, Buffer.of(0), document]);
}
const nested = (type: number, name: string, inner: Buffer, rest: Buffer) => {
  const body = Buffer.concat([Buffer.of(type), Buffer.from(`${name}\0`), inner, rest.subarray(4)]);
  return Buffer.concat([int32(body.length + 4), body]);
};
const HELLO = encodeBson({ isWritablePrimary: true, setName: 'rs0', maxWireVersion: 21, ok: 1 });
const DATABASES = nested(
  4,
  'databases',
  nested(3, '0', encodeBson({ name: 'admin' }), nested(3, '1', encodeBson({ name: 'local' }), encodeBson({}))),
  encodeBson({ ok: 1 }),
);
const NOT_FOR_YOU = encodeBson({
  ok: 0,
  errmsg: 'Command listDatabases requires authentication',
  code: 13,
  codeName: 'Unauthorized',
});
const BUILD = encodeBson({ version: '7.0.14', ok: 1 });
const mongo = (list: Buffer): Step[] => [
  { on: 'hello', send: opMsg(1, HELLO) },
  { on: 'listDatabases', send: opMsg(2, list) },
  { on: 'buildInfo', send: opMsg(3, BUILD) },
];

/** A message of PostgreSQL's backend. */
const pg = (kind: string, body: Buffer) => Buffer.concat([Buffer.from(kind), u32be(body.length + 4), body]);
const pgError = (code: string, message: string) => pg('E', bytes(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`));
const SASL = pg('R', Buffer.concat([u32be(10), bytes('SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0')]));
const afterNoTls = (...messages: Buffer[]): Step[] => [
  { on: '\x04\xd2\x16\x2f', send: 'N' },
  { on: 'user\0postgres', send: Buffer.concat(messages) },
];

testAll([
  [
    'open',
    'mongodb',
    mongo(DATABASES),
    {
      tls: false,
      openToStrangers: true,
      role: 'replica-set',
      replicaSet: 'rs0',
      maxWireVersion: 21,
      databases: 2,
      product: { name: 'MongoDB', version: '7.0.14' },
    },
  ],
  [
    'login wanted',
    'mongodb',
    mongo(NOT_FOR_YOU),
    {
      tls: false,
      openToStrangers: false,
      role: 'replica-set',
      replicaSet: 'rs0',
      maxWireVersion: 21,
      refusal: 'Unauthorized',
      product: { name: 'MongoDB', version: '7.0.14' },
    },
  ],
  [
    'closes after hello',
    'mongodb',
    [{ on: 'hello', send: opMsg(1, HELLO) }, { close: 'reset' }],
    {
      tls: false,
      role: 'replica-set',
      replicaSet: 'rs0',
      maxWireVersion: 21,
    },
  ],
  [
    'a lying length',
    'mongodb',
    answering(Buffer.concat([[0x7fffffff, 5, 1, 2013].map(int32), HELLO].flat())),
    undefined,
  ],
  ['an answer to something else', 'mongodb', answering(opMsg(77, HELLO)), undefined],
  [
    'scram',
    'postgresql',
    afterNoTls(SASL),
    {
      tls: false,
      tlsOffered: false,
      openToStrangers: false,
      auth: 'sasl',
      saslMechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'],
    },
  ],
  [
    'a password in the clear',
    'postgresql',
    afterNoTls(pg('R', u32be(3))),
    {
      tls: false,
      tlsOffered: false,
      openToStrangers: false,
      auth: 'password',
    },
  ],
  [
    'md5',
    'postgresql',
    afterNoTls(pg('R', Buffer.concat([u32be(5), bytes('salt')]))),
    {
      tls: false,
      tlsOffered: false,
      openToStrangers: false,
      auth: 'md5',
    },
  ],
  [
    'trust',
    'postgresql',
    afterNoTls(
      pg('R', u32be(0)),
      pg('S', bytes('server_version\x0015.14 (Debian 15.14-0+deb12u1)\0')),
      pg('Z', bytes('I')),
    ),
    {
      tls: false,
      tlsOffered: false,
      openToStrangers: true,
      auth: 'none',
      serverVersion: '15.14 (Debian 15.14-0+deb12u1)',
      product: { name: 'PostgreSQL', version: '15.14' },
    },
  ],
  [
    'trust without that role',
    'postgresql',
    afterNoTls(pg('R', u32be(0)), pgError('28000', 'role "postgres" does not exist')),
    {
      tls: false,
      tlsOffered: false,
      openToStrangers: true,
      auth: 'none',
      sqlState: '28000',
      message: 'role "postgres" does not exist',
    },
  ],
  [
    'no entry in pg_hba.conf',
    'postgresql',
    afterNoTls(pgError('28000', 'no pg_hba.conf entry for host "192.0.2.1"')),
    {
      tls: false,
      tlsOffered: false,
      openToStrangers: false,
      sqlState: '28000',
      message: 'no pg_hba.conf entry for host "192.0.2.1"',
    },
  ],
  [
    'too many clients',
    'postgresql',
    [{ on: '', send: pgError('53300', 'sorry, too many clients already') }, { close: 'end' }],
    {
      tls: false,
      tlsOffered: false,
      sqlState: '53300',
      message: 'sorry, too many clients already',
    },
  ],
  ['a lying length', 'postgresql', afterNoTls(bytes('R', 0x7f, 0xff, 0xff, 0xff)), undefined],
  ['more than one byte to SSLRequest', 'postgresql', answering('Nonsense'), undefined],
]);

const QUESTIONS = [
  '\0\0\0\x08\x04\xd2\x16\x2f',
  '\0\0\0\x47\0\x03\0\0user\0postgres\0database\0postgres\0application_name\0harbormaster\0\0',
].join('');

test('PostgreSQL: an accepted session is ended', async () => {
  const { heard } = await run('postgresql', afterNoTls(pg('R', u32be(0)), pg('Z', bytes('I'))));
  await expect.poll(heard).toBe(`${QUESTIONS}X\0\0\0\x04`);
});

test('PostgreSQL: a question for a password stays unanswered', async () => {
  const { heard } = await run('postgresql', afterNoTls(pg('R', u32be(3))));
  expect(heard()).toBe(QUESTIONS);
});

test.each([
  ['ProcessStartupPacket', { name: 'PostgreSQL' }],
  ['readStartupMessage', undefined],
])('who refuses an unknown protocol in %s', async (routine, product) => {
  const refusal = pg('E', bytes(`SFATAL\0C0A000\0Munsupported frontend protocol\0R${routine}\0\0`));
  const { facts } = await run('postgresql', (socket, index) => {
    const answers = index === 0 ? ['N', SASL] : [refusal];
    socket.on('data', () => socket.write(answers.shift() ?? ''));
  });
  expect(facts).toMatchObject({ auth: 'sasl', openToStrangers: false });
  expect((facts as { product?: unknown }).product).toEqual(product);
});
