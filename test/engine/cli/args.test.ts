import { describe, expect, it } from 'vitest';
import { type Command, parseCommand } from '../../../src/engine/cli/args.ts';
import { HELP } from '../../../src/engine/cli/help.ts';

function commandOf(...args: string[]): Command {
  const parsed = parseCommand(args);
  if (!parsed.ok) throw new Error(parsed.problem.message.text);
  if (parsed.value === 'help') throw new Error('help');
  return parsed.value;
}

function problemOf(...args: string[]) {
  const parsed = parseCommand(args);
  if (parsed.ok) throw new Error('accepted');
  return parsed.problem;
}

function addressesOf(...args: string[]): readonly string[] {
  return commandOf(...args, '-p', '22').targets.flatMap((target) =>
    target.kind === 'addresses' ? target.addresses : [target.name],
  );
}

describe('what the command line accepts', () => {
  it.each<[string[], readonly string[]]>([
    [['127.0.0.1'], ['127.0.0.1']],
    [
      ['127.0.0.1', 'db.example.com', '::1'],
      ['127.0.0.1', 'db.example.com', '::1'],
    ],
    [['192.0.2.0/30'], ['192.0.2.0', '192.0.2.1', '192.0.2.2', '192.0.2.3']],
    [['192.0.2.7/32'], ['192.0.2.7']],
    [['2001:DB8::/127'], ['2001:db8::', '2001:db8::1']],
    [['2001:db8:0:0:0:0:0:1'], ['2001:db8::1']],
    [['_dmarc.example.com.'], ['_dmarc.example.com.']],
    [['8-8-8-8.example'], ['8-8-8-8.example']],
  ])('%j', (args, addresses) => {
    expect(addressesOf(...args)).toEqual(addresses);
  });

  it('takes a /16 whole, all ports of a /24, and no more', () => {
    expect(addressesOf('10.1.0.0/16')).toHaveLength(65_536);
    expect(parseCommand(['10.1.0.0/24', '-p', '1-65535']).ok).toBe(true);
    expect(problemOf('10.1.0.0/16', '10.2.0.1', '-p', '22').code).toBe('many-hosts');
    expect(problemOf('10.1.0.0/23', '-p', '1-65535').code).toBe('too-many-probes');
  });

  it('reads every option', () => {
    const flags =
      '--timeout 500 --deadline 60000 --rate 100 --retries 0 --on-rate-limit stop --transport net --json -4';
    expect(commandOf('localhost', '-p', '22,53/udp', '--ports', 'ssh 443', ...flags.split(' '))).toEqual({
      targets: [{ kind: 'name', name: 'localhost' }],
      family: 4,
      ports: { tcp: [22, 443], udp: [53] },
      json: true,
      transport: 'net',
      options: { timeoutMs: 500, deadlineMs: 60_000, packetsPerSecond: 100, retries: 0, onRateLimit: 'stop' },
    });
  });

  it('leaves out what is not given', () => {
    expect(commandOf('::1', '-p', '22')).toMatchObject({ family: 0, json: false, transport: undefined, options: {} });
  });

  it('--help wins over mistakes elsewhere, but not over an unknown option', () => {
    expect(parseCommand(['-h'])).toEqual({ ok: true, value: 'help' });
    expect(parseCommand(['127.1', '--help'])).toEqual({ ok: true, value: 'help' });
    expect(problemOf('--help', '--nonsense').code).toBe('bad-option');
  });
});

describe('what it refuses', () => {
  it.each<[string, string[], RegExp]>([
    ['no host', ['-p', '22'], /host/],
    ['no ports', ['127.0.0.1'], /-p/],
    ['no value', ['127.0.0.1', '-p'], /-p needs a value/],
    ['an unknown option', ['127.0.0.1', '-p', '22', '--sudo'], /--sudo.*--help/],
    ['a slip', ['127.0.0.1', '-p', '22', '--tranport', 'net'], /Did you mean --transport\?/],
    ['a value too many', ['127.0.0.1', '-p', '22', '--json=1'], /--json takes no value/],
    ['a bad port', ['127.0.0.1', '-p', '0x16'], /0x16/],
    ['a negative port', ['127.0.0.1', '-p', '-22'], /-22/],
    ['blanks in the list', ['127.0.0.1', '-p', '22,', '80'], /belongs to -p/],
    ['a reversed range', ['127.0.0.1', '-p', '443-22'], /22-443/],
    ['another notation', ['127.0.0.1', '-p', 'U:53'], /53\/udp/],
    ['a bad number', ['127.0.0.1', '-p', '22', '--timeout', '1e3'], /--timeout/],
    ['a deadline of 0', ['127.0.0.1', '-p', '22', '--deadline', '0'], /--deadline takes a whole number from 1/],
    ['rate 0', ['127.0.0.1', '-p', '22', '--rate', '0'], /--rate/],
    ['negative retries', ['127.0.0.1', '-p', '22', '--retries', '-1'], /--retries .*from 0 to 20, not “-1”/],
    ['negative retries, joined', ['127.0.0.1', '-p', '22', '--retries=-1'], /--retries .*from 0 to 20, not “-1”/],
    ['a missing number', ['127.0.0.1', '-p', '22', '--retries', '--json'], /--retries .*“--json”/],
    ['a transport', ['127.0.0.1', '-p', '22', '--transport', 'sim'], /net, ffi, raw/],
    ['a choice', ['127.0.0.1', '-p', '22', '--on-rate-limit', 'wait'], /pace, stop/],
    ['both families', ['localhost', '-p', '22', '-46'], /-4 and -6/],
    ['the wrong family', ['::1', '127.0.0.1', '-p', '22', '-6'], /“127\.0\.0\.1” is IPv4/],
    ['127.1', ['127.1', '-p', '22'], /127\.1/],
    ['0x7f000001', ['0x7f000001', '-p', '22'], /0x7f000001/],
    ['2130706433', ['2130706433', '-p', '22'], /2130706433/],
    ['010.0.0.1', ['010.0.0.1', '-p', '22'], /leading zeros/],
    ['0x7f.1.', ['0x7f.1.', '-p', '22'], /0x7f/],
    ['a zone', ['fe80::1%lo', '-p', '22'], /zone/],
    ['a URL', ['http://host/', '-p', '22'], /is a URL\. Write the host alone, host\.$/],
    ['a URL with all', ['https://u:p@db.example.com:8443/x?y#z', '-p', '22'], /alone, db\.example\.com, and -p 8443/],
    ['a URL of an address', ['http://[::1]:80/', '-p', '22'], /alone, ::1, and -p 80/],
    ['a port in the host', ['127.0.0.1:22', '-p', '22'], /127\.0\.0\.1, and -p 22/],
    ['brackets', ['[::1]', '-p', '22'], /alone, ::1\.$/],
    ['a path', ['example.com/x', '-p', '22'], /alone, example\.com\.$/],
    ['full-width digits', ['１２７.0.0.1', '-p', '22'], /address/],
    ['an empty host', ['', '-p', '22'], /name/],
    ['a wide network', ['10.0.0.0/8', '-p', '22'], /\/16/],
    ['a wide IPv6 network', ['2001:db8::/64', '-p', '22'], /\/112/],
    ['host bits', ['192.0.2.5/24', '-p', '22'], /192\.0\.2\.0\/24/],
    ['IPv6 host bits', ['2001:db8::5/120', '-p', '22'], /2001:db8::\/120/],
    ['a prefix too long', ['192.0.2.0/33', '-p', '22'], /from 0 to 32/],
    ['a prefix with zeros', ['192.0.2.0/024', '-p', '22'], /from 0 to 32/],
    ['a network of a name', ['example.com/24', '-p', '22'], /address before the slash/],
    ['an octet range', ['192.0.2.1-20', '-p', '22'], /192\.0\.2\.0\/24/],
    ['an octet star', ['192.0.2.*', '-p', '22'], /192\.0\.2\.0\/24/],
  ])('%s', (_, args, message) => {
    const problem = problemOf(...args);
    expect(problem.message.text).toMatch(message);
    expect(problem.message.text).toMatch(/[.?]$/);
  });

  it('every example works', () => {
    for (const args of [['http://host/'], ['[::1]:80'], ['192.0.2.5/24'], ['192.0.2.*'], ['x y'], ['80'], ['a/24']]) {
      const { example } = problemOf(...args, '-p', '22');
      const [, words = ''] = example.split('npm run scan -- ');
      expect(parseCommand(words.split(' ')).ok).toBe(true);
    }
  });
});

describe('the help', () => {
  it('names every option, @topN and the exit statuses, within 80 columns', () => {
    const named = ['--ports', '-4', '-6', '--json', '--timeout', '--deadline', '--rate', '--retries', '--help'];
    for (const word of [...named, '--on-rate-limit', '--transport', '@topN', '130', '53/udp']) {
      expect(HELP).toContain(word);
    }
    expect(Math.max(...HELP.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('gives examples that work', () => {
    const examples = [...HELP.matchAll(/^ {2}npm run scan -- (.+)$/gm)].map(([, words = '']) => words.split(' '));
    expect(examples.length).toBeGreaterThan(2);
    for (const words of examples) expect(parseCommand(words).ok).toBe(true);
  });
});
