import { type Phrase, say } from '../../engine/phrase.ts';
import { type GuildSettings, historyDaysOf } from '../../storage/settings.ts';
import type { Card, Section } from '../card.ts';
import { code, join, type Markdown, md, mdCounted, trusted } from '../markdown.ts';

export type SettingName = 'scanner-role' | 'visibility' | 'audit-channel' | 'default-ports' | 'history';

/** What is set, but does not work as it stands. */
export interface SettingsProblems {
  readonly auditChannelBroken: boolean;
  /** How many scanner roles the server has no longer. */
  readonly rolesGone: number;
}

const HEADINGS: Readonly<Record<SettingName, Phrase>> = {
  'scanner-role': say`Who may scan`,
  visibility: say`Who sees results`,
  'audit-channel': say`Audit channel`,
  'default-ports': say`Ports when none are given`,
  history: say`How long results are kept`,
};

const HOW: Readonly<Record<SettingName, string>> = {
  'scanner-role': '/settings scanner-role action:add role:…',
  visibility: '/settings visibility value:…',
  'audit-channel': '/settings audit-channel channel:…',
  'default-ports': '/settings default-ports ports:…',
  history: '/settings history days:…',
};

const NAMES: readonly SettingName[] = ['scanner-role', 'visibility', 'audit-channel', 'default-ports', 'history'];

/** All settings: one short section each, with the command that changes it. */
export function settingsCard(settings: GuildSettings, problems: SettingsProblems): Card {
  const warnings = NAMES.flatMap((name) => warningsOf(name, settings, problems));
  return {
    tone: warnings.length > 0 ? 'notice' : 'info',
    title: md`Settings of this server`,
    sections: NAMES.map(
      (name): Section => ({
        heading: md`${HEADINGS[name]}`,
        lines: [settingText(name, settings), ...warningsOf(name, settings, problems), code(HOW[name])],
      }),
    ),
  };
}

/** One setting after a change, what it was before, and what to look out for. */
export function changedCard(
  name: SettingName,
  before: GuildSettings,
  after: GuildSettings,
  problems: SettingsProblems,
): Card {
  const now = settingText(name, after);
  const was = settingText(name, before);
  const warnings = warningsOf(name, after, problems);
  const opened = name === 'scanner-role' && before.scannerRoles.length > 0 && after.scannerRoles.length === 0;
  const opening = md`⚠️ That was the last role: from now on it needs none.`;
  return {
    tone: opened || warnings.length > 0 ? 'notice' : 'good',
    title: now.text === was.text ? md`${HEADINGS[name]}: as it was` : md`${HEADINGS[name]}: changed`,
    lines: [now, ...(opened ? [opening] : []), ...warnings, ...(now.text === was.text ? [] : [md`Before: ${was}`])],
  };
}

/** One setting in plain text, for the audit log: ids in full, because names change. */
export function settingLine(name: SettingName, settings: GuildSettings): string {
  switch (name) {
    case 'scanner-role':
      return `scanner roles: ${settings.scannerRoles.join(', ') || 'none, so everybody'}`;
    case 'visibility':
      return `visibility: ${settings.visibility}`;
    case 'audit-channel':
      return `audit channel: ${settings.auditChannelId ?? 'off'}`;
    case 'default-ports':
      return `default ports: ${settings.defaultPorts ?? 'built-in'}`;
    case 'history':
      return `results kept: ${historyDaysOf(settings)} days`;
  }
}

function settingText(name: SettingName, settings: GuildSettings): Markdown {
  const { scannerRoles, visibility, auditChannelId, defaultPorts } = settings;
  switch (name) {
    case 'scanner-role': {
      if (scannerRoles.length === 0) return md`Everybody to whom this server offers /scan.`;
      const roles = join(
        scannerRoles.map((id) => mention('@&', id)),
        ', ',
      );
      return md`Members with ${roles}, and members with Manage Server.`;
    }
    case 'visibility':
      return visibility === 'private'
        ? md`Only who asked, unless they share it.`
        : md`Everybody in the channel, unless who asked says otherwise.`;
    case 'audit-channel':
      return auditChannelId === undefined
        ? md`Off: audit records are kept, but not posted.`
        : mention('#', auditChannelId);
    case 'default-ports':
      return defaultPorts === undefined ? md`The built-in list.` : code(defaultPorts.replaceAll(',', ', '));
    case 'history': {
      const days = historyDaysOf(settings);
      return mdCounted(
        days,
        md`${days} day, then deleted. A longer time holds for scans from now on.`,
        md`${days} days, then deleted. A longer time holds for scans from now on.`,
      );
    }
  }
}

function warningsOf(name: SettingName, settings: GuildSettings, problems: SettingsProblems): Markdown[] {
  if (name === 'audit-channel' && problems.auditChannelBroken) {
    return [
      md`⚠️ The bot cannot post there. Give it View Channel, Send Messages and Embed Links, or choose another channel.`,
    ];
  }
  if (name === 'audit-channel' && settings.auditChannelId !== undefined) {
    return [md`Whoever can read this channel sees what was scanned.`];
  }
  const { rolesGone } = problems;
  if (name !== 'scanner-role' || rolesGone === 0) return [];
  return [
    mdCounted(
      rolesGone,
      md`⚠️ One of these roles is gone from this server, and let nobody scan.`,
      md`⚠️ ${rolesGone} of these roles are gone from this server, and let nobody scan.`,
    ),
  ];
}

/** A mention that shows the name and, in an embed, pings nobody. Ids are digits, or it would not be one. */
function mention(kind: '@&' | '#', id: string): Markdown {
  return /^\d+$/.test(id) ? trusted(`<${kind}${id}>`) : code(id);
}
