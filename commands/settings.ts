import {
  ApplicationCommandOptionType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import { changedCard, type SettingsProblems, settingLine, settingsCard } from '../src/discord/cards/settingsCards.ts';
import type { Answer, Command, CommandContext, Declaration } from '../src/discord/command.ts';
import type { OptionValues } from '../src/discord/options.ts';
import { withoutRole, withRole } from '../src/discord/scannerRoles.ts';
import type { ServerFacts } from '../src/discord/serverFacts.ts';
import { say } from '../src/engine/phrase.ts';
import { parsePorts } from '../src/engine/ports/grammar.ts';
import { formatPorts } from '../src/engine/ports/intervals.ts';
import { suggestPorts } from '../src/engine/ports/suggest.ts';
import { accept, UserError } from '../src/errors.ts';
import type { Audit } from '../src/scans/audit.ts';
import { DEFAULT_HISTORY_DAYS, type GuildSettings, MAX_HISTORY_DAYS, type Settings } from '../src/storage/settings.ts';

const { Subcommand, String: Text, Role, Channel, Integer } = ApplicationCommandOptionType;

const choices = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, meaning]) => ({ name: `${value}: ${meaning}`, value }));

const data = {
  name: 'settings',
  description: 'Who may scan here, who sees results, what is scanned by default, how long results are kept',
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  default_member_permissions: String(PermissionFlagsBits.ManageGuild),
  options: [
    { type: Subcommand, name: 'show', description: 'All settings of this server' },
    {
      type: Subcommand,
      name: 'scanner-role',
      description: 'Let only some roles scan. Without any: everybody who may use /scan',
      options: [
        {
          type: Text,
          name: 'action',
          description: 'What to do with the role',
          required: true,
          choices: choices({ add: 'its members may scan', remove: 'off the list again' }),
        },
        { type: Role, name: 'role', description: 'A role of this server, not @everyone', required: true },
      ],
    },
    {
      type: Subcommand,
      name: 'visibility',
      description: 'Who sees the result of a scan when nobody says',
      options: [
        {
          type: Text,
          name: 'value',
          description: 'Who sees it',
          required: true,
          choices: choices({ private: 'only who asked', channel: 'everybody in the channel' }),
        },
      ],
    },
    {
      type: Subcommand,
      name: 'audit-channel',
      description: 'Also post in a channel who scanned and changed what. Without a channel: off',
      options: [
        {
          type: Channel,
          name: 'channel',
          description: 'A text channel of this server that only the right people can read',
          channel_types: [ChannelType.GuildText],
        },
      ],
    },
    {
      type: Subcommand,
      name: 'default-ports',
      description: 'What /scan tests when no ports are given. Without ports: the built-in list again',
      options: [
        {
          type: Text,
          name: 'ports',
          description: 'Ports such as 22,80,443 or 1-1024, names such as ssh, or presets such as @web',
          autocomplete: true,
          max_length: 4000,
        },
      ],
    },
    {
      type: Subcommand,
      name: 'history',
      description: `How long results are kept for /history. Without days: ${DEFAULT_HISTORY_DAYS} again`,
      options: [
        {
          type: Integer,
          name: 'days',
          description: 'Days from 1 to 365. A shorter time deletes what is older at once',
          min_value: 1,
          max_value: MAX_HISTORY_DAYS,
        },
      ],
    },
  ],
} as const satisfies Declaration;

type Request =
  | { readonly action: 'show' }
  | { readonly action: 'add-role' | 'remove-role'; readonly roleId: string }
  | { readonly action: 'visibility'; readonly value: GuildSettings['visibility'] }
  | { readonly action: 'audit-channel'; readonly channelId: string | undefined }
  | { readonly action: 'default-ports'; readonly ports: string | undefined }
  | { readonly action: 'history'; readonly days: number | undefined };

export interface SettingsDeps {
  readonly settings: Settings;
  readonly serverFacts: ServerFacts;
  readonly maxPorts: number;
  readonly audit: Pick<Audit, 'record'>;
}

export function settingsCommand(deps: SettingsDeps): Command<Request> {
  return {
    data,
    requires: 'manage-guild',
    parse: (options) => parse(options, deps.maxPorts),
    run: async (context, request) => {
      if (request.action === 'show') {
        const settings = await deps.settings.read(context.guildId);
        return {
          outcome: 'done',
          card: settingsCard(settings, problemsOf(context.guildId, settings, deps.serverFacts)),
        };
      }
      return change(context, request, deps);
    },
    autocomplete: async ({ value }) => suggestPorts(value).map(({ label, value }) => ({ name: label, value })),
  };
}

function parse(options: OptionValues, maxPorts: number): Request {
  switch (options.subcommand) {
    case 'show':
      return { action: 'show' };
    case 'scanner-role': {
      const action = options.string('action');
      const roleId = options.id('role');
      if ((action === 'add' || action === 'remove') && roleId !== undefined)
        return { action: `${action}-role`, roleId };
      throw new UserError('bad-role', say`Choose add or remove, and a role of this server.`, { option: 'role' });
    }
    case 'visibility': {
      const value = options.string('value');
      if (value === 'private' || value === 'channel') return { action: 'visibility', value };
      throw new UserError('bad-visibility', say`Choose private or channel.`, { option: 'value', example: 'private' });
    }
    case 'audit-channel':
      return { action: 'audit-channel', channelId: options.id('channel') };
    case 'default-ports': {
      const text = options.string('ports');
      const ports = text === undefined ? undefined : formatPorts(accept(parsePorts(text, { maxPorts }), 'ports'));
      return { action: 'default-ports', ports };
    }
    case 'history':
      return { action: 'history', days: daysOf(options.integer('days')) };
    default:
      throw new UserError('unknown-subcommand', say`This subcommand does not exist any more. Try /help.`);
  }
}

/** Discord holds clients to the declared bounds; whoever goes around them gets a sentence. */
function daysOf(days: number | undefined): number | undefined {
  if (days === undefined || (days >= 1 && days <= MAX_HISTORY_DAYS)) return days;
  throw new UserError('bad-days', say`Choose 1 to ${MAX_HISTORY_DAYS} days.`, { option: 'days', example: '30' });
}

type Change = Exclude<Request, { action: 'show' }>;

async function change(context: CommandContext, request: Change, deps: SettingsDeps): Promise<Answer> {
  const { guildId } = context;
  const setting = request.action === 'add-role' || request.action === 'remove-role' ? 'scanner-role' : request.action;
  const { before, after } = await deps.settings.update(guildId, async (settings) => {
    const next = changed(guildId, settings, request, deps.serverFacts);
    // Written first: without its record, nothing changes.
    await deps.audit.record(context, {
      action: `settings.${setting}`,
      command: `/settings ${setting}`,
      decision: 'allowed',
      rule: 'manage-guild',
      detail: settingLine(setting, next),
    });
    return next;
  });
  const card = changedCard(setting, before, after, problemsOf(guildId, after, deps.serverFacts));
  return { outcome: 'done', card };
}

/** The settings after the change. Throws UserError when it cannot be made. */
function changed(guildId: string, settings: GuildSettings, request: Change, facts: ServerFacts): GuildSettings {
  switch (request.action) {
    case 'add-role':
      return withRole(guildId, settings, request.roleId, facts);
    case 'remove-role':
      return withoutRole(settings, request.roleId);
    case 'visibility':
      return { ...settings, visibility: request.value };
    case 'audit-channel':
      refuseUnusable(guildId, request.channelId, facts);
      return { ...settings, auditChannelId: request.channelId };
    case 'default-ports':
      return { ...settings, defaultPorts: request.ports };
    case 'history':
      return { ...settings, historyDays: request.days };
  }
}

/** Whatever Discord's client offered: the id is what counts. */
function refuseUnusable(guildId: string, channelId: string | undefined, facts: ServerFacts): void {
  if (channelId === undefined || facts.channel(guildId, channelId)?.isText) return;
  throw new UserError('bad-channel', say`Choose a text channel of this server that the bot can see.`, {
    option: 'channel',
  });
}

/** What is set, but does not work as it stands. */
function problemsOf(guildId: string, settings: GuildSettings, facts: ServerFacts): SettingsProblems {
  const { auditChannelId, scannerRoles } = settings;
  return {
    auditChannelBroken: auditChannelId !== undefined && !facts.channel(guildId, auditChannelId)?.canPost,
    rolesGone: scannerRoles.filter((id) => facts.hasRole(guildId, id) === false).length,
  };
}
