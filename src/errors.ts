import type { Parsed, Problem } from './engine/parsed.ts';
import { type Phrase, say } from './engine/phrase.ts';

/** A mistake or a limit that the person can do something about. The only error whose text reaches a channel. */
export class UserError extends Error {
  readonly code: string;
  /** What is wrong, in words that can be said in another language; `message` is the same in English. */
  readonly phrase: Phrase;
  /** The option that is wrong, as the person typed its name. */
  readonly option: string | undefined;
  /** Something that would work. */
  readonly example: string | Phrase | undefined;

  /** @param message a string only where it is the same in every language */
  constructor(code: string, message: Phrase | string, details: { option?: string; example?: string | Phrase } = {}) {
    const phrase = typeof message === 'string' ? say`${message}` : message;
    super(phrase.text);
    this.name = 'UserError';
    this.code = code;
    this.phrase = phrase;
    this.option = details.option;
    this.example = details.example;
  }
}

/** The value of a parser's result, or its problem as a UserError that names the option. */
export function accept<T>(parsed: Parsed<T, string | Phrase>, option: string): T {
  if (parsed.ok) return parsed.value;
  const { code, message, example }: Problem<string | Phrase> = parsed.problem;
  throw new UserError(code, message, { option, example });
}
