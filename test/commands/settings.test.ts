import { ChannelType, type Client, PermissionFlagsBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { settingsCommand } from '../../commands/settings.ts';
import { createDelivery, type Delivery } from '../../src/discord/delivery.ts';
import { createRouter } from '../../src/discord/router.ts';
import type { ServerFacts } from '../../src/discord/serverFacts.ts';
import { LANGUAGES } from '../../src/i18n/languages.ts';
import { createLogger } from '../../src/log.ts';
import type { InteractionHandle } from '../../src/sandbox/client/handle.ts';
import { renderMessage } from '../../src/sandbox/text.ts';
import { nameIn } from '../../src/sandbox/world.ts';
import type { AuditNote } from '../../src/scans/audit.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createOpenReplies } from '../../src/storage/openReplies.ts';
import { createSettings } from '../../src/storage/settings.ts';
import { openBot, openSandbox, until } from '../sandbox/support.ts';

const { ViewChannel, SendMessages, EmbedLinks } = PermissionFlagsBits;

/** From the client's cache, which the gateway keeps up to date. */
function factsOf(client: Client): ServerFacts {
  return {
    channel(guildId, channelId) {
      const channel = client.guilds.cache.get(guildId)?.channels.cache.get(channelId);
      const permissions = client.user && channel?.permissionsFor(client.user.id);
      const canPost = permissions?.has([ViewChannel, SendMessages, EmbedLinks]) ?? false;
      return channel && { isText: channel.type === ChannelType.GuildText, canPost };
    },
    hasRole: (guildId, roleId) => client.guilds.cache.get(guildId)?.roles.cache.has(roleId),
  };
}

/** The real command behind the real router and client, without the rest of the bot. */
async function open({ maxPorts = 100, auditFails = false } = {}) {
  const sandbox = await openSandbox();
  const database = await openDatabase('memory://');
  const settings = createSettings(database.store('settings'));
  const notes: AuditNote[] = [];
  const ended = new Map<string, string>();
  const audit = {
    async record(_actor: unknown, note: AuditNote) {
      if (auditFails) throw new Error('the audit log cannot be written');
      notes.push(note);
    },
  };
  const facts: { current: ServerFacts | undefined } = { current: undefined };
  const serverFacts: ServerFacts = {
    channel: (...ids) => facts.current?.channel(...ids),
    hasRole: (...ids) => facts.current?.hasRole(...ids),
  };
  const log = createLogger({ level: 'silent', secrets: [] });
  const command = settingsCommand({ settings, serverFacts, maxPorts, audit });
  const discord = Promise.withResolvers<Delivery>();
  const router = createRouter({
    delivery: {
      edit: async (...args) => (await discord.promise).edit(...args),
      deliver: async (...args) => (await discord.promise).deliver(...args),
      followUp: async (...args) => (await discord.promise).followUp(...args),
    },
    languages: LANGUAGES,
    journal: createOpenReplies(database.store('openReplies')),
    commands: [command as Parameters<typeof createRouter>[0]['commands'][number]],
    log,
    onFinished: ({ interactionId, outcome }) => ended.set(interactionId, outcome),
  });
  const { client } = await openBot(sandbox, {
    commands: [...router.declarations],
    onInteraction: router.handle,
  });
  facts.current = factsOf(client);
  discord.resolve(createDelivery({ client: client as Client<true>, log, now: Date.now }));

  const finished = async (sent: InteractionHandle) => {
    await until(() => ended.has(sent.id));
    const message = sent.message();
    const text = message ? renderMessage(message, { nameOf: (id) => nameIn(sandbox.world, id) }) : '';
    return { outcome: ended.get(sent.id), text };
  };
  const run = async (line: string, by = {}) => finished(await sandbox.slash(line, by));
  const guildId = sandbox.world.guilds[0]?.id ?? '';
  return { sandbox, settings, notes, client, run, finished, guildId };
}

describe('/settings', () => {
  test('shows the defaults, privately, with the command for each', async () => {
    const { run } = await open();
    const { outcome, text } = await run('/settings show');
    expect(outcome).toBe('done');
    expect(text).toMatch(/^\(only you can see this\)/);
    for (const words of ['Everybody to whom', 'Only who asked', 'Off:', 'The built-in list', '/settings visibility']) {
      expect(text).toContain(words);
    }
  });

  test('scanner roles: added, shown, taken off; the last one off is a warning', async () => {
    const { run, sandbox, settings, guildId, notes } = await open();
    const role = sandbox.createRole(1, { name: 'Scanners' });
    const added = await run('/settings scanner-role action:add role:Scanners');
    expect(added.text).toMatch(/changed[\s\S]*Members with @Scanners, and members with Manage Server/);
    expect(await settings.read(guildId)).toMatchObject({ scannerRoles: [role.id] });
    expect((await run('/settings show', { as: 'owner' })).text).toContain('@Scanners');
    expect((await run('/settings scanner-role action:add role:Scanners')).text).toContain('on the list already');
    const off = await run('/settings scanner-role action:remove role:Scanners');
    expect(off.text).toMatch(/Everybody to whom[\s\S]*⚠️ That was the last role/);
    const again = await run('/settings scanner-role action:remove role:Scanners');
    expect(again).toMatchObject({ outcome: 'refused' });
    expect(again.text).toContain('not on the list');
    expect(notes.map(({ action, detail }) => [action, detail])).toEqual([
      ['settings.scanner-role', `scanner roles: ${role.id}`],
      ['settings.scanner-role', 'scanner roles: none, so everybody'],
    ]);
  });

  test('@everyone is refused, also from a client that would send it', async () => {
    const { run, finished, sandbox, settings, guildId } = await open();
    expect((await run('/settings scanner-role action:add role:@everyone')).text).toContain('shut nobody out');
    const options = [
      { type: 3, name: 'action', value: 'add' },
      { type: 8, name: 'role', value: guildId },
    ];
    const data = { id: '1', name: 'settings', type: 1, options: [{ type: 1, name: 'scanner-role', options }] };
    expect((await finished(sandbox.interact({ type: 2, data }))).outcome).toBe('refused');
    expect(await settings.read(guildId)).toMatchObject({ scannerRoles: [] });
  });

  test('a role of another server is refused', async () => {
    const { finished, sandbox } = await open();
    const foreign = sandbox.createRole(2, { name: 'Foreign' });
    const options = [
      { type: 3, name: 'action', value: 'add' },
      { type: 8, name: 'role', value: foreign.id },
    ];
    const data = { id: '1', name: 'settings', type: 1, options: [{ type: 1, name: 'scanner-role', options }] };
    expect((await finished(sandbox.interact({ type: 2, data }))).text).toContain('no such role');
  });

  test('roles that are gone keep the list closed, are told, and make room for the next', async () => {
    const { run, sandbox, settings, guildId, client } = await open();
    for (let i = 1; i <= 20; i++) {
      sandbox.createRole(1, { name: `r${i}` });
      await run(`/settings scanner-role action:add role:r${i}`);
    }
    sandbox.createRole(1, { name: 'more' });
    expect((await run('/settings scanner-role action:add role:more')).text).toContain('At most 20 roles');
    for (let i = 1; i <= 20; i++) sandbox.deleteRole(1, `r${i}`);
    await until(() => client.guilds.cache.get(guildId)?.roles.cache.some(({ name }) => name === 'r20') === false);
    expect((await run('/settings show')).text).toMatch(/⚠️ 20 of these roles are gone/);
    expect((await settings.read(guildId)).scannerRoles).toHaveLength(20);
    expect((await run('/settings scanner-role action:add role:more')).text).toContain('Members with @more, and');
    expect((await settings.read(guildId)).scannerRoles).toHaveLength(1);
  });

  test('visibility', async () => {
    const { run, settings, guildId } = await open();
    expect((await run('/settings visibility value:channel')).text).toMatch(
      /Everybody in the channel[\s\S]*Before: Only/,
    );
    expect(await settings.read(guildId)).toMatchObject({ visibility: 'channel' });
    expect((await run('/settings visibility value:channel')).text).toContain('as it was');
    await expect(run('/settings visibility value:everybody')).rejects.toThrow('no choice');
  });

  test('audit channel: on, with a warning where the bot cannot post, and off', async () => {
    const { run, sandbox, settings, guildId, client } = await open();
    const channel = sandbox.world.guilds[0]?.channels[1];
    const set = await run('/settings audit-channel channel:#general');
    expect(set.text).toMatch(/#general[\s\S]*Whoever can read this channel/);
    expect(await settings.read(guildId)).toMatchObject({ auditChannelId: channel?.id });
    sandbox.denyBot(channel?.id ?? '', SendMessages);
    await until(() => factsOf(client).channel(guildId, channel?.id ?? '')?.canPost === false);
    expect((await run('/settings show')).text).toContain('⚠️ The bot cannot post there');
    expect((await run('/settings audit-channel channel:#general')).text).toContain('⚠️ The bot cannot post there');
    expect((await run('/settings audit-channel')).text).toContain('Off: audit records are kept');
    expect(await settings.read(guildId)).not.toHaveProperty('auditChannelId');
  });

  test('a channel of another server is refused', async () => {
    const { finished, sandbox, settings, guildId } = await open();
    const foreign = sandbox.world.guilds[1]?.channels[0]?.id;
    const options = [{ type: 7, name: 'channel', value: foreign }];
    const data = { id: '1', name: 'settings', type: 1, options: [{ type: 1, name: 'audit-channel', options }] };
    const { outcome, text } = await finished(sandbox.interact({ type: 2, data }));
    expect(outcome).toBe('refused');
    expect(text).toContain('a text channel of this server');
    expect(await settings.read(guildId)).not.toHaveProperty('auditChannelId');
  });

  test.each([
    ['22, ssh, @web', /22, 80, 443/],
    ['1-101', /Check the option ports/],
    ['22;80', /Semicolons/],
    ['all', /ports/],
  ])('default ports "%s"', async (ports, words) => {
    const { run, settings, guildId } = await open();
    const { outcome, text } = await run(`/settings default-ports ports:${ports}`);
    expect(text).toMatch(words);
    const { defaultPorts } = await settings.read(guildId);
    expect(defaultPorts === undefined).toBe(outcome === 'refused');
    expect((await run('/settings default-ports')).text).toContain('The built-in list.');
    expect(await settings.read(guildId)).not.toHaveProperty('defaultPorts');
  });

  test('without its audit record nothing changes', async () => {
    const { run, settings, guildId } = await open({ auditFails: true });
    expect((await run('/settings visibility value:channel')).outcome).toBe('failed');
    expect(await settings.exportGuild(guildId)).toBeUndefined();
  });

  test('servers do not see each other, and two managers at once lose nothing', async () => {
    const { run, sandbox, settings, guildId } = await open();
    for (const name of ['one', 'two']) sandbox.createRole(1, { name });
    await Promise.all([
      run('/settings scanner-role action:add role:one', { as: 'owner' }),
      run('/settings scanner-role action:add role:two'),
      run('/settings visibility value:channel'),
    ]);
    const { scannerRoles, visibility } = await settings.read(guildId);
    expect([scannerRoles.length, visibility]).toEqual([2, 'channel']);
    expect((await run('/settings show', { guild: 2 })).text).toContain('Everybody to whom');
  });

  test('without Manage Server the handler refuses, whatever Discord let through', async () => {
    const { finished, sandbox, settings, guildId } = await open();
    const options = [{ type: 3, name: 'value', value: 'channel' }];
    const data = { id: '1', name: 'settings', type: 1, options: [{ type: 1, name: 'visibility', options }] };
    const { outcome, text } = await finished(sandbox.interact({ type: 2, data }, { as: 'member' }));
    expect(outcome).toBe('refused');
    expect(text).toContain('Manage Server');
    expect(await settings.exportGuild(guildId)).toBeUndefined();
  });
});
