import { ApplicationCommandOptionType, PermissionFlagsBits } from 'discord.js';
import type { Card, Section } from '../card.ts';
import type { Declaration } from '../command.ts';
import { code, type Markdown, md, trusted } from '../markdown.ts';

type Option = NonNullable<Declaration['options']>[number];

/**
 * Help made from the declarations that are registered, so that it cannot differ from what Discord offers.
 *
 * @param isManager whether the reader may use what needs Manage Server; the others are told so
 */
export function helpCard(declarations: readonly Declaration[], isManager: boolean): Card {
  return {
    tone: 'info',
    title: md`Harbormaster: which ports are open, what that means, what to do`,
    lines: [
      md`A server's managers allow targets; members scan those and nothing else. Try ${code('/explain topic:states')} first.`,
    ],
    sections: declarations.map((declaration) => commandSection(declaration, isManager)),
  };
}

function commandSection(declaration: Declaration, isManager: boolean): Section {
  const restricted = needsManageGuild(declaration)
    ? [isManager ? md`*For members with Manage Server: you have it.*` : md`*For members with Manage Server.*`]
    : [];
  const options = declaration.options ?? [];
  const subcommands = options.filter((option) => option.type === ApplicationCommandOptionType.Subcommand);
  const lines =
    subcommands.length > 0 ? subcommands.map((sub) => subcommandLine(declaration.name, sub)) : options.map(optionLine);
  return {
    heading: md`/${declaration.name}${usageOf(subcommands.length > 0 ? [] : options)}`,
    lines: [trusted(declaration.description), ...restricted, ...lines],
  };
}

function needsManageGuild({ default_member_permissions }: Declaration): boolean {
  return default_member_permissions === String(PermissionFlagsBits.ManageGuild);
}

function usageOf(options: readonly Option[]): Markdown {
  return trusted(options.map(({ name, required }) => (required ? ` ${name}:…` : ` (${name}:…)`)).join(''));
}

function optionLine({ name, description }: Option): Markdown {
  return md`**${name}**: ${trusted(description)}`;
}

function subcommandLine(command: string, sub: Option): Markdown {
  const options = 'options' in sub ? (sub.options ?? []) : [];
  return md`**/${command} ${sub.name}**${usageOf(options as readonly Option[])}: ${trusted(sub.description)}`;
}
