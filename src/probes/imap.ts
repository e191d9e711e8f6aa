import { z } from 'zod';
import { further, withLink } from './conversation.ts';
import { FACT_TEXT, FACT_TEXTS, factText, factTexts } from './openFacts.ts';
import type { Probe } from './probe.ts';
import { nextLines } from './replies.ts';

export const IMAP_FACTS = z.strictObject({
  protocol: z.literal('imap'),
  /** The conversation was inside TLS. */
  tls: z.boolean(),
  /** `PREAUTH`: whoever connects is logged in already. `BYE`: strangers are sent away. */
  greeting: z.enum(['OK', 'PREAUTH', 'BYE']),
  banner: FACT_TEXT,
  /** In upper case; undefined when neither the greeting nor an answer lists them. */
  capabilities: FACT_TEXTS.optional(),
  /** STARTTLS is offered. */
  startTls: z.boolean().optional(),
  /** A password in the clear would be taken: no LOGINDISABLED (RFC 3501 §6.2.3), no TLS. */
  authBeforeTls: z.boolean().optional(),
  openToStrangers: z.boolean().optional(),
});

type ImapFacts = z.infer<typeof IMAP_FACTS>;

const TAG = 'hm1';

/** Internet Message Access Protocol (RFC 3501, RFC 9051): the greeting, and CAPABILITY. */
export const imapProbe: Probe<ImapFacts> = {
  protocol: 'imap',
  ports: [143, 993],
  run: (context) =>
    withLink(context, async (link) => {
      const first = await nextLines(link, 0, () => true);
      const [, greeting, text = ''] = /^\* (OK|PREAUTH|BYE)\b(.*)$/i.exec(first?.lines[0] ?? '') ?? [];
      const state = IMAP_FACTS.shape.greeting.safeParse(greeting?.toUpperCase()).data;
      if (!first || !state) return undefined;
      const tls = context.tls ?? false;
      const asked = state === 'BYE' ? undefined : await further(askCapabilities(first.end));
      // Some say it in the greeting: `* OK [CAPABILITY IMAP4rev1 …]`.
      const capabilities = asked ?? wordsOf(/\[CAPABILITY ([^\]]*)\]/i.exec(text.slice(0, 2_048))?.[1]);
      return {
        protocol: 'imap',
        tls,
        greeting: state,
        banner: factText(text),
        ...(capabilities && {
          capabilities,
          startTls: capabilities.includes('STARTTLS'),
          authBeforeTls: !tls && !capabilities.includes('LOGINDISABLED'),
        }),
        ...(state === 'PREAUTH' && { openToStrangers: true }),
      };

      async function askCapabilities(from: number): Promise<string[] | undefined> {
        await link.write(`${TAG} CAPABILITY\r\n`);
        const answer = await nextLines(link, from, (line) => line.startsWith(`${TAG} `));
        const line = answer?.lines.find((one) => /^\* CAPABILITY /i.test(one));
        return wordsOf(line?.slice('* CAPABILITY '.length));
      }
    }),
};

function wordsOf(list: string | undefined): string[] | undefined {
  const words = list?.trim().split(/\s+/, 64);
  return words && factTexts(words.flatMap((word) => (word === '' ? [] : word.toUpperCase())));
}
