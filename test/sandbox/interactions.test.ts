import {
  ApplicationCommandOptionType,
  ButtonStyle,
  ComponentType,
  type Interaction,
  MessageFlags,
  PermissionFlagsBits,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  TextInputStyle,
} from 'discord.js';
import { describe, expect, it } from 'vitest';
import { openBot, openSandbox, rest } from './support.ts';

const SCAN: RESTPostAPIChatInputApplicationCommandsJSONBody = {
  name: 'scan',
  description: 'Scans',
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: 'host',
      description: 'Host',
      required: true,
      autocomplete: true,
    },
    { type: ApplicationCommandOptionType.String, name: 'ports', description: 'Ports' },
    { type: ApplicationCommandOptionType.Boolean, name: 'share', description: 'Share' },
  ],
};

const ROW = {
  type: ComponentType.ActionRow as const,
  components: [
    { type: ComponentType.Button as const, style: ButtonStyle.Primary as const, custom_id: 'again:1', label: 'Again' },
    {
      type: ComponentType.Button as const,
      style: ButtonStyle.Link as const,
      url: 'https://example.com',
      label: 'Docs',
    },
  ],
};

function withBot(onInteraction: (interaction: Interaction) => Promise<unknown>) {
  return async () => {
    const sandbox = await openSandbox();
    const bot = await openBot(sandbox, { commands: [SCAN], onInteraction });
    return { sandbox, ...bot };
  };
}

describe('slash commands', () => {
  it('carries options, person and place to the bot, and the deferred reply back', async () => {
    const open = withBot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      const { options } = interaction;
      const values = [options.getString('host'), options.getString('ports'), options.getBoolean('share')];
      await interaction.editReply({ content: JSON.stringify(values) });
      const follow = await interaction.followUp({ content: `${interaction.user.displayName}` });
      await follow.edit({ content: `${interaction.memberPermissions?.has(PermissionFlagsBits.ManageGuild)}` });
    });
    const { sandbox, errors } = await open();
    const handle = await sandbox.slash('/scan host:fe80::1 ports:22, 80 share:true', { channel: 'general' });
    const acknowledged = await handle.acknowledged();
    expect(acknowledged).toMatchObject({ type: 5 });
    await handle.waitFor(({ edits }) => edits === 2);
    expect(handle.message()).toMatchObject({ content: '["fe80::1","22, 80",true]', flags: MessageFlags.Ephemeral });
    expect(handle.followUps()).toMatchObject([{ content: 'true', flags: 0 }]);
    expect(handle.history.map(({ kind }) => kind)).toEqual(['response', 'edit', 'followUp', 'edit']);
    expect(handle.history[0]?.message?.flags).toBe(MessageFlags.Ephemeral | MessageFlags.Loading);
    expect(handle.payload).toMatchObject({ context: 0, guild_locale: 'en-US', attachment_size_limit: 10_485_760 });
    expect(errors).toEqual([]);
    expect(sandbox.notices).toEqual([]);
  });

  it('shows an ephemeral reply to its reader only, and lets nobody else press its buttons', async () => {
    const open = withBot(async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply({ content: 'secret', components: [ROW], flags: MessageFlags.Ephemeral });
    });
    const { sandbox } = await open();
    const handle = await sandbox.slash('/scan host:a', { as: 'member' });
    await handle.acknowledged();
    const message = handle.message();
    const channel = message?.channel_id ?? '';
    expect(sandbox.channelMessages(channel, { as: 'member' })).toHaveLength(1);
    expect(sandbox.channelMessages(channel, { as: 'owner' })).toHaveLength(0);
    expect(() => sandbox.click(message?.id ?? '', 'Again', { as: 'owner' })).toThrow('does not see this message');
    expect(() => sandbox.click(message?.id ?? '', 'Docs')).toThrow('is a link');
    expect(() => sandbox.click(message?.id ?? '', 'Nope')).toThrow('There are: Again, Docs.');
    expect((await rest(sandbox, 'GET', `/channels/${channel}/messages/${message?.id}`)).body.code).toBe(10_008);
  });

  it('answers what discord.js asks back: the reply with its response, fetched, deleted', async () => {
    const open = withBot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      const { resource } = await interaction.reply({ content: 'a', withResponse: true });
      const fetched = await interaction.fetchReply();
      await interaction.deleteReply();
      await interaction.followUp(`${resource?.message?.id === fetched.id} ${fetched.content}`);
    });
    const { sandbox, errors } = await open();
    const handle = await sandbox.slash('/scan host:a');
    await handle.waitFor(({ history }) => history.length === 3);
    expect(handle.message()).toBeNull();
    expect(handle.followUps()).toMatchObject([{ content: 'true a' }]);
    expect(errors).toEqual([]);
  });

  it('lets the bot post, change and delete messages of its own', async () => {
    const { sandbox, client } = await withBot(async () => {})();
    const id = sandbox.world.guilds[0]?.channels[0]?.id ?? '';
    const channel = await client.channels.fetch(id, { force: true });
    if (!channel?.isSendable()) throw new Error('no channel');
    const message = await channel.send({ content: 'drift', allowedMentions: { parse: [] } });
    await message.edit('no drift');
    expect(sandbox.channelMessages(id, { as: 'member' })).toMatchObject([{ content: 'no drift' }]);
    expect(sandbox.requests.at(-2)?.body).toMatchObject({ allowed_mentions: { parse: [] } });
    await message.delete();
    expect(sandbox.channelMessages(id)).toEqual([]);
  });

  it('keeps servers apart: context, commands and membership', async () => {
    const open = withBot(async (interaction) => {
      if (interaction.isChatInputCommand()) await interaction.reply(`${interaction.guildId}/${interaction.channelId}`);
    });
    const { sandbox, client } = await open();
    const [first, second] = sandbox.world.guilds;
    await client.application.commands.set([{ name: 'local', description: 'Only here' }], second?.id ?? '');
    expect(sandbox.commands(first?.id ?? '').map(({ name }) => name)).toEqual(['scan']);
    expect(sandbox.commands(second?.id ?? '').map(({ name }) => name)).toEqual(['local', 'scan']);
    await expect(sandbox.slash('/local')).rejects.toThrow('There is no command /local here. There are: /scan.');
    await expect(sandbox.slash('/scan host:a', { as: 'outsider' })).rejects.toThrow('not a member of Harbor Ops');
    const handle = await sandbox.slash('/local', { as: 'outsider', guild: 2 });
    await handle.acknowledged();
    expect(handle.message()?.content).toBe(`${second?.id}/${second?.channels[0]?.id}`);
  });
});

describe('components', () => {
  it('updates the message of a button, and defers the next press', async () => {
    const open = withBot(async (interaction) => {
      if (interaction.isChatInputCommand()) await interaction.reply({ content: 'one', components: [ROW] });
      if (!interaction.isButton()) return;
      if (interaction.message.content === 'one')
        await interaction.update({ content: `two by ${interaction.user.username}` });
      else {
        await interaction.deferUpdate();
        await interaction.editReply({ content: 'three', components: [] });
        await interaction.followUp({ content: 'done', flags: MessageFlags.Ephemeral });
      }
    });
    const { sandbox, errors } = await open();
    const shown = await sandbox.slash('/scan host:a');
    await shown.acknowledged();
    const first = sandbox.click(shown.message()?.id ?? '', 'Again', { as: 'member' });
    expect(await first.acknowledged()).toMatchObject({ type: 7 });
    expect(shown.message()?.content).toBe('two by mel');
    const second = sandbox.click(shown.message()?.id ?? '', 'again:1');
    await second.waitFor((handle) => handle.followUps().length === 1);
    expect(await second.acknowledged()).toMatchObject({ type: 6 });
    expect(shown.message()).toMatchObject({ content: 'three', components: [] });
    expect(second.followUps()).toMatchObject([{ content: 'done', flags: MessageFlags.Ephemeral }]);
    expect(errors).toEqual([]);
  });

  it('sends what was chosen in selects, and refuses what cannot be chosen', async () => {
    const open = withBot(async (interaction) => {
      const strings = {
        type: ComponentType.StringSelect as const,
        custom_id: 'port',
        placeholder: 'Port',
        options: [
          { label: 'SSH', value: '22' },
          { label: 'HTTP', value: '80' },
        ],
      };
      const users = { type: ComponentType.UserSelect as const, custom_id: 'who', max_values: 2 };
      const row = (component: typeof strings | typeof users) => ({
        type: ComponentType.ActionRow as const,
        components: [component],
      });
      if (interaction.isChatInputCommand())
        await interaction.reply({ components: [row(strings), row(users)], content: 'x' });
      if (interaction.isStringSelectMenu()) await interaction.update(`port ${interaction.values.join()}`);
      if (interaction.isUserSelectMenu())
        await interaction.update(interaction.users.map((user) => user.username).join());
    });
    const { sandbox, errors } = await open();
    const shown = await sandbox.slash('/scan host:a');
    await shown.acknowledged();
    const id = shown.message()?.id ?? '';
    expect(() => sandbox.select(id, 'port', ['9'])).toThrow('There are: SSH, HTTP.');
    expect(() => sandbox.select(id, 'port', ['22', '80'])).toThrow('takes 1 values, not 2');
    await sandbox.select(id, 'port', ['SSH']).acknowledged();
    expect(shown.message()?.content).toBe('port 22');
    await sandbox.select(id, 'who', ['member', 'owner']).acknowledged();
    expect(shown.message()?.content).toBe('mel,olga');
    expect(errors).toEqual([]);
  });

  it('opens a modal and sends what was filled in', async () => {
    const input = {
      type: ComponentType.TextInput as const,
      custom_id: 'why',
      label: 'Why',
      style: TextInputStyle.Short as const,
      min_length: 3,
    };
    const open = withBot(async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.showModal({
          custom_id: 'reason',
          title: 'Reason',
          components: [{ type: ComponentType.ActionRow, components: [input] }],
        });
      if (interaction.isModalSubmit()) await interaction.reply(interaction.fields.getTextInputValue('why'));
    });
    const { sandbox, errors } = await open();
    const opened = await sandbox.slash('/scan host:a');
    await opened.acknowledged();
    expect(opened.modal()).toMatchObject({ title: 'Reason' });
    expect(() => sandbox.submitModal(opened, {})).toThrow('must be filled in');
    expect(() => sandbox.submitModal(opened, { why: 'no' })).toThrow('at least 3');
    expect(() => sandbox.submitModal(opened, { other: 'x' })).toThrow('There are: why.');
    const sent = sandbox.submitModal(opened, { why: 'because' });
    await sent.acknowledged();
    expect(sent.message()?.content).toBe('because');
    expect(errors).toEqual([]);
  });
});

describe('autocomplete', () => {
  it('asks the bot with the option that is being typed', async () => {
    const open = withBot(async (interaction) => {
      if (!interaction.isAutocomplete()) return;
      const focused = interaction.options.getFocused(true);
      await interaction.respond([{ name: `${focused.name} ${focused.value}`, value: `${focused.value}.example` }]);
    });
    const { sandbox, errors } = await open();
    expect(await sandbox.autocomplete('/scan host:db')).toEqual([{ name: 'host db', value: 'db.example' }]);
    expect(await sandbox.autocomplete('/scan host:db ports:2')).toEqual([]);
    expect(errors).toEqual([]);
  });
});
