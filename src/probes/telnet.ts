import { z } from 'zod';
import { further, withLink } from './conversation.ts';
import { FACT_TEXT, factText } from './openFacts.ts';
import type { Probe } from './probe.ts';

const [SE, SB, WILL, WONT, DONT, IAC] = [240, 250, 251, 252, 254, 255];
const COMMANDS = ['WILL', 'WONT', 'DO', 'DONT'] as const;
const NAMES: ReadonlyMap<number, (typeof COMMANDS)[number]> = new Map(COMMANDS.map((name, at) => [WILL + at, name]));
const SUBNEGOTIATION_END = Buffer.from([IAC, SE]);

export const TELNET_FACTS = z.strictObject({
  protocol: z.literal('telnet'),
  /** The conversation was inside TLS. */
  tls: z.boolean(),
  /** What the server asked for (RFC 854, RFC 855), by command and option number. */
  negotiation: z.array(z.strictObject({ command: z.enum(COMMANDS), option: z.int().min(0).max(255) })).max(64),
  /** What a person would see. */
  text: FACT_TEXT,
  /** It ends by asking for a name or a password. */
  asksForLogin: z.boolean(),
});

type TelnetFacts = z.infer<typeof TELNET_FACTS>;

export interface TelnetText {
  readonly negotiation: TelnetFacts['negotiation'];
  readonly text: Buffer;
  /** Refuses everything that was asked for. */
  readonly refusals: Buffer;
}

/** How many bytes the command at `at` takes, which begins with IAC; 0 when it is cut off. */
function commandLength(bytes: Buffer, at: number): number {
  const command = bytes[at + 1];
  if (command === undefined) return 0;
  if (command >= WILL && command < IAC) return at + 2 < bytes.length ? 3 : 0;
  if (command !== SB) return 2;
  const end = bytes.indexOf(SUBNEGOTIATION_END, at + 2);
  return end < 0 ? 0 : end + 2 - at;
}

/** WILL is refused by DONT, DO by WONT; a refusal needs no answer. */
function refusalsOf(negotiation: TelnetText['negotiation']): Buffer {
  return Buffer.from(
    negotiation.flatMap(({ command, option }) => {
      if (command === 'WILL') return [IAC, DONT, option];
      return command === 'DO' ? [IAC, WONT, option] : [];
    }),
  );
}

/** Divides what came into negotiation and text (RFC 854); what is cut off at the end is left out. Never throws. */
export function parseTelnet(bytes: Buffer): TelnetText {
  const negotiation: TelnetText['negotiation'] = [];
  const text: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const iac = bytes.indexOf(IAC, at);
    text.push(bytes.subarray(at, iac < 0 ? bytes.length : iac));
    const length = iac < 0 ? 0 : commandLength(bytes, iac);
    if (length === 0) break;
    const command = bytes[iac + 1] ?? 0;
    if (command === IAC) text.push(bytes.subarray(iac, iac + 1));
    const name = NAMES.get(command);
    const option = bytes[iac + 2] ?? 0;
    if (name && negotiation.length < 64) {
      negotiation.push({ command: name, option });
    }
    at = iac + length;
  }
  return { negotiation, text: Buffer.concat(text), refusals: refusalsOf(negotiation) };
}

const MAX_BYTES = 8 * 1024;
const PROMPT = /(?:login|user ?name|user|password|account)\s*:\s*$/i;

/** Telnet (RFC 854): what the server negotiates, all of it refused, and the text up to the prompt. */
export const telnetProbe: Probe<TelnetFacts> = {
  protocol: 'telnet',
  ports: [23, 2323, 992],
  run: (context) =>
    withLink(context, async (link) => {
      const first = parseTelnet(await link.read((bytes) => bytes.length > 0));
      if (first.negotiation.length === 0 && !telnetProbe.ports.includes(context.target.port) && !isPrompt(first.text)) {
        return undefined;
      }
      await further(refuseAndRead());
      const { negotiation, text } = parseTelnet(link.received().subarray(0, MAX_BYTES));
      if (negotiation.length === 0 && text.length === 0) return undefined;
      return {
        protocol: 'telnet',
        tls: context.tls ?? false,
        negotiation,
        text: factText(text),
        asksForLogin: isPrompt(text),
      };

      async function refuseAndRead(): Promise<void> {
        // Several rounds: a server may offer the next thing only after the first refusals.
        for (let [round, refused] = [0, 0]; round < 4; round += 1) {
          const { refusals, text } = parseTelnet(link.received().subarray(0, MAX_BYTES));
          if (isPrompt(text) || link.ended()) return;
          if (refusals.length > refused) await link.write(refusals.subarray(refused));
          refused = refusals.length;
          const before = link.received().length;
          await link.read((bytes) => bytes.length >= MAX_BYTES || isPrompt(parseTelnet(bytes).text), 700);
          if (link.received().length === before || before >= MAX_BYTES) return;
        }
      }
    }),
};

const isPrompt = (text: Buffer) => PROMPT.test(text.toString('latin1', Math.max(0, text.length - 64)));
