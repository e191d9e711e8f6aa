import { z } from 'zod';
import type { HttpAnswer } from './httpGet.ts';
import { FACT_TEXT, factText } from './openFacts.ts';
import { FINGERPRINTS, type Recognised, recogniseAll } from './products/index.ts';

const MAX_PRODUCTS = 8;
/** What the matcher reads of a text, in characters; marks may stand further down in a page. */
const EXCERPT = 1_024;

const MARKS = FINGERPRINTS.filter(({ protocols, field }) => field === 'body' && protocols.includes('http'));

/** A product that an answer gave away; no judgement of it. */
export const PRODUCT_SEEN = z.strictObject({
  product: FACT_TEXT,
  kind: z.enum(['application', 'server', 'platform']),
  version: FACT_TEXT.optional(),
  os: z.strictObject({ name: FACT_TEXT, version: FACT_TEXT.optional() }).optional(),
});
export const PRODUCTS_SEEN = z.array(PRODUCT_SEEN).max(MAX_PRODUCTS);

/**
 * The products that one answer gives away by its headers, its title, and marks anywhere in `page` (its body as text; empty
 * when it cannot be read). Applications first; each once.
 */
export function httpProductsOf(answer: HttpAnswer, title: string | undefined, page: string) {
  const found = new Map<string, Recognised>();
  const keep = (products: readonly Recognised[]) => {
    for (const product of products) if (!found.has(product.product)) found.set(product.product, product);
  };
  keep(recogniseAll({ protocol: 'http', title, headers: headersOf(answer) }));
  keep(inPage(page));
  const all = [...found.values()];
  const first = all.filter(({ kind }) => kind === 'application');
  return [...first, ...all.filter((each) => !first.includes(each))].slice(0, MAX_PRODUCTS).map(bounded);
}

/** By the page from its best mark on. */
function inPage(page: string): readonly Recognised[] {
  // Of ASCII alone: positions must hold in the page.
  const lower = page.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  for (const { needle, at } of MARKS) {
    const index = at === 'anywhere' ? lower.indexOf(needle) : lower.startsWith(needle) ? 0 : -1;
    if (index >= 0) return recogniseAll({ protocol: 'http', body: page.slice(index, index + EXCERPT) });
  }
  return [];
}

/** Lines of one name joined (RFC 9110 §5.3); without a prototype, as the names are foreign. */
function headersOf(answer: HttpAnswer): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of answer.headers) {
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

function bounded({ product, kind, version, os }: Recognised): z.infer<typeof PRODUCT_SEEN> {
  return {
    product: factText(product),
    kind,
    ...(version !== undefined && { version: factText(version) }),
    ...(os && {
      os: { name: factText(os.name), ...(os.version !== undefined && { version: factText(os.version) }) },
    }),
  };
}
