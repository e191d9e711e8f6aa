import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../src/log.ts';
import { createLogger } from '../src/log.ts';

const CANARY = 'canary"\\/+ü%\n=9f';

/** What `write` made the logger print. */
function output(write: (log: Logger) => void, secrets: readonly string[] = [CANARY], level = 'trace'): string {
  let text = '';
  write(createLogger({ level, secrets, destination: { write: (line) => (text += line) } }));
  return text;
}

function entry(write: (log: Logger) => void, secrets?: readonly string[]): Record<string, unknown> {
  const text = output(write, secrets);
  expect(text.endsWith('\n')).toBe(true);
  expect(text.slice(0, -1)).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
  return JSON.parse(text);
}

const strings = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) => [key, ...strings(each)])
    : [String(value)];

describe('a line', () => {
  it('is JSON with a level in words, an ISO time and no host', () => {
    const { time, ...rest } = entry((log) =>
      log.child({ guildId: '1' }).info({ ports: [22] }, 'scan of %s done', 'host'),
    );
    expect(rest).toEqual({ level: 'info', guildId: '1', ports: [22], msg: 'scan of host done' });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('is written from the set level on, and never when silent', () => {
    const write = (log: Logger) => {
      log.debug('debug');
      log.warn('warn');
    };
    expect(output(write, [], 'warn').match(/\n/g)).toHaveLength(1);
    expect(output(write, [], 'silent')).toBe('');
    expect(() => createLogger({ level: 'loud', secrets: [] })).toThrow('loud');
  });

  it('goes to standard output before the process ends', () => {
    const script = `
      const { createLogger } = await import(${JSON.stringify(new URL('../src/log.ts', import.meta.url))});
      createLogger({ level: 'info', secrets: [] }).info('last words');
      process.exit(3);`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(child).toMatchObject({ status: 3, stderr: '' });
    expect(JSON.parse(child.stdout)).toMatchObject({ msg: 'last words' });
  });

  it('is bounded in length and depth', () => {
    let deep: unknown = 'bottom';
    for (let n = 0; n < 10_000; n++) deep = { deep };
    const text = output((log) => log.info({ deep, banner: 'x'.repeat(1_000_000) }));
    expect(text.length).toBeLessThan(20_000);
    expect(JSON.parse(text)).toMatchObject({ banner: expect.stringContaining('more characters') });
  });

  it('is written whatever the fields do', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const hostile = {
      get getter() {
        throw new Error('getter');
      },
    };
    const toJSON = {
      toJSON: () => {
        throw new Error('toJSON');
      },
    };
    for (const fields of [circular, hostile, { hostile }, { toJSON }, { big: 10n ** 30n }, { s: Symbol('x') }]) {
      expect(entry((log) => log.info(fields, 'still here')).level).toBe('info');
    }
    const own = JSON.parse('{"__proto__":{"polluted":true}}');
    expect(output((log) => log.info({ own }))).toContain('"own":{"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('errors', () => {
  it('are told by name, code, message, stack and cause alone', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'ECONNRESET' });
    const error = Object.assign(new RangeError('outer', { cause }), { code: 50035, requestBody: { secretPlan: 'x' } });
    const shape = {
      name: 'RangeError',
      code: 50035,
      message: 'outer',
      stack: expect.stringContaining('RangeError: outer\n    at'),
      cause: { name: 'TypeError', code: 'ECONNRESET', message: 'inner', stack: expect.any(String) },
    };
    expect(entry((log) => log.error(error)).err).toEqual(shape);
    expect(entry((log) => log.error({ err: error }, 'failed')).err).toEqual(shape);
    expect(entry((log) => log.error({ reason: error }, 'failed')).reason).toEqual(shape);
    expect(entry((log) => log.child({ error }).error('failed')).error).toEqual(shape);
  });

  it('end when they go in circles, and show what they bundle', () => {
    const error = new AggregateError([new Error('one'), 'two'], 'all');
    error.cause = error;
    expect(entry((log) => log.error(error)).err).toMatchObject({ errors: [{ message: 'one' }, 'two'] });
  });
});

describe('secrets', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  it.each<[string, string]>([
    ['plain', CANARY],
    ['in JSON', JSON.stringify({ a: CANARY })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: CANARY }))],
    ['in a URL', `https://h/?t=${encodeURIComponent(CANARY)}`],
    [
      'in a URL, lower case',
      `https://h/?t=${encodeURIComponent(CANARY).replace(/%../g, (code) => code.toLowerCase())}`,
    ],
    ['in a form', String(new URLSearchParams({ t: CANARY }))],
    ['in base64', base64(CANARY)],
    ['in Basic authorization', `Basic ${base64(`user:${CANARY}`)}`],
    ['after one byte', base64(`a${CANARY}z`)],
    ['after two bytes', base64(`ab${CANARY}`)],
    ['in base64url', Buffer.from(`abc${CANARY}d`).toString('base64url')],
  ])('do not show %s', (_, text) => {
    const { msg } = entry((log) => log.info(`before ${text} after`));
    expect(msg).toContain('[redacted]');
    expect(msg).toMatch(/^before .* after$/);
    for (const spelling of ['canary', base64(CANARY).slice(4, 12)]) expect(msg).not.toContain(spelling);
  });

  it('do not show in any place of a line', () => {
    const error = new Error(`message ${CANARY}`, { cause: new Error(CANARY) });
    const lines = output((log) => {
      log.child({ [CANARY]: CANARY }).info({ list: [CANARY, { [`x${CANARY}`]: 1 }] }, 'say %s %j', CANARY, { CANARY });
      log.error(error);
      log.error({ nested: { error } });
      log.info(CANARY as unknown as Record<string, unknown>);
    });
    expect(lines).not.toContain('canary');
    expect(lines.match(/\[redacted\]/g)?.length).toBeGreaterThan(8);
  });

  it('of digits do not show as a number', () => {
    expect(entry((log) => log.info({ pin: 1234567890 }), ['34567890']).pin).toBe('[redacted]');
  });

  it('of fewer than eight characters are not looked for', () => {
    expect(entry((log) => log.info('an info line'), ['info', '']).msg).toBe('an info line');
  });

  it('that begin alike are both redacted whole', () => {
    expect(entry((log) => log.info('token-one-long token-one'), ['token-one', 'token-one-long']).msg).toBe(
      '[redacted] [redacted]',
    );
  });

  it('are known by the name of their field, at any depth', () => {
    const fields = { a: [{ b: { token: 'x', botToken: ['x'], Authorization: 'x', PASSWORD: 1, client_secret: {} } }] };
    expect(entry((log) => log.info(fields)).a).toEqual([
      {
        b: {
          token: '[redacted]',
          botToken: '[redacted]',
          Authorization: '[redacted]',
          PASSWORD: '[redacted]',
          client_secret: '[redacted]',
        },
      },
    ]);
    expect(entry((log) => log.info({ tokens: 5, secretary: 'x', token: null }))).toMatchObject({
      tokens: 5,
      secretary: 'x',
      token: null,
    });
  });

  it.each([
    [
      'a bot token MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789-_ here',
      'a bot token [redacted] here',
    ],
    [
      'POST https://discord.com/api/v10/interactions/1234567890/aW50ZXJhY3Rpb246/callback?with_response=true',
      'POST https://discord.com/api/v10/interactions/1234567890/[redacted]/callback?with_response=true',
    ],
    ['/webhooks/1234567890/abc-DEF_123/messages/@original', '/webhooks/1234567890/[redacted]/messages/@original'],
    ['redis://user:pass@word@host:6379', 'redis://user:[redacted]@host:6379'],
    [
      'addresses 192.0.2.1:22 and https://example.com:443/a@b',
      'addresses 192.0.2.1:22 and https://example.com:443/a@b',
    ],
  ])('are known by their shape: %s', (text, shown) => {
    expect(entry((log) => log.info(text)).msg).toBe(shown);
  });
});

describe('text from outside', () => {
  it('cannot forge or reorder a line', () => {
    const nasty = 'a\r\n{"level":"fatal"}\u0085\u2028\u2029\u202e\u2066\u200b\ufeff\u{e0041}\x1b[2J\x9b31m\x7f\u061cz';
    const text = output((log) => log.info({ [nasty]: nasty }, nasty));
    expect(text.slice(0, -1)).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(text)).toMatchObject({ msg: nasty, [nasty]: nasty });
  });

  it('shows letters, signs and emoji as they are', () => {
    expect(output((log) => log.info('grüße 漢字 🚢 ✓'))).toContain('grüße 漢字 🚢 ✓');
  });
});

it('never prints a secret and always prints one line of JSON, whatever is logged', () => {
  const secret = 'S3cr3t-canary"value';
  const text = fc
    .tuple(fc.string({ unit: 'binary' }), fc.constantFrom(secret, ''), fc.string({ unit: 'grapheme' }))
    .map((parts) => parts.join(''));
  const anything = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.double(),
      fc.constant(null),
      text.map((message) => new Error(message)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  fc.assert(
    fc.property(
      anything,
      anything,
      text,
      fc.dictionary(text, anything, { maxKeys: 3, noNullPrototype: true }),
      (a, b, message, bindings) => {
        const lines = output(
          (log) => {
            log.info({ a }, message, b);
            log.child(bindings).error(bindings, message);
            log.warn(a as Record<string, unknown>);
          },
          [secret],
        );
        const printed = lines.slice(0, -1).split('\n');
        expect(printed).toHaveLength(3);
        for (const line of printed) {
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          expect(strings(JSON.parse(line)).filter((each) => each.includes('S3cr3t-canary'))).toEqual([]);
        }
      },
    ),
    { numRuns: 300 },
  );
});
