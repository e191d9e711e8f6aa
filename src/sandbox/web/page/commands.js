/** @import { APIApplicationCommand } from 'discord.js' */

/**
 * An option as declared.
 * @typedef {{ type: number, name: string, description: string, required?: boolean, autocomplete?: boolean,
 *   choices?: { name: string, value: string | number }[], options?: Option[] }} Option
 */

/**
 * Something that can be typed: a command, or a subcommand with the words before it.
 * @typedef {{ path: string, description: string, options: readonly Option[] }} Typable
 */

const SUBCOMMAND = 1;
const GROUP = 2;
const CHAT_INPUT = 1;

export const OptionType = { Boolean: 5, User: 6, Channel: 7, Role: 8, Mentionable: 9, Attachment: 11 };

/**
 * @param {string} path
 * @param {string} description
 * @param {readonly Option[]} options
 * @returns {Typable[]}
 */
function unfold(path, description, options) {
  const nested = options.filter(({ type }) => type === SUBCOMMAND || type === GROUP);
  if (nested.length === 0) return [{ path, description, options }];
  return nested.flatMap((option) => unfold(`${path} ${option.name}`, option.description, option.options ?? []));
}

/**
 * Every command and subcommand, in the order of their names.
 * @param {readonly APIApplicationCommand[]} commands
 */
export function typables(commands) {
  return commands
    .filter(({ type }) => type === CHAT_INPUT)
    .flatMap(({ name, description, options }) => unfold(name, description, /** @type {Option[]} */ (options ?? [])))
    .sort((a, b) => a.path.localeCompare(b.path));
}

/**
 * Those that fit what is typed: first the ones that begin with it, then the ones that hold it.
 * @param {readonly Typable[]} all
 * @param {string} typed without the slash
 */
export function matching(all, typed) {
  const wanted = typed.trim().toLowerCase();
  const begins = all.filter(({ path }) => path.startsWith(wanted));
  const holds = all.filter(({ path }) => !path.startsWith(wanted) && path.includes(wanted));
  return [...begins, ...holds];
}

/**
 * The command that a line names in full, and what follows it.
 * @param {readonly Typable[]} all
 * @param {string} line with the slash
 */
export function namedBy(all, line) {
  const text = line.slice(1);
  const named = all.find(({ path }) => text.startsWith(`${path} `));
  return named && { command: named, rest: text.slice(named.path.length + 1) };
}

/**
 * Values in a text such as `host:a ports:1, 2`, by the names that are declared; a value runs until the next of them.
 * @param {string} text
 * @param {readonly Option[]} options
 * @returns {{ values: Record<string, string>, before: string }} what stands before the first name belongs to none
 */
export function valuesIn(text, options) {
  const starts = [...text.matchAll(/(?<=^|\s)([\p{L}\p{N}_-]+):/gu)].filter(([, name]) =>
    options.some((option) => option.name === name),
  );
  const values = Object.fromEntries(
    starts.map((start, index) => [
      start[1] ?? '',
      text.slice(start.index + start[0].length, starts[index + 1]?.index ?? text.length).trim(),
    ]),
  );
  return { values, before: text.slice(0, starts[0]?.index ?? text.length).trim() };
}

/**
 * What was typed, as a line.
 * @param {{ command: string, options: Readonly<Record<string, string>> }} typed
 */
export function lineOf({ command, options }) {
  return [`/${command}`, ...Object.entries(options).map(([name, value]) => `${name}:${value}`)].join(' ');
}
