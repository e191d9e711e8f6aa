import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DNS_FACTS, dnsProbe } from '../../src/probes/dns.ts';
import { bytes, recorded } from './recorded.ts';
import type { Step } from './serve.ts';

const { run, testAll } = recorded({ dns: [dnsProbe, DNS_FACTS] });

const [VERSION, ROOT] = [1, 2];
const QUESTION = bytes(7, 'version', 4, 'bind', 0, 0, 16, 0, 3);
/** Its name points to the question's. */
const record = (text: string) => bytes(0xc0, 12, 0, 16, 0, 3, 0, 0, 0, 0, 0, text.length + 1, text.length, text);

interface Answer {
  readonly id: number;
  readonly recursion?: boolean;
  readonly code?: number;
  /** Of `version.bind`. */
  readonly text?: string;
}

/** A message with its length, as it goes over TCP. */
function message({ id, recursion = false, code = 0, text }: Answer): Buffer {
  const [question, records] =
    id === VERSION ? [QUESTION, text === undefined ? [] : [record(text)]] : [bytes(0, 0, 2, 0, 1), []];
  const header = bytes(0, id, 0x84, (recursion ? 0x80 : 0) | code, 0, 1, 0, records.length, 0, 0, 0, 0);
  const body = Buffer.concat([header, question, ...records]);
  return Buffer.concat([bytes(body.length >> 8, body.length & 255), body]);
}

const answered = (...answers: readonly Answer[]): Step[] => [{ on: 'bind', send: Buffer.concat(answers.map(message)) }];
const wide = { timeout: 10_000 };

testAll([
  [
    'a version, and recursion for everyone',
    'dns',
    answered({ id: VERSION, text: '9.18.49-1~deb12u3-Debian' }, { id: ROOT, recursion: true }),
    { tls: false, responseCode: 0, version: '9.18.49-1~deb12u3-Debian', recursionOffered: true },
  ],
  [
    'the answers in the other order',
    'dns',
    answered({ id: ROOT, code: 5 }, { id: VERSION, text: 'unbound 1.17.1' }),
    { tls: false, responseCode: 0, version: 'unbound 1.17.1', recursionOffered: false },
  ],
  [
    'a version kept secret',
    'dns',
    answered({ id: VERSION, code: 5 }, { id: ROOT }),
    { tls: false, responseCode: 5, recursionOffered: false },
  ],
  [
    'an empty version',
    'dns',
    answered({ id: VERSION, text: '' }, { id: ROOT }),
    { tls: false, responseCode: 0, recursionOffered: false },
  ],
  ['HTTP', 'dns', ['HTTP/1.1 400 Bad Request\r\n\r\n', { close: 'end' }], undefined],
  ['an answer to another question', 'dns', answered({ id: 7 }), undefined],
  ['our questions sent back', 'dns', (socket) => void socket.pipe(socket), undefined],
  ['a length of nothing', 'dns', [{ on: 'bind', send: bytes(0, 0, 0, 0) }, { close: 'end' }], undefined],
]);

test('one answer of two is enough', async () => {
  const { facts } = await run('dns', [...answered({ id: VERSION, text: 'x' }), { close: 'end' }]);
  expect(facts).toEqual({ protocol: 'dns', tls: false, responseCode: 0, version: 'x' });
});

test('two questions, without a wish for recursion', async () => {
  const { heard } = await run('dns', answered({ id: VERSION }, { id: ROOT }));
  const version = '\0\x1e\0\x01\0\0\0\x01\0\0\0\0\0\0\x07version\x04bind\0\0\x10\0\x03';
  expect(heard()).toBe(`${version}\0\x11\0\x02\0\0\0\x01\0\0\0\0\0\0\0\0\x02\0\x01`);
});

test('never throws, whatever comes back under a true header', wide, async () => {
  const whole = message({ id: VERSION, text: 'version' });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: whole.length - 1 }),
      fc.uint8Array({ maxLength: 40 }),
      async (at, noise) => {
        const body = Buffer.concat([whole.subarray(2, Math.max(14, at)), noise]);
        const send = Buffer.concat([bytes(body.length >> 8, body.length & 255), body]);
        await run('dns', [{ on: 'bind', send }, { close: 'end' }]);
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});
