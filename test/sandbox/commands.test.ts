import type { APIApplicationCommand } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { commandLength } from '../../src/sandbox/validate/commands.ts';
import { long, times } from './bodies.ts';
import { failures, openBot, openSandbox, rest } from './support.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const put = (commands: unknown) =>
  rest(sandbox, 'PUT', `/applications/${sandbox.world.application.id}/commands`, commands);
const command = (more: object = {}) => ({ name: 'scan', description: 'd', ...more });
const option = (more: object = {}) => ({ type: 3, name: 'host', description: 'd', ...more });
const withOption = (more: object) => [command({ options: [option(more)] })];
const choices = (count: number) => times(count, (i) => ({ name: `n${i}`, value: `v${i}` }));
const sub = (more: object = {}) => ({ type: 1, name: 'add', description: 'd', ...more });

const REFUSED: readonly [string, unknown, string[]][] = [
  ['upper case', [command({ name: 'Scan' })], ['0.name: APPLICATION_COMMAND_INVALID_NAME']],
  ['a blank in a name', [command({ name: 'a b' })], ['0.name: APPLICATION_COMMAND_INVALID_NAME']],
  ['name of 33', [command({ name: long(33) })], ['0.name: BASE_TYPE_BAD_LENGTH']],
  ['no name', [command({ name: undefined })], ['0.name: BASE_TYPE_REQUIRED']],
  ['no description', [command({ description: undefined })], ['0.description: BASE_TYPE_REQUIRED']],
  ['empty description', [command({ description: '' })], ['0.description: BASE_TYPE_BAD_LENGTH']],
  ['description of 101', [command({ description: long(101) })], ['0.description: BASE_TYPE_BAD_LENGTH']],
  ['the same name twice', [command(), command()], ['1.name: APPLICATION_COMMANDS_DUPLICATE_NAME']],
  ['101 commands', times(101, (i) => command({ name: `c${i}` })), [': BASE_TYPE_MAX_LENGTH']],
  [
    '26 options',
    [command({ options: times(26, (i) => option({ name: `o${i}` })) })],
    ['0.options: BASE_TYPE_MAX_LENGTH'],
  ],
  ['26 choices', withOption({ choices: choices(26) }), ['0.options.0.choices: BASE_TYPE_MAX_LENGTH']],
  [
    'choice name of 101',
    withOption({ choices: [{ name: long(101), value: 'v' }] }),
    ['0.options.0.choices.0.name: BASE_TYPE_BAD_LENGTH'],
  ],
  [
    'choice value of 101',
    withOption({ choices: [{ name: 'n', value: long(101) }] }),
    ['0.options.0.choices.0.value: BASE_TYPE_MAX_LENGTH'],
  ],
  [
    'the same option twice',
    [command({ options: [option(), option()] })],
    ['0.options.1.name: APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS'],
  ],
  [
    'required after optional',
    [command({ options: [option(), option({ name: 'b', required: true })] })],
    ['0.options.1: APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID'],
  ],
  [
    'autocomplete with choices',
    withOption({ autocomplete: true, choices: choices(1) }),
    ['0.options.0.autocomplete: APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES_EXCLUSIVE'],
  ],
  [
    'autocomplete on a boolean',
    withOption({ type: 5, autocomplete: true }),
    ['0.options.0.autocomplete: APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID_TYPE'],
  ],
  ['unknown option type', withOption({ type: 77 }), ['0.options.0.type: BASE_TYPE_CHOICES']],
  ['upper case in an option', withOption({ name: 'Host' }), ['0.options.0.name: APPLICATION_COMMAND_INVALID_NAME']],
  ['max_length of 6001', withOption({ max_length: 6001 }), ['0.options.0.max_length: NUMBER_TYPE_MAX']],
  [
    'subcommand beside an option',
    [command({ options: [sub(), option()] })],
    ['0.options: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID'],
  ],
  [
    'group in a group',
    [command({ options: [sub({ type: 2, options: [sub({ type: 2, name: 'x' })] })] })],
    ['0.options.0.options.0.type: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID'],
  ],
  ['unknown context', [command({ contexts: [5] })], ['0.contexts.0: BASE_TYPE_CHOICES']],
  [
    'permissions that are no bitfield',
    [command({ default_member_permissions: 'admin' })],
    ['0.default_member_permissions: BITFIELD_TYPE_INVALID'],
  ],
  [
    'more than 8000 characters',
    [
      command({
        options: times(25, (i) =>
          option({
            name: `o${i}`,
            description: long(100),
            choices: times(3, (j) => ({ name: `${long(60)}${j}`, value: `${long(60)}${j}` })),
          }),
        ),
      }),
    ],
    ['0: APPLICATION_COMMAND_TOO_LARGE'],
  ],
];

describe('bulk overwrite', () => {
  it.each(REFUSED)('refuses %s', async (_name, body, codes) => {
    const reply = await put(body);
    expect({ status: reply.status, code: reply.body.code }).toEqual({ status: 400, code: 50_035 });
    expect(failures(reply.body)).toEqual(codes);
  });

  it.each([
    ['names in other scripts', [command({ name: 'сканировать-порт' }), command({ name: "l'hôte_1" })]],
    [
      'the limits themselves',
      [command({ name: long(32), description: long(100), options: [option({ choices: choices(25) })] })],
    ],
    ['100 commands', times(100, (i) => command({ name: `c${i}` }))],
    [
      'groups with subcommands',
      [command({ options: [sub({ type: 2, options: [sub({ options: [option()] })] }), sub({ name: 'b' })] })],
    ],
    ['nothing at all', []],
  ])('takes %s', async (_name, body) => {
    expect(await put(body)).toMatchObject({ status: 200 });
  });

  it('gives back what Discord adds, and leaves out what it leaves out', async () => {
    const options = [option({ required: true }), option({ name: 'ports', required: false, autocomplete: false })];
    const { body } = await put([command({ options, default_member_permissions: '32', contexts: [0] })]);
    expect(body).toEqual([
      {
        id: expect.stringMatching(/^\d{17,20}$/),
        application_id: sandbox.world.application.id,
        version: expect.stringMatching(/^\d{17,20}$/),
        default_member_permissions: '32',
        dm_permission: true,
        type: 1,
        name: 'scan',
        name_localizations: null,
        description: 'd',
        description_localizations: null,
        contexts: [0],
        integration_types: [0],
        nsfw: false,
        options: [option({ required: true }), option({ name: 'ports' })],
      },
    ]);
  });

  it('keeps the id of a name, and the version of what did not change', async () => {
    const stored = async (...commands: object[]) => (await put(commands)).body as unknown as APIApplicationCommand[];
    const first = await stored(command(), command({ name: 'other' }));
    const second = await stored(command(), command({ name: 'other', description: 'new' }));
    expect(second[0]).toEqual(first[0]);
    expect(second[1]?.id).toBe(first[1]?.id);
    expect(second[1]?.version).not.toBe(first[1]?.version);
  });

  it('counts the longest translation, as Discord does', () => {
    const item = command({ name: 'ab', description: 'abc', description_localizations: { de: 'abcdef', fr: 'a' } });
    expect(
      commandLength({
        ...item,
        options: [option({ name: 'x', description: 'y', choices: [{ name: 'n', value: 'vv' }] })],
      }),
    ).toBe(13);
  });
});

describe('what is offered', () => {
  const MANAGED = { name: 'targets', description: 'd', default_member_permissions: '32', contexts: [0] };
  it('follows default_member_permissions and contexts', async () => {
    const own = await openSandbox();
    await openBot(own, {
      commands: [
        MANAGED,
        { name: 'dm', description: 'd', contexts: [1] },
        { name: 'root', description: 'd', default_member_permissions: '0' },
      ],
    });
    await expect(own.slash('/targets', { as: 'member' })).rejects.toThrow('it is for members with Manage Server');
    await expect(own.slash('/dm')).rejects.toThrow('not offered in a server');
    await expect(own.slash('/root')).rejects.toThrow('administrators');
    for (const as of ['admin', 'owner']) expect(await own.slash('/targets', { as })).toHaveProperty('id');
    expect(await own.slash('/root', { as: 'owner' })).toHaveProperty('id');
  });
});
