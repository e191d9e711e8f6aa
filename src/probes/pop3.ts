import { z } from 'zod';
import { further, withLink } from './conversation.ts';
import { FACT_TEXT, FACT_TEXTS, factText, factTexts } from './openFacts.ts';
import type { Probe } from './probe.ts';
import { nextLines } from './replies.ts';

export const POP3_FACTS = z.strictObject({
  protocol: z.literal('pop3'),
  /** The conversation was inside TLS. */
  tls: z.boolean(),
  banner: FACT_TEXT,
  /** As CAPA lists them, parameters included; undefined when CAPA was refused. */
  capabilities: FACT_TEXTS.optional(),
  /** STLS (RFC 2595) is offered. */
  startTls: z.boolean().optional(),
  /** A password in the clear would be taken: USER or SASL PLAIN/LOGIN without TLS. */
  authBeforeTls: z.boolean().optional(),
});

type Pop3Facts = z.infer<typeof POP3_FACTS>;

const anyLine = () => true;

/** Post Office Protocol 3 (RFC 1939): the greeting, and CAPA (RFC 2449). */
export const pop3Probe: Probe<Pop3Facts> = {
  protocol: 'pop3',
  ports: [110, 995],
  run: (context) =>
    withLink(context, async (link) => {
      const greeting = await nextLines(link, 0, anyLine);
      const banner = greeting?.lines[0];
      if (!greeting || banner === undefined || !banner.startsWith('+OK')) return undefined;
      const capabilities = await further(askCapabilities(greeting.end));
      const tls = context.tls ?? false;
      return { protocol: 'pop3', tls, banner: factText(banner.slice(3)), ...offered(capabilities, tls) };

      async function askCapabilities(from: number): Promise<string[] | undefined> {
        await link.write('CAPA\r\n');
        const answer = await nextLines(link, from, (line) => line === '.' || line.startsWith('-ERR'));
        if (!answer?.lines[0]?.startsWith('+OK')) return undefined;
        return answer.lines.slice(1).filter((line) => line !== '.');
      }
    }),
};

function offered(capabilities: readonly string[] | undefined, tls: boolean): Partial<Pop3Facts> {
  if (!capabilities) return {};
  const clear = capabilities.some((line) => /^USER\b|^SASL\b.*\b(?:PLAIN|LOGIN)\b/i.test(line));
  return {
    capabilities: factTexts(capabilities),
    startTls: capabilities.some((line) => /^STLS\s*$/i.test(line)),
    authBeforeTls: !tls && clear,
  };
}
