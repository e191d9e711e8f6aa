import { DiscordAPIError } from 'discord.js';
import { expect, test } from 'vitest';
import { createRecentErrors, errorCode } from '../../src/observability/recentErrors.ts';

const error = (number: number) => ({ reference: `r${number}`, at: number, name: 'scan', code: 'Error' });

test('a server sees its own, latest first, without the ids of others', () => {
  const errors = createRecentErrors();
  for (const number of [1, 2, 3]) errors.add(number === 2 ? 'other' : 'mine', error(number));
  expect(errors.ofGuild('mine')).toEqual([error(3), error(1)]);
  expect(errors.ofGuild('other')).toEqual([error(2)]);
  expect(errors.ofGuild('')).toEqual([]);
});

test('bounded', () => {
  const errors = createRecentErrors(5);
  for (let number = 0; number < 100; number += 1) errors.add('mine', error(number));
  expect(errors.ofGuild('mine').map(({ at }) => at)).toEqual([99, 98, 97, 96, 95]);
});

class Odd extends Error {
  override name = 'password=hunter2 ';
}

test.each<[string, unknown, string]>([
  ['a plain error', new Error('secret'), 'Error'],
  ['a class', new TypeError('secret'), 'TypeError'],
  ['a system error', Object.assign(new Error('connect /secret'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [
    'a Discord error',
    new DiscordAPIError({ code: 50_013, message: 'x' }, 50_013, 403, 'GET', 'https://x/secret', {}),
    '50013',
  ],
  ['a code that is a text', Object.assign(new Error(), { code: 'redis://user:secret@host' }), 'Error'],
  ['a name that is a text', new Odd(), 'Error'],
  ['no error at all', 'secret', 'Error'],
])('the code of %s', (_what, thrown, code) => {
  expect(errorCode(thrown)).toBe(code);
});
