import { z } from 'zod';
import { visibleText } from '../safeText.ts';

const MAX_TEXT = 200;
const MAX_TEXTS = 64;
/** Of one list, in bytes of JSON: evidence of one port must stay small, whatever a server lists. */
const MAX_LIST_BYTES = 2_048;

/** Text from the other side, as {@link factText} leaves it. */
export const FACT_TEXT = z.string().max(MAX_TEXT);

export const FACT_TEXTS = z.array(FACT_TEXT).max(MAX_TEXTS);

/** Foreign text or bytes (UTF-8, however broken) for a fact: visible, at most `max` code units, 200 unless told. */
export function factText(foreign: string | Uint8Array, max = MAX_TEXT): string {
  // A visible code unit takes up to 8 of foreign text before it is bounded; no more of it is decoded.
  const text = typeof foreign === 'string' ? foreign : Buffer.from(foreign.subarray(0, max * 32)).toString('utf8');
  return visibleText(text, max - 1)
    .slice(0, max)
    .toWellFormed();
}

export interface ListBounds {
  /** Of one text, in code units. */
  readonly maxText?: number;
  /** Of all of them as JSON. */
  readonly maxBytes?: number;
}

/** The first of these texts, each by {@link factText}: at most 64, and no more than fit. */
export function factTexts(
  foreign: Iterable<string | Uint8Array>,
  { maxText = MAX_TEXT, maxBytes = MAX_LIST_BYTES }: ListBounds = {},
): string[] {
  const texts: string[] = [];
  let left = maxBytes;
  for (const each of foreign) {
    const text = factText(each, maxText);
    left -= jsonBytes(text) + 1;
    if (left < 0 || texts.length === MAX_TEXTS) break;
    texts.push(text);
  }
  return texts;
}

/** What a value takes as JSON, in bytes of UTF-8. */
export const jsonBytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

export const PRODUCT = z.strictObject({ name: FACT_TEXT, version: FACT_TEXT.optional() });

/** In the facts of every probe that asks whether strangers are answered. */
export const OPEN_FACTS = {
  /** It did what it does for its users, unasked who is there. Undefined: could not be told. */
  openToStrangers: z.boolean().optional(),
  /** As the protocol itself says it. */
  product: PRODUCT.optional(),
  /** The conversation was inside TLS. */
  tls: z.boolean(),
} as const;

/** A product by its name and the version that it gave, if any. */
export function productOf(name: string, version?: string | undefined): z.infer<typeof PRODUCT> {
  const shown = version === undefined ? '' : factText(version);
  return shown === '' ? { name: factText(name) } : { name: factText(name), version: shown };
}
