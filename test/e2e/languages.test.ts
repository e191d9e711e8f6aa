import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUES } from '../../src/i18n/languages.ts';
import { type Bot, type Reply, startBot } from './harness.ts';

let bot: Bot;
beforeAll(async () => {
  bot = await startBot();
  await bot.run('/targets add target:127.0.0.1');
  await bot.run('/targets add target:127.0.0.2 ports:22');
});
afterAll(() => bot?.stop());

/** What a wording is in a language, with its values. */
function worded(locale: keyof typeof CATALOGUES, key: keyof (typeof CATALOGUES)['de'], ...values: string[]): string {
  return CATALOGUES[locale][key].replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? '');
}

async function speaking(locale: string, guildLocale: string, line: string): Promise<Reply> {
  const { people, guilds } = bot.sandbox.world;
  people.admin.locale = locale;
  if (guilds[0]) guilds[0].locale = guildLocale;
  return bot.run(line);
}

describe('who is spoken to in which language', () => {
  test('the private reply in that of the person, the public one in that of the server', async () => {
    const reply = await speaking('de', 'fr', '/scan host:127.0.0.1 ports:1 share:true');
    expect(reply.embed.title).toBe(worded('de', 'No open ports on {0}', '127.0.0.1'));
    expect(reply.handle.followUps()[0]?.embeds[0]?.title).toBe(worded('fr', 'No open ports on {0}', '127.0.0.1'));
    expect(JSON.stringify(reply.handle.message()?.components)).toContain(worded('de', 'Details'));
  });

  test.each([
    ['es-ES', 'es'],
    ['es-419', 'es'],
    ['pt-BR', 'pt-BR'],
    ['ja', 'ja'],
  ] as const)('%s', async (discordLocale, locale) => {
    const reply = await speaking(discordLocale, 'en-US', '/scan host:127.0.0.1 ports:1');
    expect(reply.embed.title).toBe(worded(locale, 'No open ports on {0}', '127.0.0.1'));
  });

  test.each(['en-GB', 'nl', 'xx', '__proto__'])('%s is spoken to in English', async (locale) => {
    const reply = await speaking(locale, 'nl', '/scan host:127.0.0.1 ports:1');
    expect(reply.embed.title).toBe('No open ports on 127.0.0.1');
  });
});

describe('in German', () => {
  test.each([
    ['a mistake', '/scan host:127.1 ports:80'],
    ['a refusal', '/scan host:8.8.8.8 ports:80'],
    ['ports that are not permitted', '/scan host:127.0.0.2 ports:80'],
    ['an explanation', '/explain port:22'],
    ['a topic', '/explain topic:states'],
    ['a finding', '/explain finding:telnet'],
    ['the list', '/targets list'],
    ['settings', '/settings show'],
    ['the audit log', '/audit list'],
    ['status', '/status'],
    ['history', '/history host:127.0.0.1'],
    ['help', '/help'],
  ])('%s holds no English sentence', async (_what, line) => {
    const english = await speaking('en-US', 'en-US', line);
    const german = await speaking('de', 'en-US', line);
    expect(german.outcome).toBe(english.outcome);
    const lines = new Set(german.text.split('\n'));
    const same = english.text
      .split('\n')
      .filter((each) => lines.has(each) && /\b(?:the|is|are|not|and|this)\b/.test(each));
    expect(same).toEqual([]);
  });
});

test('Discord is told of names and descriptions in every language', () => {
  const [scan] = bot.sandbox.commands(bot.sandbox.world.guilds[0]?.id ?? '').filter(({ name }) => name === 'scan');
  const { description_localizations: descriptions } = scan ?? {};
  expect(Object.keys(descriptions ?? {}).sort()).toEqual(['de', 'es-419', 'es-ES', 'fr', 'ja', 'pt-BR']);
  for (const text of Object.values(descriptions ?? {})) expect(text).not.toBe(scan?.description);
});
