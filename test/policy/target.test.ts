import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTarget } from '../../src/policy/target.ts';

const codeOf = (text: string) => {
  const parsed = parseTarget(text);
  return parsed.ok ? `ok:${parsed.value.canonical}` : parsed.problem.code;
};
const wordsOf = (text: string) => {
  const parsed = parseTarget(text);
  return parsed.ok ? '' : `${parsed.problem.message} ${parsed.problem.example}`;
};

describe('addresses', () => {
  test.each([
    ['198.51.100.7', '198.51.100.7'],
    [' 198.51.100.7\t', '198.51.100.7'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:4860:4860:0:0:0:0:8888', '2001:4860:4860::8888'],
    ['::1', '::1'],
  ])('%j is %s', (text, canonical) => expect(codeOf(text)).toBe(`ok:${canonical}`));

  test.each([
    ['127.1', '127.0.0.1'],
    ['127.0.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['0x7f000001', '127.0.0.1'],
    ['0X7F000001', '127.0.0.1'],
    ['0x7f.0.0.1', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['017700000001', '127.0.0.1'],
    ['0', '0.0.0.0'],
    ['10.1', '10.0.0.1'],
    ['192.168.257', '192.168.1.1'],
    ['1.1', '1.0.0.1'],
    ['1.1.1', '1.1.0.1'],
    ['0x08080808', '8.8.8.8'],
    ['4294967295', '255.255.255.255'],
  ])('shorthand %s is refused and named as %s', (text, meant) => {
    expect(codeOf(text)).toBe('ip-shorthand');
    expect(wordsOf(text)).toContain(meant);
  });

  test.each([
    ['0177.0.0.1', '127.0.0.1'],
    ['0127.0.0.1', '87.0.0.1'],
    ['127.0.0.01', '127.0.0.1'],
    ['010.0.0.1', '8.0.0.1'],
  ])('leading zeros in %s are refused with what octal would mean', (text, meant) => {
    expect(codeOf(text)).toBe('ip-leading-zero');
    expect(wordsOf(text)).toContain(meant);
  });

  test.each([
    ['4294967296', 'bad-host'],
    ['99999999999', 'bad-host'],
    ['256.1.1.1', 'bad-host'],
    ['1.2.3.4.5', 'bad-host'],
    ['0o177.0.0.1', 'bad-host'],
    ['0b1111', 'no-dot'],
    ['192.0.2.1\n', 'control-char'],
    ['\u00a0192.0.2.1', 'control-char'],
    ['\u200b192.0.2.1', 'invisible'],
    ['１９２.０.２.１', 'non-ascii-digits'],
    ['١٩٢.٠.٢.١', 'non-ascii-digits'],
    ['①②⑦.0.0.1', 'lookalike'],
    ['127。0。0。1', 'lookalike'],
    ['192.0.2.1:22', 'port-in-host'],
    ['192.0.2.1/24', 'range'],
    ['192.0.2.1%eth0', 'zone'],
    ['fe80::1%eth0', 'zone'],
    ['192.0.2.1#x', 'url'],
    ['192.0.2.1?x', 'url'],
    ['http://192.0.2.1/', 'url'],
    ['ssh://192.0.2.1', 'url'],
    ['//192.0.2.1', 'path'],
    ['file:///etc/passwd', 'url'],
    ['user@192.0.2.1', 'userinfo'],
    ['192.0.2.1\\@10.0.0.1', 'userinfo'],
    ['[192.0.2.1]', 'brackets'],
    ['[2001:db8::1]', 'brackets'],
    ['::ffff:127.0.0.1', 'mapped-address'],
    ['::ffff:7f00:1', 'mapped-address'],
    ['2001:db8::/32', 'range'],
    ['1:2:3', 'bad-address'],
    ['', 'empty'],
    ['   ', 'empty'],
  ])('%j is refused as %s', (text, code) => expect(codeOf(text)).toBe(code));
});

describe('names', () => {
  test.each([
    ['example.com.', 'example.com'],
    ['EXAMPLE.com', 'example.com'],
    ['bücher.de', 'xn--bcher-kva.de'],
    ['bu\u0308cher.de', 'xn--bcher-kva.de'],
    ['faß.de', 'xn--fa-hia.de'],
    ['xn--fa-hia.de', 'xn--fa-hia.de'],
    ['toString.com', 'tostring.com'],
    ['1.example.com', '1.example.com'],
  ])('%s is %s', (text, canonical) => expect(codeOf(text)).toBe(`ok:${canonical}`));

  test.each([
    ['localhost', 'special-name'],
    ['LOCALHOST', 'special-name'],
    ['localhost.', 'special-name'],
    ['foo.localhost', 'special-name'],
    ['localhost.localdomain', 'special-name'],
    ['ip6-localhost', 'special-name'],
    ['metadata.google.internal', 'special-name'],
    ['metadata', 'special-name'],
    ['instance-data.ec2.internal', 'special-name'],
    ['kubernetes.default.svc', 'special-name'],
    ['host.docker.internal', 'special-name'],
    ['printer.local', 'special-name'],
    ['db', 'no-dot'],
    ['constructor', 'no-dot'],
    ['__proto__', 'bad-host'],
    ['example..com', 'bad-host'],
    ['.example.com', 'bad-host'],
    ['-a.com', 'bad-host'],
    ['a-.com', 'bad-host'],
    ['ex_ample.com', 'bad-host'],
    ['a b.com', 'blank'],
    ['a\tb.com', 'control-char'],
    ['example.com:22', 'port-in-host'],
    ['example.com/', 'path'],
    ['example.com/..', 'path'],
    ['example.com%2f..', 'zone'],
    ['example.com\u0000.evil.org', 'control-char'],
    ['example.com#@evil', 'userinfo'],
    ['example.com?x', 'url'],
    ['com', 'no-dot'],
    ['co.uk', 'public-suffix'],
    ['github.io', 'public-suffix'],
    ['s3.amazonaws.com', 'public-suffix'],
    ['herokuapp.com', 'public-suffix'],
    ['example.123', 'bad-host'],
    ['example.0x1', 'bad-host'],
    ['$(id).example.com', 'bad-host'],
    ['`id`.example.com', 'bad-host'],
    ['; ls', 'blank'],
    ['--script=x', 'bad-host'],
    ['-iL /etc/passwd', 'blank'],
    ['%6c%6f%63%61%6c', 'zone'],
    ['&#108;ocalhost', 'url'],
    ['*.example.com', 'wildcard'],
    ['xn--', 'bad-host'],
    ['xn--a', 'bad-host'],
    ['☕.example', 'bad-host'],
    ['ｅｘａｍｐｌｅ.com', 'lookalike'],
    ['example。com', 'lookalike'],
    ['exa\u00admple.com', 'invisible'],
    ['exa\u200dmple.com', 'invisible'],
    ['moc.\u202eelpmaxe', 'bidi'],
    [`${'a'.repeat(64)}.com`, 'bad-host'],
    [`${'a.'.repeat(140)}com`, 'bad-host'],
  ])('%j is refused as %s', (text, code) => expect(codeOf(text)).toBe(code));

  test('a megabyte is refused as too-long', () => expect(codeOf('a'.repeat(1_000_000))).toBe('too-long'));

  test('a password before the @ is never repeated', () => {
    expect(wordsOf('root:hunter2secret@example.com')).not.toContain('hunter2secret');
    expect(wordsOf('https://root:hunter2secret@example.com/')).not.toContain('hunter2secret');
  });

  test('a URL gets its host as the hint', () =>
    expect(wordsOf('https://example.com:8443/admin')).toContain('example.com, without'));

  test('letters of mixed scripts are accepted as another name, with a warning', () => {
    const parsed = parseTarget('exаmple.com');
    expect(parsed).toMatchObject({ ok: true, value: { canonical: 'xn--exmple-4nf.com', warning: expect.any(String) } });
  });
});

describe('any text', () => {
  test('is either refused in a bounded sentence or has a canonical form that reads as itself', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.domain(), fc.ipV4Extended(), fc.ipV6()),
        (text) => {
          const parsed = parseTarget(text);
          if (!parsed.ok) {
            expect(parsed.problem.message.length + parsed.problem.example.length).toBeLessThan(600);
            return;
          }
          expect(parseTarget(parsed.value.canonical)).toMatchObject({
            ok: true,
            value: { canonical: parsed.value.canonical },
          });
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
