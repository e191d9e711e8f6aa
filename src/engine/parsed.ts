import type { Phrase } from './phrase.ts';

/** What a person got wrong: the kind of mistake, a sentence that says what and where, and something that works. */
export interface Problem<Example extends string | Phrase = string> {
  /** Stable identifier in kebab case, for tests, logs and metrics. */
  readonly code: string;
  /** One or more sentences of plain text; user input in it is bounded and free of invisible characters. */
  readonly message: Phrase;
  /** An input of the same kind that is accepted, or words for it. */
  readonly example: Example;
}

/** The result of reading what a person wrote: a value, or the problem with it. Parsers return it and never throw. */
export type Parsed<T, Example extends string | Phrase = string> =
  | { readonly ok: true; readonly value: T }
  | Failure<Example>;

/** A text that could not be read. */
export interface Failure<Example extends string | Phrase = string> {
  readonly ok: false;
  readonly problem: Problem<Example>;
}
