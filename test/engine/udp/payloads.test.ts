import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { payloadFor, QUESTIONED_PORTS } from '../../../src/engine/udp/payloads.ts';
import { plainDer, readBlocks, readDer, readQuestion } from './decode.ts';

function packetFor(port: number): Buffer {
  return Buffer.from(payloadFor(port));
}

function textFor(port: number): string {
  return packetFor(port).toString('latin1');
}

function derFor(port: number): readonly unknown[] {
  return readDer(payloadFor(port)).map(plainDer);
}

async function bound(host = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}

/** What the system's own DNS library (c-ares) sends for a name. */
async function queryOfResolver(name: string, type: 'TXT' | 'PTR') {
  const server = await bound();
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  const asked = resolver.resolve(name, type).catch(() => undefined);
  const [packet] = await once(server, 'message');
  resolver.cancel();
  await asked;
  server.close();
  return readQuestion(packet);
}

describe('limits', () => {
  it('has a datagram of at most 512 bytes for every port, and no bytes for most', () => {
    const asked: number[] = [];
    for (let port = 1; port <= 65_535; port += 1) {
      const { length } = payloadFor(port);
      expect(length).toBeLessThanOrEqual(512);
      if (length > 0) asked.push(port);
    }
    expect(asked).toEqual(QUESTIONED_PORTS);
  });

  it('is mostly under 64 bytes', () => {
    const small = QUESTIONED_PORTS.filter((port) => payloadFor(port).length <= 64);
    expect(small.length / QUESTIONED_PORTS.length).toBeGreaterThan(0.7);
  });

  it.each([9, 13, 17, 19, 37, 67, 68, 138, 162, 443, 514, 853, 902, 3389, 4789, 5355, 51_820])(
    'asks nothing at %i',
    (port) => {
      expect(payloadFor(port)).toHaveLength(0);
    },
  );
});

describe('names', () => {
  it.each<[number, string, number, number]>([
    [53, 'version.bind', 16, 3],
    [8600, 'version.bind', 16, 3],
    [5353, '_services._dns-sd._udp.local', 12, 0x8001],
    [137, `CK${'A'.repeat(30)}`, 0x21, 1],
  ])('%i: one question, %s', (port, name, type, queryClass) => {
    expect(readQuestion(payloadFor(port))).toEqual({
      id: 0x484d,
      flags: 0,
      counts: [1, 0, 0, 0],
      name,
      type,
      class: queryClass,
    });
  });

  it.each<[number, 'TXT' | 'PTR']>([
    [53, 'TXT'],
    [5353, 'PTR'],
  ])('%i: name and type as another DNS library writes them', async (port, type) => {
    const ours = readQuestion(payloadFor(port));
    const theirs = await queryOfResolver(ours.name, type);
    expect({ name: ours.name, type: ours.type }).toEqual({ name: theirs.name, type: theirs.type });
  });
});

describe('ASN.1', () => {
  it('161: SNMPv3 discovery without engine, user or community (RFC 3414 §4)', () => {
    const security = [0x30, 14, 4, 0, 2, 1, 0, 2, 1, 0, 4, 0, 4, 0, 4, 0];
    expect(derFor(161)).toEqual([
      [3, [1, 1472, '\x04', 3], String.fromCharCode(...security), ['', '', ['[0]', 1, 0, 0, []]]],
    ]);
    expect(textFor(161)).not.toMatch(/public|private/);
  });

  it('389: one attribute of the root DSE (RFC 4511 §4.5.1)', () => {
    expect(derFor(389)).toEqual([[1, ['[3]', '', 0, 0, 0, 0, false, 'objectClass', ['supportedLDAPVersion']]]]);
  });

  it('88: AS-REQ without a client (RFC 4120 §5.4.1)', () => {
    const body = [
      ['[0]', '\0\0\0\0\0'],
      ['[2]', 'INVALID'],
      [
        '[3]',
        [
          ['[0]', 2],
          ['[1]', ['krbtgt', 'INVALID']],
        ],
      ],
      ['[5]', '19700101000000Z'],
      ['[7]', 0x484d],
      ['[8]', [18, 17]],
    ];
    expect(derFor(88)).toEqual([
      [
        '[10]',
        [
          ['[1]', 5],
          ['[2]', 10],
          ['[4]', body],
        ],
      ],
    ]);
  });
});

describe('fixed headers', () => {
  it.each<[number, string, string]>([
    [7, 'echo, RFC 862', '48'],
    [123, 'NTP, RFC 5905 §7.3: version 4, mode 3', `23${'00'.repeat(39)}e000000000000000`],
    [69, 'TFTP, RFC 1350 §5', `0001${Buffer.from('harbormaster-no-such-file\0octet\0').toString('hex')}`],
    [177, 'XDMCP Query', '00010002000100'],
    [520, 'RIP, RFC 2453 §3.9.1', `01020000${'00020000'}${'00'.repeat(12)}00000010`],
    [623, 'RMCP, DSP0136 §3.2.4', '0600ff06000011be80480000'],
    [1434, 'MC-SQLR §2.2.2', '03'],
    [5351, 'NAT-PMP, RFC 6886 §3.2', '0000'],
    [5683, 'CoAP, RFC 7252 §4.3', '4000484d'],
    [25565, 'Minecraft query', 'fefd0900000001'],
    [3478, 'STUN, RFC 8489 §5', `000100002112a442${Buffer.from('harbormaster').toString('hex')}`],
    [11211, 'memcached', `484d000000010000${Buffer.from('version\r\n').toString('hex')}`],
    [1194, 'OpenVPN', `38${Buffer.from('HARBORMR').toString('hex')}0000000000`],
  ])('%i: %s', (port, _, hex) => {
    expect(packetFor(port).toString('hex')).toBe(hex);
  });

  it.each<[number, number, number]>([
    [111, 100_000, 2],
    [2049, 100_003, 3],
    [20_048, 100_005, 3],
  ])('%i: call of procedure 0 of program %i, version %i (RFC 5531 §9)', (port, program, version) => {
    const words = Array.from({ length: 10 }, (_, index) => packetFor(port).readUInt32BE(index * 4));
    expect(words).toEqual([0x484d, 0, 2, program, version, 0, 0, 0, 0, 0]);
    expect(packetFor(port)).toHaveLength(40);
  });

  it.each([1645, 1812, 1813])('%i: Status-Server that guesses no secret (RFC 5997 §3)', (port) => {
    const packet = packetFor(port);
    expect([packet[0], packet.readUInt16BE(2)]).toEqual([12, packet.length]);
    expect(packet.subarray(20)).toEqual(Buffer.from([80, 18, ...Buffer.alloc(16)]));
  });

  it('427: the length of the SLP message is its own, and its strings fill it (RFC 2608 §8)', () => {
    const packet = packetFor(427);
    expect([packet[0], packet[1], packet.readUIntBE(2, 3)]).toEqual([2, 1, packet.length]);
    const strings: string[] = [];
    for (let offset = 12; offset < packet.length; ) {
      const length = packet.readUInt16BE(offset);
      strings.push(packet.toString('latin1', offset + 2, offset + 2 + length));
      offset += 2 + length;
    }
    expect(strings).toEqual(['en', '', 'service:x-harbormaster', 'DEFAULT', '', '']);
  });
});

describe('tunnels', () => {
  it('500: IKE_SA_INIT with SA, key exchange and nonce (RFC 7296 §1.2)', () => {
    const packet = packetFor(500);
    expect(packet.subarray(16, 20)).toEqual(Buffer.from([33, 0x20, 34, 0x08]));
    expect(packet.readUInt32BE(24)).toBe(packet.length);
    const [offer, key, nonce, ...rest] = readBlocks(packet.subarray(28), 2, 4);
    expect([offer?.head[0], key?.head[0], nonce?.head[0], rest]).toEqual([34, 40, 0, []]);
    expect([key?.contents.readUInt16BE(0), key?.contents.length]).toEqual([31, 4 + 32]);
    expect(nonce?.contents.length).toBeGreaterThanOrEqual(16);
    const [proposal, ...others] = readBlocks(offer?.contents ?? Buffer.alloc(0), 2, 8);
    expect([...(proposal?.head.subarray(4) ?? []), others.length]).toEqual([1, 1, 0, 4, 0]);
    const transforms = readBlocks(proposal?.contents ?? Buffer.alloc(0), 2, 8);
    expect(transforms.map(({ head }) => [head[0], head[4], head.readUInt16BE(6)])).toEqual([
      [3, 1, 12],
      [3, 2, 5],
      [3, 3, 12],
      [0, 4, 31],
    ]);
    expect(transforms[0]?.contents.toString('hex')).toBe('800e0080');
  });

  it('4500: the same behind the non-ESP marker (RFC 3948 §2.2)', () => {
    expect(packetFor(4500)).toEqual(Buffer.concat([Buffer.alloc(4), packetFor(500)]));
  });

  it('1701: SCCRQ with the pairs it must have (RFC 2661 §6.1)', () => {
    const packet = packetFor(1701);
    expect([packet.readUInt16BE(0), packet.readUInt16BE(2)]).toEqual([0xc802, packet.length]);
    const pairs = readBlocks(packet.subarray(12), 0, 6, 0x3ff);
    expect(pairs.map(({ head, contents }) => [head.readUInt16BE(4), contents.toString('hex')])).toEqual([
      [0, '0001'],
      [2, '0100'],
      [3, '00000003'],
      [7, Buffer.from('harbormaster').toString('hex')],
      [9, '0001'],
    ]);
  });

  it.each([5349, 5684])('%i: a ClientHello without cookie, lengths that agree (RFC 6347 §4)', (port) => {
    const packet = packetFor(port);
    expect([packet[0], packet.readUInt16BE(1), packet.readUInt16BE(11)]).toEqual([22, 0xfefd, packet.length - 13]);
    const handshake = packet.subarray(13);
    expect([handshake[0], handshake.readUIntBE(1, 3), handshake.readUIntBE(9, 3)]).toEqual([
      1,
      handshake.length - 12,
      handshake.length - 12,
    ]);
    const hello = handshake.subarray(12);
    expect([hello.readUInt16BE(0), hello[34], hello[35], hello.readUInt16BE(36)]).toEqual([0xfefd, 0, 0, 8]);
    expect(hello.readUInt16BE(48)).toBe(hello.length - 50);
  });
});

describe('text', () => {
  it('5060: OPTIONS with every header a request must have (RFC 3261 §8.1.1)', () => {
    const [head, body] = textFor(5060).split('\r\n\r\n');
    const [start, ...headers] = head?.split('\r\n') ?? [];
    expect(start).toMatch(/^OPTIONS sip:\S+ SIP\/2\.0$/);
    expect(headers.map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['Via', 'Max-Forwards', 'From', 'To', 'Call-ID', 'CSeq']),
    );
    expect(head).toMatch(/branch=z9hG4bK\w+;rport/);
    expect(body).toBe('');
  });

  it('1900: M-SEARCH for root devices, not for everything', () => {
    expect(textFor(1900)).toMatch(/^M-SEARCH \* HTTP\/1\.1\r\n(?:[A-Z]+: .+\r\n){4}\r\n$/);
    expect(textFor(1900)).toContain('\r\nMAN: "ssdp:discover"\r\n');
    expect(textFor(1900)).not.toContain('ssdp:all');
  });
});

describe('an empty datagram', () => {
  it('draws ICMP port unreachable where nothing listens', async () => {
    const gone = await bound();
    const { port } = gone.address();
    gone.close();
    const socket = createSocket('udp4');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
    socket.send(payloadFor(port));
    expect((await failed).code).toBe('ECONNREFUSED');
    socket.close();
  });

  it('arrives where something does', async () => {
    const server = await bound();
    const socket = createSocket('udp4');
    socket.send(payloadFor(server.address().port), server.address().port, '127.0.0.1');
    const [message] = await once(server, 'message');
    expect(message).toHaveLength(0);
    socket.close();
    server.close();
  });
});
