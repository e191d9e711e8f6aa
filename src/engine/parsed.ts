/** What a person got wrong: the kind of mistake, a sentence that says what and where, and something that works. */
export interface Problem {
  /** Stable identifier in kebab case, for tests, logs and metrics. */
  readonly code: string;
  /** One or more sentences of plain text; user input in it is bounded and free of invisible characters. */
  readonly message: string;
  /** An input of the same kind that is accepted. */
  readonly example: string;
}

/** The result of reading what a person wrote: a value, or the problem with it. Parsers return it and never throw. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | Failure;

/** A text that could not be read. */
export interface Failure {
  readonly ok: false;
  readonly problem: Problem;
}
