import { type APIApplicationCommand, ApplicationCommandOptionType } from 'discord.js';
import { descend, nameOf } from '../client/line.ts';
import { ClientRefusal } from '../client/refusal.ts';
import type { Json } from '../json.ts';
import type { Sandbox } from '../sandbox.ts';
import { safeText } from '../text.ts';

/** What readline wants: the candidates, and the end of the line that they replace. */
export type Completions = [string[], string];

export interface CompletionContext {
  readonly sandbox: Sandbox;
  readonly as: string;
  readonly server: string;
}

/** How long the bot may think about its choices while somebody waits for Tab. */
const CHOICES_WITHIN_MS = 1_000;
const WORDS = [':as', ':click', ':help', ':quit', ':server'];

function startingWith(candidates: readonly string[], typed: string): Completions {
  return [candidates.filter((candidate) => candidate.startsWith(typed)), typed];
}

/** The option whose value is being typed at the end of the text, with what is there of the value. */
function typedOption(text: string, declared: readonly Json[]): { option: Json; value: string } | null {
  const names = new Map(declared.map((option) => [nameOf(option), option]));
  const starts = [...text.matchAll(/(?<=^|\s)([^\s:]+):/g)].filter((match) => names.has(match[1] ?? ''));
  const last = starts.at(-1);
  const option = last && names.get(last[1] ?? '');
  return last && option ? { option, value: text.slice(last.index + last[0].length) } : null;
}

function optionNames(text: string, declared: readonly Json[]): Completions {
  const word = /\S*$/.exec(text)?.[0] ?? '';
  const before = text.slice(0, text.length - word.length);
  const free = declared.map(nameOf).filter((name) => !new RegExp(`(?:^|\\s)${name}:`).test(before));
  return startingWith(
    free.map((name) => `${name}:`),
    word,
  );
}

async function completeValue(
  context: CompletionContext,
  line: string,
  option: Json,
  value: string,
): Promise<Completions> {
  if (option.type === ApplicationCommandOptionType.Boolean) return startingWith(['true ', 'false '], value);
  const { sandbox, as, server } = context;
  const choices = await sandbox.autocomplete(line, { as, guild: server, timeoutMs: CHOICES_WITHIN_MS });
  return [choices.map((choice) => `${safeText(String(choice.value)).replaceAll('\n', ' ')} `), value];
}

async function completeOptions(
  context: CompletionContext,
  line: string,
  rest: string,
  declared: readonly Json[],
): Promise<Completions> {
  const typed = typedOption(rest, declared);
  if (!typed) return optionNames(rest.trimStart(), declared);
  const fromBot = await completeValue(context, line, typed.option, typed.value.trimStart());
  if (!/\s/.test(typed.value)) return fromBot;
  // After a blank the person may be done with the value: the next option's name comes first.
  const names = optionNames(rest, declared);
  return names[0].length > 0 ? names : fromBot;
}

function findCommand(commands: readonly APIApplicationCommand[], name: string): APIApplicationCommand | undefined {
  return commands.find((command) => command.type === 1 && command.name === name);
}

/** Candidates for the end of a line: commands, subcommands, options, and the choices of the bot itself. */
export async function complete(context: CompletionContext, line: string): Promise<Completions> {
  const { sandbox, server } = context;
  if (line.startsWith(':as ')) return startingWith(Object.keys(sandbox.world.people), line.slice(':as '.length));
  if (line.startsWith(':')) return startingWith(WORDS, line);
  const commands = sandbox.commands(sandbox.world.guilds[Number(server) - 1]?.id ?? '');
  const [, name = '', rest] = /^\/(\S*)(\s.*)?$/s.exec(line) ?? [];
  if (rest === undefined) {
    const names = commands.filter((command) => command.type === 1).map((command) => `/${command.name} `);
    return startingWith(names, line === '' ? '' : `/${name}`);
  }
  const command = findCommand(commands, name);
  if (!command) return [[], line];
  const { declared, open, word, rest: after } = descend(command, rest);
  if (open)
    return startingWith(
      declared.map((option) => `${nameOf(option)} `),
      word,
    );
  try {
    return await completeOptions(context, line, after, declared);
  } catch (error) {
    // A line that is not finished may well be one that could not be sent.
    if (error instanceof ClientRefusal) return [[], line];
    throw error;
  }
}
