import { z } from 'zod';
import { withLink } from './conversation.ts';
import { FACT_TEXT, factText, OPEN_FACTS } from './openFacts.ts';
import type { Probe } from './probe.ts';

export const DNS_FACTS = z.strictObject({
  protocol: z.literal('dns'),
  tls: OPEN_FACTS.tls,
  /** What it answers to `version.bind`, which operators may set to anything; undefined when it keeps that to itself. */
  version: FACT_TEXT.optional(),
  /** RCODE (RFC 1035 §4.1.1) of the answer to `version.bind`: 0 answered, 4 not implemented, 5 refused. */
  responseCode: z.int().min(0).max(15),
  /** It would resolve any name for whoever asks (the RA bit); undefined when the second question was not answered. */
  recursionOffered: z.boolean().optional(),
});

type DnsFacts = z.infer<typeof DNS_FACTS>;

const QUIET_MS = 2_000;
const MAX_BYTES = 4_096;
const HEADER_BYTES = 12;
/** Message identifiers; TCP and a single conversation make chance unnecessary. */
const [VERSION_ID, ROOT_ID] = [1, 2];
const [TXT, NS] = [16, 2];
const [IN, CHAOS] = [1, 3];

/** One question without a wish for recursion, with the length that TCP wants before it (RFC 1035 §4.1, §4.2.2). */
function question(id: number, labels: readonly string[], type: number, dnsClass: number): Buffer {
  const name = labels.map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')]));
  const message = Buffer.concat([
    Buffer.of(0, id, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0),
    ...name,
    Buffer.of(0, 0, type, 0, dnsClass),
  ]);
  return Buffer.concat([Buffer.of(0, message.length), message]);
}

/**
 * `version.bind` (RFC 4892 §2), and the name servers of the root, which every server can answer or refuse at once: nothing is
 * looked up elsewhere for us.
 */
const QUESTIONS = Buffer.concat([question(VERSION_ID, ['version', 'bind'], TXT, CHAOS), question(ROOT_ID, [], NS, IN)]);

/** The whole messages that came, each without its length; undefined when one is no answer to us. */
function answersIn(bytes: Buffer): ReadonlyMap<number, Buffer> | undefined {
  const answers = new Map<number, Buffer>();
  for (let at = 0; bytes.length >= at + 2; ) {
    const length = bytes.readUInt16BE(at);
    if (length < HEADER_BYTES) return undefined;
    const message = bytes.subarray(at + 2, at + 2 + length);
    // Answer (QR), opcode 0, to one of our questions: enough to tell it from other protocols.
    if (message.length >= 4) {
      const id = message.readUInt16BE(0);
      const isOurs = id === VERSION_ID || id === ROOT_ID;
      if (!isOurs || ((message[2] ?? 0) & 0xf8) !== 0x80) return undefined;
      if (message.length === length) answers.set(id, message);
    }
    at += 2 + length;
  }
  return answers;
}

/** DNS over TCP (RFC 7766), and inside TLS (RFC 7858): what it says of itself, and whether it resolves for strangers. */
export const dnsProbe: Probe<DnsFacts> = {
  protocol: 'dns',
  ports: [53, 853],
  run: (context) =>
    withLink(context, async (link) => {
      await link.write(QUESTIONS);
      const received = await link.read((bytes) => {
        const answers = answersIn(bytes);
        return answers === undefined || answers.size === 2 || bytes.length >= MAX_BYTES;
      }, QUIET_MS);
      const answers = answersIn(received);
      const aboutVersion = answers?.get(VERSION_ID);
      if (!aboutVersion) return undefined;
      const version = textIn(aboutVersion);
      const aboutRoot = answers?.get(ROOT_ID);
      return {
        protocol: 'dns',
        tls: context.tls ?? false,
        responseCode: (aboutVersion[3] ?? 0) & 0x0f,
        ...(version !== undefined && version !== '' && { version }),
        ...(aboutRoot && { recursionOffered: ((aboutRoot[3] ?? 0) & 0x80) !== 0 }),
      };
    }),
};

/** The place after a name, compressed or not; undefined when it runs out of the message. */
function afterName(message: Buffer, from: number): number | undefined {
  for (let at = from; at < message.length; ) {
    const length = message[at] ?? 0;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    at += 1 + length;
  }
  return undefined;
}

/** The first TXT of class CHAOS among the answers (RFC 1035 §3.3.14, its first string); undefined when there is none. */
function textIn(message: Buffer): string | undefined {
  if (message.readUInt16BE(4) !== 1 || message.readUInt16BE(6) === 0) return undefined;
  const afterQuestion = afterName(message, HEADER_BYTES);
  const record = afterQuestion === undefined ? undefined : afterName(message, afterQuestion + 4);
  // Type (2), class (2), time to live (4), length (2), then the strings.
  if (record === undefined || message.length < record + 11) return undefined;
  if (message.readUInt16BE(record) !== TXT || message.readUInt16BE(record + 2) !== CHAOS) return undefined;
  const start = record + 11;
  return factText(message.subarray(start, start + (message[start - 1] ?? 0)));
}
