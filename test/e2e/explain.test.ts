import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/advice/catalogue/index.ts';
import { TOPICS } from '../../src/advice/topics.ts';
import { type Bot, startBot } from './harness.ts';

let bot: Bot;
beforeAll(async () => {
  bot = await startBot();
});
afterAll(() => bot?.stop());

describe('/explain', () => {
  test.each([
    ['22', /SSH[\s\S]*On the internet\?[\s\S]*Risks[\s\S]*PasswordAuthentication no[\s\S]*Sources[\s\S]*https:/],
    ['ssh', /Port 22/],
    ['SSH', /Port 22/],
    ['22/udp', /Port 22/],
    ['redis', /Port 6379[\s\S]*critical/],
    ['443', /Port 443[\s\S]*Yes/],
    ['49999', /Port 49999[\s\S]*no guide for this port[\s\S]*Who needs/],
    ['65535', /Port 65535/],
  ])('port:%s', async (port, words) => {
    const reply = await bot.run(`/explain port:${port}`);
    expect(reply).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(reply.text).toMatch(words);
  });

  test.each([
    ['port:0', /1 to 65535/],
    ['port:65536', /1 to 65535/],
    ['port:-22', /1 to 65535/],
    ['port:022', /1 to 65535/],
    ['port:8080-8090', /one port at a time[\s\S]*8080/],
    ['port:22,80', /one port at a time/],
    ['port:__proto__', /neither a port number nor a service/],
    ['port:no-such-thing', /neither a port number nor a service/],
    ['topic:constructor', /no such topic/],
    ['port:22 topic:states', /one at a time/],
  ])('%s is refused with a sentence that helps', async (options, words) => {
    const reply = await bot.run(`/explain ${options}`);
    expect(reply).toMatchObject({ outcome: 'refused', isPrivate: true });
    expect(reply.text).toMatch(words);
  });

  test('every guide and every topic fits into a reply that Discord takes, whole', async () => {
    for (const { ports } of CATALOGUE) {
      const reply = await bot.run(`/explain port:${ports[0]}`);
      expect(reply.outcome, `port ${ports[0]}`).toBe('done');
      expect(reply.text).not.toMatch(/more lines?/);
    }
    for (const { id } of TOPICS) {
      const reply = await bot.run(`/explain topic:${id}`);
      expect(reply.outcome, id).toBe('done');
      expect(reply.text).not.toMatch(/more lines?/);
    }
  });

  test('without options it offers the topics', async () => {
    expect((await bot.run('/explain')).text).toMatch(/states[\s\S]*outside-view/);
  });

  test('suggestions by number and by name', async () => {
    const found = async (line: string) => (await bot.sandbox.autocomplete(line)).map(({ value }) => value);
    expect(await found('/explain port:33')).toContain('3306');
    expect(await found('/explain port:post')).toContain('5432');
    expect(await found('/explain topic:out')).toContain('outside-view');
  });
});

describe('/help', () => {
  test('lists every command with its options, from the declarations', async () => {
    const reply = await bot.run('/help', { as: 'member' });
    for (const command of bot.sandbox.commands(bot.sandbox.world.guilds[0]?.id ?? '')) {
      expect(reply.text).toContain(`/${command.name}`);
      for (const option of command.options ?? []) expect(reply.text).toContain(option.name);
    }
    expect(reply.text).not.toMatch(/more lines?/);
  });
});
