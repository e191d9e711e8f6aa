import type { Failure } from '../engine/parsed.ts';
import type { Phrase } from '../engine/phrase.ts';

export { quote } from '../engine/ports/quote.ts';

/** A refusal: what was wrong in a sentence, and something that works. */
export function problem<Example extends string | Phrase>(
  code: string,
  message: Phrase,
  example: Example,
): Failure<Example> {
  return { ok: false, problem: { code, message, example } };
}
