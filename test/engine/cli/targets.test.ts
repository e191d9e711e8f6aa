import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/engine/cli/args.ts';
import { readTarget } from '../../../src/engine/cli/targets.ts';
import { parsePattern } from '../../../src/policy/pattern.ts';

const problemOf = (text: string) => {
  const target = readTarget(text);
  if (target.ok) throw new Error('accepted');
  return target.problem;
};

describe('under the operator’s authority', () => {
  it.each<[string, string]>([
    ['localhost', 'localhost'],
    ['LOCALHOST.', 'localhost.'],
    ['db', 'db'],
    ['com', 'com'],
    ['metadata.google.internal', 'metadata.google.internal'],
    ['_dmarc.example.com', '_dmarc.example.com'],
    ['bücher.de', 'xn--bcher-kva.de'],
    ['r3---sn-ab5.example.com', 'r3---sn-ab5.example.com'],
  ])('%s is the name %s', (text, name) =>
    expect(readTarget(text)).toEqual({ ok: true, value: { kind: 'name', name } }),
  );

  it.each<[string, 4 | 6, string]>([
    ['0.0.0.0', 4, '0.0.0.0'],
    ['169.254.169.254', 4, '169.254.169.254'],
    ['::ffff:127.0.0.1', 6, '::ffff:127.0.0.1'],
    ['::7F00:1', 6, '::7f00:1'],
    ['10.0.0.0/32', 4, '10.0.0.0'],
    ['fe80::1/128', 6, 'fe80::1'],
  ])('%s is an address', (text, family, address) =>
    expect(readTarget(text)).toEqual({ ok: true, value: { kind: 'addresses', family, addresses: [address] } }),
  );

  it('ranges are as wide as 2^16 addresses', () => {
    expect(readTarget('10.1.0.0/16')).toMatchObject({ ok: true });
    expect(problemOf('10.0.0.0/15')).toMatchObject({
      code: 'wide-network',
      example: expect.stringContaining('10.0.0.0/16'),
    });
  });
});

describe('one grammar with the bot', () => {
  it.each([
    ...['127.1', '0x7f000001', '0127.0.0.1', '256.1.1.1', '8.8.8.8.', '１２７.0.0.1', '127。0。0。1', '\u200b8.8.8.8'],
    ...[
      '8.8.8.8%eth0',
      '8.8.8.8\n',
      'a\u202eb.example.com',
      'ｅｘａｍｐｌｅ.com',
      'x y',
      'xn--a.com',
      'example..com',
      '-a.com',
    ],
    ...[
      '8.8.8.7/24',
      '8.8.8.0/33',
      '8.8.8.0/08',
      'user:pw@host.example.com',
      '1:2:3',
      '[8.8.8.8]',
      'http://8.8.8.8/',
      'example.com/b',
      '8.8.8.*',
    ],
  ])('%j is refused for the same reason, in the same sentence', (text) => {
    const here = problemOf(text);
    const there = parsePattern(text);
    if (there.ok) throw new Error('accepted by the bot');
    expect([here.code, here.message.text]).toEqual([there.problem.code, there.problem.message.text]);
  });

  it.each([
    ...[
      '0',
      '80',
      '127.1',
      '1.2.3.4.5',
      'http://db:8443/',
      'https://[::1]:443',
      'ssh://db',
      'db:22',
      'a@b',
      '[::1]',
      'a/24',
    ],
    ...[
      '10.0.0.0/8',
      '2001:db8::/64',
      '10.1.2.3/16',
      '10.0.0.1/8',
      '192.0.2.*',
      '1.2.3.1-9',
      'fe80::1%lo',
      '*.a.b',
      'x y',
      '',
    ],
  ])('the example for %j works when typed', (text) => {
    const { example, message } = problemOf(text);
    const [, words = ''] = example.split('npm run scan -- ');
    expect(parseCommand(words.split(' '))).toMatchObject({ ok: true });
    expect(message.text).toMatch(/[.?]$/);
  });

  it('a lone number may be a port', () => {
    expect(problemOf('443').message.text).toContain('belongs to -p');
    expect(problemOf('2130706433').message.text).not.toContain('-p');
  });
});
