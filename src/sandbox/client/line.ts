import { type APIApplicationCommand, ApplicationCommandOptionType } from 'discord.js';
import { asArray, asJson, asText, type Json } from '../json.ts';
import { ClientRefusal } from './refusal.ts';

/** A command with its options apart, as a client with a field for each option has them. */
export interface TypedCommand {
  /** Name, group and subcommand, such as `targets add`. */
  readonly command: string;
  /** What was typed for each option, in the order it was typed. */
  readonly options: Readonly<Record<string, string>>;
}

/** One `name:value` of a line, with the option's declaration. */
export interface TypedOption {
  readonly declaration: Json;
  readonly name: string;
  readonly text: string;
}

/** A command line, read against the declarations. */
export interface ParsedLine {
  readonly command: APIApplicationCommand;
  /** Group and subcommand, outermost first; empty for a plain command. */
  readonly path: readonly Json[];
  /** The options declared at the end of the path. */
  readonly declared: readonly Json[];
  readonly options: readonly TypedOption[];
}

const NESTING: readonly unknown[] = [
  ApplicationCommandOptionType.Subcommand,
  ApplicationCommandOptionType.SubcommandGroup,
];

export function nameOf(value: Json): string {
  return asText(value.name);
}

export function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

function isNested(declared: readonly Json[]): boolean {
  return declared.length > 0 && declared.every((option) => NESTING.includes(option.type));
}

interface Word {
  readonly word: string;
  readonly rest: string;
}

function takeWord(text: string): Word {
  const match = /^\s*(\S*)(.*)$/s.exec(text);
  return { word: match?.[1] ?? '', rest: match?.[2] ?? '' };
}

function findCommand(commands: readonly APIApplicationCommand[], name: string): APIApplicationCommand {
  const command = commands.find((candidate) => candidate.type === 1 && candidate.name === name);
  if (command) return command;
  const names = commands.filter((candidate) => candidate.type === 1).map((candidate) => `/${candidate.name}`);
  throw new ClientRefusal(`There is no command /${name} here. There are: ${listOf([...new Set(names)])}.`);
}

/** Splits `host:a b ports:1, 2` at the names that are declared; a value runs until the next of them. */
export function splitOptions(text: string, declared: readonly Json[], usage: string): readonly TypedOption[] {
  const names = declared.map(nameOf);
  const alternatives = [...names].sort((a, b) => b.length - a.length).map((name) => name.replaceAll(/[-']/g, '\\$&'));
  const starts =
    names.length === 0 ? [] : [...text.matchAll(new RegExp(`(?<=^|\\s)(${alternatives.join('|')}):`, 'g'))];
  const leading = text.slice(0, starts[0]?.index ?? text.length).trim();
  if (leading !== '') {
    const unknown = /^([^\s:]+):/.exec(leading)?.[1];
    const problem = unknown === undefined ? `"${leading}" belongs to no option` : `There is no option "${unknown}"`;
    const hint =
      names.length === 0 ? `${usage} takes none.` : `Write ${usage} ${names.map((name) => `${name}:…`).join(' ')}`;
    throw new ClientRefusal(`${problem} of ${usage}. ${hint}`);
  }
  return starts.map((start, index) => {
    const name = start[1] ?? '';
    const declaration = declared.find((option) => nameOf(option) === name) ?? {};
    const value = text.slice(start.index + start[0].length, starts[index + 1]?.index ?? text.length);
    return { declaration, name, text: value.trim() };
  });
}

function refuseRepeats(options: readonly TypedOption[]): void {
  const repeated = options.find((option, index) => options.findIndex((other) => other.name === option.name) !== index);
  if (repeated) throw new ClientRefusal(`The option "${repeated.name}" may be given once only.`);
}

export interface Descent {
  /** Group and subcommand that were named, outermost first. */
  readonly path: readonly Json[];
  /** What is declared at the end of the path. */
  readonly declared: readonly Json[];
  /** True when a subcommand must still be named. */
  readonly open: boolean;
  /** The word that should have named one. */
  readonly word: string;
  readonly rest: string;
}

/** Follows the words of a line through groups and subcommands, as far as they are declared. */
export function descend(command: APIApplicationCommand, text: string): Descent {
  const path: Json[] = [];
  let rest = text;
  let declared = asArray(asJson(command).options).map(asJson);
  while (isNested(declared)) {
    const { word, rest: after } = takeWord(rest);
    const chosen = declared.find((option) => nameOf(option) === word);
    if (!chosen) return { path, declared, open: true, word, rest };
    path.push(chosen);
    rest = after;
    declared = asArray(chosen.options).map(asJson);
  }
  return { path, declared, open: false, word: '', rest };
}

/**
 * Reads a line such as `/targets add host:db.example note:the old one`. Throws ClientRefusal with a sentence when it
 * names no command, no subcommand or no option that is declared.
 */
export function parseLine(line: string, commands: readonly APIApplicationCommand[]): ParsedLine {
  const trimmed = line.trim();
  if (!trimmed.startsWith('/'))
    throw new ClientRefusal('A command starts with a slash. Type / and press Tab to see what there is, or :help.');
  const { word, rest: afterName } = takeWord(trimmed.slice(1));
  const command = findCommand(commands, word);
  const { path, declared, open, rest } = descend(command, afterName);
  const usage = [`/${word}`, ...path.map(nameOf)].join(' ');
  if (open) throw new ClientRefusal(`${usage} needs one of: ${listOf(declared.map(nameOf))}.`);
  const options = splitOptions(rest.trim(), declared, usage);
  refuseRepeats(options);
  return { command, path, declared, options };
}

/** Reads what somebody typed, as a line or with its options apart. Throws ClientRefusal as `parseLine` does. */
export function readTyped(typed: string | TypedCommand, commands: readonly APIApplicationCommand[]): ParsedLine {
  if (typeof typed === 'string') return parseLine(typed, commands);
  const parsed = parseLine(`/${typed.command}`, commands);
  const options = Object.entries(typed.options).map(([name, text]) => {
    const declaration = parsed.declared.find((option) => nameOf(option) === name);
    if (!declaration) throw new ClientRefusal(`There is no option "${name}" of /${typed.command}.`);
    return { declaration, name, text: text.trim() };
  });
  return { ...parsed, options };
}
