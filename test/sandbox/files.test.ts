import { AttachmentBuilder, type Interaction } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { openBot, openSandbox } from './support.ts';

describe('files', () => {
  it('stores uploads, refers to them in embeds, and serves them', async () => {
    const sandbox = await openSandbox();
    const onInteraction = async (interaction: Interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply();
      const file = new AttachmentBuilder(Buffer.from('22 open\n'), {
        name: 'ports list.txt',
        description: 'All ports',
      });
      await interaction.editReply({
        files: [file],
        embeds: [{ title: 'x', image: { url: 'attachment://ports_list.txt' } }],
      });
    };
    const commands = [{ name: 'scan', description: 'Scans' }];
    const { errors } = await openBot(sandbox, { commands, onInteraction });
    const handle = await sandbox.slash('/scan');
    await handle.waitFor(({ edits }) => edits === 1);
    const message = handle.message();
    const file = message?.attachments[0];
    expect(file).toMatchObject({ filename: 'ports_list.txt', size: 8, description: 'All ports' });
    expect(message?.embeds[0]?.image?.url).toBe(file?.url);
    expect(await (await fetch(file?.url ?? '')).text()).toBe('22 open\n');
    expect(errors).toEqual([]);
  });

  it('gives the bot the file of an attachment option', async () => {
    const sandbox = await openSandbox();
    const { errors } = await openBot(sandbox, {
      commands: [
        {
          name: 'import',
          description: 'Imports',
          options: [{ type: 11, name: 'file', description: 'File', required: true }],
        },
      ],
      onInteraction: async (interaction) => {
        if (!interaction.isChatInputCommand()) return;
        const file = interaction.options.getAttachment('file', true);
        await interaction.reply(`${file.name}: ${await (await fetch(file.url)).text()}`);
      },
    });
    const attachments = { file: { name: 'a.csv', data: Buffer.from('x,y') } };
    const handle = await sandbox.slash('/import', { attachments });
    await handle.acknowledged();
    expect(handle.message()?.content).toBe('a.csv: x,y');
    await expect(sandbox.slash('/import')).rejects.toThrow('/import needs file');
    await expect(sandbox.slash('/import file:/nowhere/at/all')).rejects.toThrow('there is no file');
    expect(errors).toEqual([]);
  });
});

describe('any payload at all', () => {
  it('dispatches what no client would send', async () => {
    const seen: Interaction[] = [];
    const sandbox = await openSandbox();
    await openBot(sandbox, { onInteraction: async (interaction) => seen.push(interaction) });
    const handle = sandbox.interact({ type: 3, data: { custom_id: 'x'.repeat(200), component_type: 2 }, locale: 'xx' });
    await expect(handle.acknowledged(300)).resolves.toBe('timeout');
    expect(seen).toMatchObject([{ customId: 'x'.repeat(200), locale: 'xx' }]);
    await expect(handle.waitFor(() => false, 50)).rejects.toThrow('no response');
  });

  it('delivers an event twice when told to', async () => {
    const seen: string[] = [];
    const sandbox = await openSandbox();
    await openBot(sandbox, { onInteraction: async ({ id }) => seen.push(id) });
    const handle = sandbox.interact({ type: 2, data: { id: '1', name: 'gone', type: 1 } });
    sandbox.gateway.dispatch('INTERACTION_CREATE', handle.payload);
    await handle.acknowledged(200);
    expect(seen).toEqual([handle.id, handle.id]);
  });
});
