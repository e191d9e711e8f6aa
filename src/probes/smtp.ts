import { z } from 'zod';
import { further, withLink } from './conversation.ts';
import { FACT_TEXT, FACT_TEXTS, factText, factTexts } from './openFacts.ts';
import type { Probe } from './probe.ts';
import { nextReply } from './replies.ts';

export const SMTP_FACTS = z.strictObject({
  protocol: z.literal('smtp'),
  /** The conversation was inside TLS. */
  tls: z.boolean(),
  /** Of the greeting: 220, or 554 and 421 when strangers are not served. */
  code: z.int().min(100).max(599),
  banner: FACT_TEXT,
  /** As EHLO lists them, parameters included; undefined when EHLO was refused. */
  extensions: FACT_TEXTS.optional(),
  /** STARTTLS (RFC 3207) is offered. */
  startTls: z.boolean().optional(),
  /** Mechanisms of AUTH (RFC 4954) on this layer: in the clear unless `tls`. */
  auth: FACT_TEXTS.optional(),
  /** AUTH is offered where a password would travel in the clear. */
  authBeforeTls: z.boolean().optional(),
});

type SmtpFacts = z.infer<typeof SMTP_FACTS>;

/** A name that can never be somebody's (RFC 6761 §6.4). */
const OUR_NAME = 'harbormaster.invalid';

/** Simple Mail Transfer Protocol (RFC 5321): the greeting, and what EHLO offers. No mail is begun. */
export const smtpProbe: Probe<SmtpFacts> = {
  protocol: 'smtp',
  ports: [25, 587, 465, 2525],
  run: (context) =>
    withLink(context, async (link) => {
      const greeting = await nextReply(link);
      if (!greeting) return undefined;
      const text = greeting.lines.join(' ');
      const tls = context.tls ?? false;
      const extensions = greeting.code === 220 ? await further(askExtensions(greeting.end)) : undefined;
      const isUsual = smtpProbe.ports.includes(context.target.port) && !/ftp/i.test(text);
      if (!extensions && !/smtp/i.test(text) && !isUsual) return undefined;
      return { protocol: 'smtp', tls, code: greeting.code, banner: factText(text), ...offered(extensions, tls) };

      async function askExtensions(from: number): Promise<string[] | undefined> {
        await link.write(`EHLO ${OUR_NAME}\r\n`);
        const reply = await nextReply(link, from);
        return reply?.code === 250 ? reply.lines.slice(1) : undefined;
      }
    }),
};

function offered(extensions: readonly string[] | undefined, tls: boolean): Partial<SmtpFacts> {
  if (!extensions) return {};
  // Old servers write `AUTH=LOGIN` beside the standard form.
  const auth = extensions.flatMap((line) => /^AUTH[ =](.*)$/i.exec(line)?.[1]?.trim().split(/\s+/) ?? []).slice(0, 64);
  return {
    extensions: factTexts(extensions),
    startTls: extensions.some((line) => /^STARTTLS\s*$/i.test(line)),
    auth: factTexts(new Set(auth.map((mechanism) => mechanism.toUpperCase()))),
    authBeforeTls: !tls && auth.length > 0,
  };
}
