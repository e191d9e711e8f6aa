import { z } from 'zod';
import { visibleText } from '../safeText.ts';

const MAX_TEXT = 200;

/** Text from the other side, as {@link factText} leaves it. */
export const FACT_TEXT = z.string().max(MAX_TEXT);

/** Foreign text or bytes (UTF-8, however broken) for a fact: visible, at most 200 code units. */
export function factText(foreign: string | Uint8Array): string {
  const text = typeof foreign === 'string' ? foreign : Buffer.from(foreign).toString('utf8');
  return visibleText(text, MAX_TEXT - 1)
    .slice(0, MAX_TEXT)
    .toWellFormed();
}

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
