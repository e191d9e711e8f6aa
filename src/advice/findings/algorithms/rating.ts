import type { Phrase } from '../../../engine/phrase.ts';

/** `weak`: given up by current guidelines; `broken`: forbidden, without protection, or with attacks that work. */
export type Strength = 'good' | 'weak' | 'broken';

/** What is thought of an algorithm or version, and who says so. */
export interface Rating {
  readonly strength: Strength;
  /** One sentence, in our words. */
  readonly why: Phrase;
  readonly source: { readonly title: string; readonly url: string };
}
