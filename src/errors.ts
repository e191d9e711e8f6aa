import type { Parsed, Problem } from './engine/parsed.ts';

/** A mistake or a limit that the person can do something about. The only error whose text reaches a channel. */
export class UserError extends Error {
  readonly code: string;
  /** The option that is wrong, as the person typed its name. */
  readonly option: string | undefined;
  /** Something that would work. */
  readonly example: string | undefined;

  constructor(code: string, message: string, details: { option?: string; example?: string } = {}) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.option = details.option;
    this.example = details.example;
  }
}

/** The value of a parser's result, or its problem as a UserError that names the option. */
export function accept<T>(parsed: Parsed<T>, option: string): T {
  if (parsed.ok) return parsed.value;
  const { code, message, example }: Problem = parsed.problem;
  throw new UserError(code, message, { option, example });
}
