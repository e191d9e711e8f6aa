import { REST } from 'discord.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCommands } from '../../commands/index.ts';
import type { Declaration } from '../../src/discord/command.ts';
import { registerCommands } from '../../src/discord/registration.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';

let sandbox: Sandbox;
let rest: REST;
let before: number;
// Declarations do not touch their dependencies.
const declarations = createCommands({} as Parameters<typeof createCommands>[0]).map(({ data }) => data);

beforeAll(async () => {
  sandbox = await startSandbox();
  rest = new REST({ api: sandbox.apiUrl, version: '10' }).setToken(sandbox.token);
});
afterAll(() => sandbox?.stop());
beforeEach(() => {
  before = sandbox.requests.length;
});

const written = () => sandbox.requests.slice(before).filter(({ method }) => method === 'PUT');
const register = (list: readonly Declaration[], guildId?: string) =>
  registerCommands(rest, sandbox.world.application.id, guildId, list);

describe('registration', () => {
  test('one bulk overwrite for all commands, none when nothing changed', async () => {
    expect(await register(declarations)).toBe(declarations.length);
    expect(written()).toHaveLength(1);
    expect(await register(declarations)).toBe(0);
    expect(await register([...declarations].reverse())).toBe(0);
    expect(written()).toHaveLength(1);
  });

  test.each<[string, (command: Declaration) => Declaration]>([
    ['a description', (command) => ({ ...command, description: 'different' })],
    ['an option less', (command) => ({ ...command, options: (command.options ?? []).slice(0, -1) })],
    ['a permission', (command) => ({ ...command, default_member_permissions: '8' })],
    ['a context', (command) => ({ ...command, contexts: [0, 1] })],
  ])('%s changed is written', async (_what, change) => {
    await register(declarations);
    before = sandbox.requests.length;
    const [first, ...others] = declarations;
    if (!first) throw new Error('no command');
    expect(await register([change(first), ...others])).toBe(declarations.length);
    expect(written()).toHaveLength(1);
  });

  test('for one server: there only, and no longer everywhere', async () => {
    await register(declarations);
    const [guild, other] = sandbox.world.guilds;
    await register(declarations, guild?.id);
    expect(sandbox.commands(guild?.id ?? '')).toHaveLength(declarations.length);
    expect(sandbox.commands(other?.id ?? '')).toHaveLength(0);
  });
});
