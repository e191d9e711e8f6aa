import { describe, expect, test } from 'vitest';
import { type TargetsDeps, targetsCommand } from '../../commands/targets.ts';
import type { CommandContext } from '../../src/discord/command.ts';
import type { OptionValues } from '../../src/discord/options.ts';
import { renderCard } from '../../src/discord/render.ts';
import { createServerResolver } from '../../src/policy/serverResolver.ts';
import { MAX_ENTRIES } from '../../src/targets/edit.ts';
import { entry, memoryAllowlists, NOW, OPEN } from './support.ts';

const CONTEXT = { guildId: '1', userId: '7', signal: new AbortController().signal } as CommandContext;

function optionsOf(subcommand: string, values: Readonly<Record<string, string>>): OptionValues {
  return {
    subcommand,
    string: (name) => values[name],
    boolean: () => undefined,
    integer: () => undefined,
    id: () => undefined,
    attachment: () => undefined,
  };
}

/** The command over a list that holds what only older versions, or a fault, can have stored. */
async function setUp(...entries: ReturnType<typeof entry>[]) {
  const { allowlists } = await memoryAllowlists();
  await allowlists.update('1', () => ({ entries, result: undefined }));
  const deps: TargetsDeps = {
    allowlists,
    operator: OPEN,
    resolve: createServerResolver({
      allowlists,
      operator: OPEN,
      lookup: { resolve4: refuse, resolve6: refuse, resolveCname: refuse, resolveTxt: refuse },
      now: () => NOW,
    }),
    checkOwnership: async () => undefined,
    needsProof: async () => false,
    ownership: { status: refuse, challenge: refuse, check: refuse, stillProven: refuse },
    audit: { record: async () => {}, tryRecord: async () => {} },
    now: () => NOW,
    download: refuse,
    randomId: () => 'x',
  };
  const command = targetsCommand(deps);
  const say = async (subcommand: string, values: Readonly<Record<string, string>> = {}) => {
    const { card } = await command.run(CONTEXT, command.parse(optionsOf(subcommand, values)));
    const [embed] = renderCard(card).embeds;
    return `${embed?.title}\n${embed?.description}`;
  };
  return { allowlists, say };
}

async function refuse(): Promise<never> {
  throw Object.assign(new Error('not in this test'), { code: 'ENOTFOUND' });
}

describe('entries that can no longer be read', () => {
  const broken = entry('*.*.com', { effect: 'deny' });

  test('a deny entry bars everything, which the list and check say, until it is removed by its text', async () => {
    const { allowlists, say } = await setUp(entry('8.8.8.8'), broken, entry('BAD\u200b  host'));
    expect(await say('list')).toMatch(/`\*\.\*\.com`: \*\*cannot be read\*\*, so nothing is scanned here; remove it/);
    expect(await say('list')).toMatch(/`BAD host`: \*\*cannot be read\*\*, so it allows nothing/);
    expect(await say('check', { target: '8.8.8.8' })).toMatch(/Would be refused[\s\S]*cannot be read/);
    expect(await say('remove', { target: ' *.*.com ' })).toMatch(/Removed/);
    expect(await say('check', { target: '8.8.8.8' })).toMatch(/Would be scanned/);
    expect(await say('remove', { target: 'BAD host' })).toMatch(/Removed/);
    expect((await allowlists.read('1')).map(({ pattern }) => pattern)).toEqual(['8.8.8.8']);
  });

  test('what is neither an entry nor a target is refused in the words of the parser', async () => {
    const { say } = await setUp(broken);
    await expect(say('remove', { target: '*.*.org' })).rejects.toMatchObject({ name: 'UserError', option: 'target' });
    await expect(say('remove', { target: '' })).rejects.toMatchObject({ name: 'UserError' });
  });
});

test('the list is full at its limit, for deny entries too', async () => {
  const { say } = await setUp(...Array.from({ length: MAX_ENTRIES }, (_, i) => entry(`h${i}.example.com`)));
  for (const effect of ['add', 'deny']) {
    await expect(say(effect, { target: 'one-more.example.com' })).rejects.toMatchObject({ code: 'list-full' });
  }
});

test('verify is read as the ownership service wants it, a range is refused', async () => {
  const { say } = await setUp();
  await expect(say('verify', { target: '8.8.8.0/24' })).rejects.toMatchObject({ code: 'range' });
});
