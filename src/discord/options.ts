import { ApplicationCommandOptionType, type CommandInteractionOption } from 'discord.js';

/** The options of a slash command as Discord delivered them. Values are what a person typed: validate them. */
export interface OptionValues {
  readonly subcommand: string | undefined;
  string(name: string): string | undefined;
  boolean(name: string): boolean | undefined;
}

export function readOptions(data: readonly CommandInteractionOption[]): OptionValues {
  const [first] = data;
  const isSubcommand = first?.type === ApplicationCommandOptionType.Subcommand;
  const nested = isSubcommand ? (first.options ?? []) : undefined;
  const values = new Map((nested ?? data).map((option) => [option.name, option.value]));
  return {
    subcommand: nested ? first?.name : undefined,
    string: (name) => {
      const value = values.get(name);
      return typeof value === 'string' ? value : undefined;
    },
    boolean: (name) => {
      const value = values.get(name);
      return typeof value === 'boolean' ? value : undefined;
    },
  };
}
