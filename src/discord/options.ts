import { ApplicationCommandOptionType, type CommandInteractionOption } from 'discord.js';

/** The options of a slash command as Discord delivered them. Values are what a person typed: validate them. */
export interface OptionValues {
  readonly subcommand: string | undefined;
  string(name: string): string | undefined;
  boolean(name: string): boolean | undefined;
  /** A whole number. */
  integer(name: string): number | undefined;
  /** The id of the role, channel or user that was chosen. */
  id(name: string): string | undefined;
  attachment(name: string): AttachedFile | undefined;
}

/** A file that came with a command: what Discord says of it. Its content is fetched from `url`, and is hostile. */
export interface AttachedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly url: string;
}

const ID_TYPES: ReadonlySet<ApplicationCommandOptionType> = new Set([
  ApplicationCommandOptionType.Role,
  ApplicationCommandOptionType.Channel,
  ApplicationCommandOptionType.User,
]);

export function readOptions(data: readonly CommandInteractionOption[]): OptionValues {
  const [first] = data;
  const isSubcommand = first?.type === ApplicationCommandOptionType.Subcommand;
  const nested = isSubcommand ? (first.options ?? []) : undefined;
  const options = new Map((nested ?? data).map((option) => [option.name, option]));
  const valueFor = (name: string) => options.get(name)?.value;
  return {
    subcommand: nested ? first?.name : undefined,
    string: (name) => {
      const value = valueFor(name);
      return typeof value === 'string' ? value : undefined;
    },
    boolean: (name) => {
      const value = valueFor(name);
      return typeof value === 'boolean' ? value : undefined;
    },
    integer: (name) => {
      const value = valueFor(name);
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
    },
    id: (name) => {
      const option = options.get(name);
      return option && ID_TYPES.has(option.type) && typeof option.value === 'string' ? option.value : undefined;
    },
    attachment: (name) => {
      const file = options.get(name)?.attachment;
      return file && { name: file.name, sizeBytes: file.size, url: file.url };
    },
  };
}
