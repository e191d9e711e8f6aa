import {
  ApplicationCommandOptionType,
  type Interaction,
  LabelBuilder,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import { expect, test } from 'vitest';
import { openBot } from '../sandbox/support.ts';
import { describeInBrowser, latest, seriousViolations, stage, type } from './support.ts';

const MODAL = new ModalBuilder()
  .setCustomId('report')
  .setTitle('Report a port')
  .addLabelComponents(
    new LabelBuilder()
      .setLabel('Why')
      .setDescription('In a sentence')
      .setTextInputComponent(
        new TextInputBuilder().setCustomId('why').setStyle(TextInputStyle.Paragraph).setMinLength(5).setMaxLength(100),
      ),
    new LabelBuilder()
      .setLabel('How bad')
      .setStringSelectMenuComponent(
        new StringSelectMenuBuilder()
          .setCustomId('severity')
          .addOptions({ label: 'Low', value: 'low' }, { label: 'High', value: 'high' }),
      ),
  );

/** A bot that answers one command with a form, and shows what the options and the form had in them. */
async function answer(interaction: Interaction): Promise<void> {
  if (interaction.isChatInputCommand()) {
    const file = interaction.options.getAttachment('file');
    if (file) await interaction.reply(`${file.name}, ${file.size} bytes, for <#${interaction.channelId}>`);
    else await interaction.showModal(MODAL);
  } else if (interaction.isModalSubmit()) {
    const [severity] = interaction.fields.getStringSelectValues('severity');
    await interaction.reply(`${interaction.fields.getTextInputValue('why')} (${severity})`);
  }
}

describeInBrowser('forms and files, which the page knows and the bot does not use yet', () => {
  const here = stage(null);

  test('a form is filled in and sent, a file is sent along', async () => {
    const option = { type: ApplicationCommandOptionType.Attachment, name: 'file', description: 'A file' } as const;
    const commands = [{ name: 'report', description: 'Report a port', options: [option] }];
    await openBot(here.sandbox, { commands, onInteraction: answer });
    const page = await here.page();

    await type(page, '/report');
    const dialog = page.getByRole('dialog', { name: 'Report a port' });
    await dialog.waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await dialog.count()).toBe(0);

    await type(page, '/report');
    await dialog.getByLabel('Why').fill('Nobody knows what it is for');
    await dialog.getByLabel('How bad').selectOption('High');
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await latest(page).getByText('Nobody knows what it is for (high)').waitFor();
    expect(await dialog.count()).toBe(0);

    await page.getByRole('combobox', { name: /^Message/ }).focus();
    await page.keyboard.type('/report file:');
    await page.getByLabel('file', { exact: true }).setInputFiles({
      name: 'ports.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('host,port\n'),
    });
    await page.getByRole('button', { name: 'Send' }).click();
    await latest(page).getByText('ports.csv, 10 bytes, for #ops').waitFor();
  });
});
