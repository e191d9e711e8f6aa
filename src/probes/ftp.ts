import { z } from 'zod';
import { further, withLink } from './conversation.ts';
import { FACT_TEXT, FACT_TEXTS, factText, factTexts } from './openFacts.ts';
import type { Probe } from './probe.ts';
import { nextReply } from './replies.ts';

export const FTP_FACTS = z.strictObject({
  protocol: z.literal('ftp'),
  /** The conversation was inside TLS. */
  tls: z.boolean(),
  /** Of the greeting. */
  code: z.int().min(100).max(599),
  banner: FACT_TEXT,
  /** As FEAT lists them; undefined when it is not understood or only for those logged in. */
  features: FACT_TEXTS.optional(),
  /** Explicit TLS (AUTH TLS, RFC 4217) is offered; undefined: could not be told. */
  startTls: z.boolean().optional(),
  /** The greeting itself speaks of anonymous access. It is not tried. */
  anonymousOffered: z.boolean(),
});

type FtpFacts = z.infer<typeof FTP_FACTS>;

/** File Transfer Protocol (RFC 959): the greeting, and FEAT (RFC 2389). */
export const ftpProbe: Probe<FtpFacts> = {
  protocol: 'ftp',
  ports: [21, 990, 2121],
  run: (context) =>
    withLink(context, async (link) => {
      const greeting = await nextReply(link);
      if (!greeting) return undefined;
      const text = greeting.lines.join(' ');
      const isUsual = ftpProbe.ports.includes(context.target.port);
      const isNamed = /ftp/i.test(text);
      if (!isNamed && /smtp/i.test(text)) return undefined;
      const features = await further(askFeatures());
      if (!isNamed && !isUsual && !features) return undefined;
      return {
        protocol: 'ftp',
        tls: context.tls ?? false,
        code: greeting.code,
        banner: factText(text),
        ...(features && {
          features: factTexts(features),
          startTls: features.some((it) => /^AUTH\b.*\bTLS/i.test(it)),
        }),
        anonymousOffered: /\banonymous\b/i.test(text) && !/\bno\s+anonymous\b/i.test(text),
      };

      async function askFeatures(): Promise<string[] | undefined> {
        await link.write('FEAT\r\n');
        const reply = await nextReply(link, greeting?.end);
        // The first and the last line only frame the list.
        return reply?.code === 211 ? reply.lines.slice(1, -1).map((line) => line.trim()) : undefined;
      }
    }),
};
