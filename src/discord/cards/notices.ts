import type { Phrase } from '../../engine/phrase.ts';
import type { UserError } from '../../errors.ts';
import type { Refusal } from '../../policy/refusal.ts';
import type { Card } from '../card.ts';
import { code, type Markdown, md } from '../markdown.ts';

/** Somebody's input was wrong: what, where, and what would work. */
export function mistakeCard(error: UserError): Card {
  return {
    tone: 'refused',
    title: error.option ? md`Check the option ${error.option}` : md`That did not work`,
    lines: [md`${error.phrase}`, ...exampleLine(error)],
  };
}

function exampleLine({ example }: UserError): Markdown[] {
  if (!example) return [];
  return [typeof example === 'string' ? md`Try: ${code(example)}` : md`Try: \`${example}\``];
}

/** The policy said no: which rule, and who can change it. */
export function refusalCard(refusal: Refusal): Card {
  return {
    tone: 'refused',
    title: md`Refused: not allowed here`,
    lines: refusalLines(refusal),
    footer: md`Rule: ${refusal.code}. Nothing was sent to the target.`,
  };
}

export function refusalLines({ message, remedy, command }: Refusal): Markdown[] {
  return [md`${message}`, md`${remedy}`, ...(command ? [code(command)] : [])];
}

export function notice(title: Phrase, ...lines: readonly Phrase[]): Card {
  return { tone: 'refused', title: md`${title}`, lines: lines.map((line) => md`${line}`) };
}

/** An error of ours: no detail leaves the log, where the operator finds it by the reference. */
export function failureCard(reference: string): Card {
  return {
    tone: 'failed',
    title: md`Something went wrong`,
    lines: [
      md`The command failed because of a fault in the bot, not because of what you typed.`,
      md`Try again; if it keeps failing, give the operator this reference: ${code(reference)}`,
    ],
  };
}
