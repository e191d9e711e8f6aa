import { expect, test } from 'vitest';
import { VNC_FACTS, vncProbe } from '../../src/probes/vnc.ts';
import { X11_FACTS, x11Probe } from '../../src/probes/x11.ts';
import { answering, bytes, recorded } from './recorded.ts';
import type { Step } from './serve.ts';

const { run, testAll } = recorded({
  vnc: [vncProbe, VNC_FACTS],
  x11: [x11Probe, X11_FACTS],
});

const u16 = (value: number) => Buffer.from([value & 255, value >> 8]);

/** An X server that lets in: the fixed part, then the vendor. */
function x11Accepted(vendor: string, release: number): Buffer {
  const head = Buffer.alloc(40);
  head[0] = 1;
  head.writeUInt16LE(11, 2);
  head.writeUInt32LE(release, 8);
  head.writeUInt16LE(vendor.length, 24);
  return Buffer.concat([head, Buffer.from(vendor.padEnd(Math.ceil(vendor.length / 4) * 4, '\0'))]);
}

const vnc = (banner: string, reply: string, ...offer: Step[]): Step[] => [banner, { on: reply, send: '' }, ...offer];

testAll([
  [
    'type None',
    'vnc',
    vnc('RFB 003.008\n', 'RFB 003.008\n', bytes(2, 1, 2)),
    {
      tls: false,
      version: '3.8',
      openToStrangers: true,
      securityTypes: [1, 2],
    },
  ],
  [
    'a password',
    'vnc',
    vnc('RFB 003.007\n', 'RFB 003.007\n', bytes(2, 2, 16)),
    {
      tls: false,
      version: '3.7',
      openToStrangers: false,
      securityTypes: [2, 16],
    },
  ],
  [
    'RFB 3.3',
    'vnc',
    vnc('RFB 003.003\n', 'RFB 003.003\n', bytes(0, 0, 0, 2)),
    {
      tls: false,
      version: '3.3',
      openToStrangers: false,
      securityTypes: [2],
    },
  ],
  [
    'an own version',
    'vnc',
    vnc('RFB 003.889\n', 'RFB 003.008\n', bytes(4, 30, 33, 36, 35)),
    {
      tls: false,
      version: '3.889',
      openToStrangers: false,
      securityTypes: [30, 33, 36, 35],
    },
  ],
  [
    'too many failures',
    'vnc',
    vnc('RFB 003.008\n', 'RFB', bytes(0, 0, 0, 0, 4, 'wait')),
    {
      tls: false,
      version: '3.8',
      securityTypes: [],
      reason: 'wait',
    },
  ],
  [
    'VeNCrypt with a password',
    'vnc',
    vnc(
      'RFB 003.008\n',
      'RFB',
      bytes(2, 2, 19),
      { on: '\x13', send: bytes(0, 2) },
      { on: '\0\x02', send: bytes(0, 1, 0, 0, 1, 2) },
    ),
    {
      tls: false,
      version: '3.8',
      openToStrangers: false,
      securityTypes: [2, 19],
      veNCryptTypes: [258],
    },
  ],
  [
    'VeNCrypt without one',
    'vnc',
    vnc(
      'RFB 003.008\n',
      'RFB',
      bytes(1, 19),
      { on: '\x13', send: bytes(0, 2) },
      { on: '\0\x02', send: bytes(0, 2, 0, 0, 1, 2, 0, 0, 1, 1) },
    ),
    {
      tls: false,
      version: '3.8',
      openToStrangers: true,
      securityTypes: [19],
      veNCryptTypes: [258, 257],
    },
  ],
  [
    'a lying reason',
    'vnc',
    vnc('RFB 003.008\n', 'RFB', bytes(0, 255, 255, 255, 255, 'no'), { close: 'end' }),
    {
      tls: false,
      version: '3.8',
      securityTypes: [],
      reason: 'no',
    },
  ],
  [
    'refused',
    'x11',
    answering(Buffer.concat([bytes(0, 22), u16(11), u16(0), u16(6), bytes('No protocol specified\n\0\0')])),
    {
      tls: false,
      answer: 'refused',
      openToStrangers: false,
      reason: 'No protocol specified',
    },
  ],
  [
    'accepted',
    'x11',
    answering(x11Accepted('The X.Org Foundation', 12_101_007)),
    {
      tls: false,
      answer: 'accepted',
      openToStrangers: true,
      vendor: 'The X.Org Foundation',
      release: 12_101_007,
      product: { name: 'X.Org X server', version: '21.1.7' },
    },
  ],
  [
    'accepted by an older one',
    'x11',
    answering(x11Accepted('The X.Org Foundation', 12_013_000)),
    {
      tls: false,
      answer: 'accepted',
      openToStrangers: true,
      vendor: 'The X.Org Foundation',
      release: 12_013_000,
      product: { name: 'X.Org X server', version: '1.20.13' },
    },
  ],
  [
    'authenticate',
    'x11',
    answering(Buffer.concat([bytes(2, 0, 0, 0, 0, 0), u16(1), bytes('who\0')])),
    {
      tls: false,
      answer: 'authenticate',
      openToStrangers: false,
      reason: 'who',
    },
  ],
  ['zeros', 'x11', answering(Buffer.alloc(64)), undefined],
]);

test('VNC: no type that would log in is chosen', async () => {
  const { heard } = await run('vnc', vnc('RFB 003.008\n', 'RFB', bytes(2, 1, 2)));
  expect(heard()).toBe('RFB 003.008\n');
});

test.each([
  ['Client needs protocol version 2.0, server has 3.8', { name: 'TigerVNC' }],
  ['Unsupported version', undefined],
])('who refuses version 2.0 with %j', async (words, product) => {
  const { facts } = await run('vnc', (socket, index) => {
    socket.write('RFB 003.008\n');
    socket.once('data', () => socket.end(index === 0 ? bytes(1, 2) : bytes(0, 0, 0, 0, words.length, words)));
  });
  expect(facts).toMatchObject({ securityTypes: [2], openToStrangers: false });
  expect((facts as { product?: unknown }).product).toEqual(product);
});
