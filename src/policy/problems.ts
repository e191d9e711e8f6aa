import type { Failure } from '../engine/parsed.ts';

export { quote } from '../engine/ports/quote.ts';

/** A refusal: what was wrong in a sentence, and something that works. */
export function problem(code: string, message: string, example: string): Failure {
  return { ok: false, problem: { code, message, example } };
}
