import type { Interaction, RESTPostAPIApplicationCommandsJSONBody } from 'discord.js';
import { ButtonStyle, ComponentType, MessageFlags } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { openBot, openSandbox } from './support.ts';

const COMMANDS: RESTPostAPIApplicationCommandsJSONBody[] = [
  { name: 'everywhere', description: 'd', contexts: [0, 1, 2], integration_types: [0, 1] },
  { name: 'server', description: 'd', contexts: [0], integration_types: [0] },
  { name: 'personal', description: 'd', contexts: [0], integration_types: [1] },
];
const ROW = {
  type: ComponentType.ActionRow as const,
  components: [
    { type: ComponentType.Button as const, style: ButtonStyle.Primary as const, custom_id: 'again', label: 'Again' },
  ],
};

async function open() {
  const sandbox = await openSandbox();
  const seen: Interaction[] = [];
  const onInteraction = async (interaction: Interaction) => {
    seen.push(interaction);
    if (interaction.isChatInputCommand()) await interaction.reply({ content: 'hello', components: [ROW] });
    if (interaction.isButton()) await interaction.update('pressed');
  };
  return { sandbox, seen, ...(await openBot(sandbox, { commands: COMMANDS, onInteraction })) };
}

describe('direct messages', () => {
  it('have a user and no member, no server and no permissions but those of every app', async () => {
    const { sandbox, seen, errors } = await open();
    const handle = await sandbox.slash('/everywhere', { as: 'member', where: 'dm' });
    await handle.acknowledged();
    const { member } = sandbox.world.people;
    for (const absent of ['guild_id', 'guild', 'member', 'guild_locale'])
      expect(handle.payload).not.toHaveProperty(absent);
    expect(handle.payload).toMatchObject({
      context: 1,
      authorizing_integration_owners: { '0': '0' },
      user: { id: member.id },
      channel_id: member.dmChannelId,
      channel: { id: member.dmChannelId, type: 1, recipients: [{ id: member.id }] },
      app_permissions: '180224',
    });
    expect(seen[0]).toMatchObject({ guildId: null, member: null, user: { id: member.id }, memberPermissions: null });
    expect(errors).toEqual([]);
  });

  it('have messages that only their person can press', async () => {
    const { sandbox, seen } = await open();
    const handle = await sandbox.slash('/everywhere', { as: 'member', where: 'dm' });
    await handle.acknowledged();
    const id = handle.message()?.id ?? '';
    expect(() => sandbox.click(id, 'Again', { as: 'admin' })).toThrow('does not see this message');
    await sandbox.click(id, 'Again').acknowledged();
    expect(handle.message()?.content).toBe('pressed');
    expect(seen.at(-1)).toMatchObject({ guildId: null, context: 1 });
  });

  it('are not offered commands of servers, and raw payloads reach the bot all the same', async () => {
    const { sandbox, seen, client } = await open();
    await client.application.commands.set([{ name: 'local', description: 'd' }], sandbox.world.guilds[0]?.id ?? '');
    const dm = { where: 'dm' } as const;
    await expect(sandbox.slash('/server', dm)).rejects.toThrow('not offered in direct messages');
    await expect(sandbox.slash('/local', dm)).rejects.toThrow('There is no command /local here');
    const raw = sandbox.interact({ type: 2, data: { id: '1', name: 'server', type: 1 } }, dm);
    await raw.acknowledged();
    expect(seen.at(-1)?.guildId).toBeNull();
  });
});

describe('an app that somebody installed for themselves', () => {
  it('comes from a server, but on the authority of the person alone', async () => {
    const { sandbox, seen, errors } = await open();
    const [first] = sandbox.world.guilds;
    sandbox.removeBot(1);
    const handle = await sandbox.slash('/everywhere', { as: 'member', where: 'user-install' });
    await handle.acknowledged();
    const { member } = sandbox.world.people;
    expect(handle.payload).toMatchObject({
      context: 0,
      guild_id: first?.id,
      authorizing_integration_owners: { '1': member.id },
      member: { user: { id: member.id } },
    });
    expect(handle.payload.authorizing_integration_owners).not.toHaveProperty('0');
    expect(seen[0]).toMatchObject({ guildId: first?.id, guild: null });
    await sandbox.click(handle.message()?.id ?? '', 'Again').acknowledged();
    expect(seen.at(-1)?.authorizingIntegrationOwners).toMatchObject({ guildId: null, userId: member.id });
    expect(errors).toEqual([]);
  });

  it('is offered only what is declared for it', async () => {
    const { sandbox } = await open();
    const own = { where: 'user-install' } as const;
    await expect(sandbox.slash('/server', own)).rejects.toThrow('not offered to people who installed');
    await expect(sandbox.slash('/personal')).rejects.toThrow('not offered to servers');
    expect(await (await sandbox.slash('/personal', own)).acknowledged()).toMatchObject({ type: 4 });
  });
});

describe('files of command options', () => {
  it('are kept for a while, under a signed address, with the type of their ending', async () => {
    const sandbox = await openSandbox();
    const option = { type: 11 as const, name: 'file', description: 'd', required: true };
    const files: { url: string; contentType: string | null; ephemeral: boolean; size: number }[] = [];
    const { errors } = await openBot(sandbox, {
      commands: [{ name: 'import', description: 'd', options: [option] }],
      onInteraction: async (interaction) => {
        if (!interaction.isChatInputCommand()) return;
        files.push(interaction.options.getAttachment('file', true));
        await interaction.reply({ content: 'ok', flags: MessageFlags.Ephemeral });
      },
    });
    const handle = await sandbox.slash('/import', { files: { file: { name: 'hösts.csv', content: 'host,ports\n' } } });
    await handle.acknowledged();
    expect(files[0]).toMatchObject({ contentType: 'text/csv; charset=utf-8', ephemeral: true, size: 11 });
    expect(files[0]?.url).toMatch(
      /\/ephemeral-attachments\/\d+\/\d+\/h_sts\.csv\?ex=[0-9a-f]+&is=[0-9a-f]+&hm=[0-9a-f]{64}&$/,
    );
    expect(await (await fetch(files[0]?.url ?? '')).text()).toBe('host,ports\n');
    const large = { name: 'a.csv', content: Buffer.alloc(10 * 1024 * 1024 + 1) };
    await expect(sandbox.slash('/import', { files: { file: large } })).rejects.toThrow('larger than 10 MiB');
    await sandbox.slash(`/import file:${import.meta.filename}`).then((sent) => sent.acknowledged());
    expect(files[1]?.contentType).toBe('application/octet-stream');
    expect(errors).toEqual([]);
  });
});
