import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { button, long, row, times } from './bodies.ts';
import { callback, failures, rest } from './support.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

async function answer(type: number, data: unknown, overrides: object = { type: 2, data: { name: 'x' } }) {
  return await callback(sandbox, sandbox.interact({ ...overrides }), type, data);
}

const input = (more: object = {}) => ({ type: 4, custom_id: 'i', style: 1, label: 'L', ...more });
const modal = (more: object = {}) => ({ custom_id: 'm', title: 'T', components: [row(input())], ...more });
const MODALS: readonly [string, object, string[]][] = [
  ['title of 46', modal({ title: long(46) }), ['data.title: BASE_TYPE_BAD_LENGTH']],
  ['custom id of 101', modal({ custom_id: long(101) }), ['data.custom_id: BASE_TYPE_BAD_LENGTH']],
  ['no rows', modal({ components: [] }), ['data.components: BASE_TYPE_BAD_LENGTH']],
  [
    '6 rows',
    modal({ components: times(6, (i) => row(input({ custom_id: `${i}` }))) }),
    ['data.components: BASE_TYPE_BAD_LENGTH'],
  ],
  [
    'two inputs in a row',
    modal({ components: [row(input(), input({ custom_id: 'j' }))] }),
    ['data.components.0.components: BASE_TYPE_BAD_LENGTH'],
  ],
  [
    'label of 46',
    modal({ components: [row(input({ label: long(46) }))] }),
    ['data.components.0.components.0.label: BASE_TYPE_BAD_LENGTH'],
  ],
  [
    'value of 4001',
    modal({ components: [row(input({ value: long(4001) }))] }),
    ['data.components.0.components.0.value: BASE_TYPE_MAX_LENGTH'],
  ],
  [
    'placeholder of 101',
    modal({ components: [row(input({ placeholder: long(101) }))] }),
    ['data.components.0.components.0.placeholder: BASE_TYPE_MAX_LENGTH'],
  ],
  ['a button', modal({ components: [row(button())] }), ['data.components.0.components.0.type: UNION_TYPE_CHOICES']],
];

const focused = (type = 3) => ({
  type: 4,
  data: { name: 'x', options: [{ name: 'o', type, value: '', focused: true }] },
});
const CHOICES: readonly [string, object[], number, string[]][] = [
  ['26 choices', times(26, () => ({ name: 'n', value: 'v' })), 3, ['data.choices: BASE_TYPE_MAX_LENGTH']],
  ['empty name', [{ name: '', value: 'v' }], 3, ['data.choices.0.name: BASE_TYPE_BAD_LENGTH']],
  ['name of 101', [{ name: long(101), value: 'v' }], 3, ['data.choices.0.name: BASE_TYPE_BAD_LENGTH']],
  ['value of 101', [{ name: 'n', value: long(101) }], 3, ['data.choices.0.value: BASE_TYPE_MAX_LENGTH']],
  ['text for a number', [{ name: 'n', value: 'v' }], 4, ['data.choices.0.value: NUMBER_TYPE_COERCE']],
];

describe('other responses', () => {
  it.each(MODALS)('refuses a modal with %s', async (_name, data, codes) => {
    expect(failures((await answer(9, data)).body)).toEqual(codes);
  });
  it('takes a modal at the limits', async () => {
    const rows = times(5, (i) => ({
      type: 18,
      label: long(45),
      component: input({ custom_id: `${i}`, label: undefined }),
    }));
    expect(await answer(9, modal({ title: long(45), components: rows }))).toMatchObject({ status: 200 });
  });
  it.each(CHOICES)('refuses an autocomplete result with %s', async (_name, choices, type, codes) => {
    expect(failures((await answer(8, { choices }, focused(type))).body)).toEqual(codes);
  });
  it('takes 25 choices of 100 characters', async () => {
    const choices = times(25, () => ({ name: long(100), value: long(100) }));
    expect(await answer(8, { choices }, focused())).toMatchObject({ status: 200 });
  });
  it.each([
    ['an update of a slash command', 7, { type: 2, data: { name: 'x' } }],
    ['choices for a slash command', 8, { type: 2, data: { name: 'x' } }],
    ['a message for autocomplete', 4, focused()],
    ['a modal for a modal', 9, { type: 5, data: { custom_id: 'm', components: [] } }],
    ['a pong', 1, { type: 2, data: { name: 'x' } }],
  ])('refuses %s', async (_name, type, overrides) => {
    const { body } = await answer(type, { content: 'c', ...modal() }, overrides);
    expect(failures(body)).toEqual(['type: BASE_TYPE_CHOICES']);
  });
  it('refuses flags on a defer that mean nothing', async () => {
    expect(failures((await answer(5, { flags: 1 << 7 })).body)).toEqual(['data.flags: MESSAGE_FLAGS_INVALID']);
    expect(await answer(5, { flags: 1 << 6 })).toMatchObject({ status: 200 });
  });
});

describe('requests', () => {
  it('refuses broken JSON and unknown content types', async () => {
    const channel = `/channels/${sandbox.world.guilds[0]?.channels[0]?.id}/messages`;
    expect(await rest(sandbox, 'POST', channel, '{"content":')).toMatchObject({ status: 400, body: { code: 50_109 } });
    const headers = { authorization: `Bot ${sandbox.token}`, 'content-type': 'text/plain' };
    expect(failures((await rest(sandbox, 'POST', channel, 'content=a', headers)).body)).toEqual([
      ': CONTENT_TYPE_INVALID',
    ]);
  });

  it.each(['GET /users/@me', 'GET /applications/@me', 'GET /gateway/bot', 'PUT /applications/1/commands'])(
    'asks for the token on %s',
    async (route) => {
      const [method = '', path = ''] = route.split(' ');
      expect(await rest(sandbox, method, path, undefined, {})).toMatchObject({ status: 401, body: { code: 0 } });
    },
  );

  it('answers an unknown route with 404 and remembers it', async () => {
    expect(await rest(sandbox, 'GET', '/nowhere')).toMatchObject({
      status: 404,
      body: { code: 0, message: '404: Not Found' },
    });
    expect(sandbox.requests.at(-1)).toMatchObject({ path: '/nowhere', route: 'unknown', status: 404 });
  });

  it('takes files up to 10 MiB', async () => {
    const channel = `/channels/${sandbox.world.guilds[0]?.channels[0]?.id}/messages`;
    const form = (size: number) => {
      const data = new FormData();
      data.append('payload_json', JSON.stringify({ attachments: [{ id: 0, filename: 'a.bin' }] }));
      data.append('files[0]', new Blob([new Uint8Array(size)]), 'a.bin');
      return data;
    };
    expect(await rest(sandbox, 'POST', channel, form(10 * 1024 * 1024))).toMatchObject({ status: 200 });
    expect(await rest(sandbox, 'POST', channel, form(10 * 1024 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { code: 40_005 },
    });
  });
});
