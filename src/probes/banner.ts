import { z } from 'zod';
import { FACT_TEXT, factText } from './openFacts.ts';
import { protocolsOf } from './protocolsOf.ts';

export const BANNER_FACTS = z.strictObject({
  protocol: z.literal('banner'),
  /** The conversation was inside TLS. */
  tls: z.boolean(),
  /** The service spoke before it was asked. */
  unasked: z.boolean(),
  /** The readable part of what came. */
  text: FACT_TEXT,
  /** What its first bytes are typical of, where that is known. */
  looksLike: FACT_TEXT.optional(),
});

type BannerFacts = z.infer<typeof BANNER_FACTS>;

/** What is left to say about a service that no probe understood; undefined when it said nothing readable. */
export function bannerFacts(
  first: Buffer,
  { tls, unasked }: Pick<BannerFacts, 'tls' | 'unasked'>,
): BannerFacts | undefined {
  const text = factText(first);
  const [looksLike] = protocolsOf(first);
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  // Two or three letters turn up in any binary message.
  if (looksLike === undefined && letters < 4) return undefined;
  return { protocol: 'banner', tls, unasked, text, ...(looksLike !== undefined && { looksLike }) };
}
