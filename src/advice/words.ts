import { type Phrase, say } from '../engine/phrase.ts';
import type { PortState } from '../engine/types.ts';
import { visibleText } from '../safeText.ts';
import type { Severity } from './guide.ts';

/** The states in a sentence. */
export const STATE_WORDS: Readonly<Record<PortState, Phrase>> = {
  open: say`open`,
  'open|filtered': say`open|filtered`,
  closed: say`closed`,
  filtered: say`filtered`,
  error: say`not tested`,
};

/** The same above a list of ports. */
export const STATE_HEADINGS: Readonly<Record<PortState, Phrase>> = {
  open: say`Open`,
  'open|filtered': say`Open or filtered`,
  closed: say`Closed`,
  filtered: say`Filtered`,
  error: say`Not tested`,
};

export const SEVERITY_WORDS: Readonly<Record<Severity, Phrase>> = {
  critical: say`critical`,
  high: say`high`,
  medium: say`medium`,
  low: say`low`,
  info: say`info`,
};

/** Wording of ours that stands in a table of plain English, such as the title of a finding. */
export function fromTable(text: string): Phrase {
  return { text, key: text, values: [] };
}

/** A list that says how many are left out of it. @param shown what is not, joined with commas */
export function listOf(shown: string, left: number): Phrase {
  return left > 0 ? say`${shown} and ${left} more` : say`${shown}`;
}

/** The same with the foreign text in it on one line and visible, for where nothing is formatted. */
export function visiblePhrase(phrase: Phrase): Phrase {
  const values = phrase.values.map((value) => {
    if (typeof value === 'object') return visiblePhrase(value);
    return typeof value === 'string' ? visibleText(value) : value;
  });
  const { counted } = phrase;
  return {
    text: visibleText(phrase.text),
    key: phrase.key,
    values,
    ...(counted && { counted: { ...counted, one: visiblePhrase(counted.one) } }),
  };
}
