import * as z from 'zod';
import { type Link, LinkError } from './link.ts';
import { FACT_TEXT, FACT_TEXTS, factText, factTexts, PRODUCT, productOf } from './openFacts.ts';
import type { Probe } from './probe.ts';
import { type Identification, readIdentification, splitSoftware } from './ssh/identification.ts';
import { type KexInit, type KexInitAnswer, readKexInit } from './ssh/kexInit.ts';

/** Of one algorithm name (RFC 4251 §6). */
const MAX_NAME = 64;
/** In bytes of JSON. With GSS-API, key exchange methods are many and long. */
const MAX_KEY_EXCHANGES = 2_048;
const MAX_LIST = 1_024;

const names = z.array(z.string().max(MAX_NAME)).max(64);

/** What an SSH server says before anything is encrypted. Names are in the server's order, marker names included. */
export const SSH_FACTS = z.strictObject({
  protocol: z.literal('ssh'),
  identification: FACT_TEXT,
  protocolVersion: FACT_TEXT,
  software: FACT_TEXT,
  comment: FACT_TEXT.optional(),
  product: PRODUCT.optional(),
  /** Lines before the identification. */
  linesBefore: FACT_TEXTS,
  offers: z
    .strictObject({
      keyExchange: names,
      hostKey: names,
      cipherToServer: names,
      cipherToClient: names,
      macToServer: names,
      macToClient: names,
      compressionToServer: names,
      compressionToClient: names,
      /** Names that are left out because there are too many, of all lists together. */
      more: z.number().int(),
      /** Strict key exchange, the cure for Terrapin (CVE-2023-48795). */
      strictKeyExchange: z.boolean(),
      firstPacketFollows: z.boolean(),
    })
    .optional(),
  /** Why there are no offers. `version`: it does not speak version 2. */
  noOffers: z.enum(['version', 'unterminated', 'closed', 'silent', 'malformed', 'disconnect']).optional(),
  disconnectReason: FACT_TEXT.optional(),
});

export type SshFacts = z.infer<typeof SSH_FACTS>;

/** How long a server may be quiet before it counts as silent, in milliseconds. */
const QUIET_MS = 3_000;
const OUR_IDENTIFICATION = 'SSH-2.0-Harbormaster\r\n';
const STRICT_MARKER = 'kex-strict-s-v00@openssh.com';

function offersOf({ lists, firstPacketFollows }: KexInit): NonNullable<SshFacts['offers']> {
  let more = 0;
  const cut = (list: readonly string[], maxBytes = MAX_LIST) => {
    const shown = factTexts(list, { maxText: MAX_NAME, maxBytes });
    more += list.length - shown.length;
    return shown;
  };
  return {
    keyExchange: cut(lists.keyExchange, MAX_KEY_EXCHANGES),
    hostKey: cut(lists.hostKey),
    cipherToServer: cut(lists.cipherToServer),
    cipherToClient: cut(lists.cipherToClient),
    macToServer: cut(lists.macToServer),
    macToClient: cut(lists.macToClient),
    compressionToServer: cut(lists.compressionToServer),
    compressionToClient: cut(lists.compressionToClient),
    more,
    strictKeyExchange: lists.keyExchange.includes(STRICT_MARKER),
    firstPacketFollows,
  };
}

/** Sends our identification and waits for the other side's offers; what stops it is an answer, too. */
async function askOffers(link: Link, identification: Identification): Promise<Partial<SshFacts>> {
  if (!/^(?:2\.|1\.99$)/.test(identification.protocolVersion)) return { noOffers: 'version' };
  if (!identification.terminated) return { noOffers: 'unterminated' };
  let answer: KexInitAnswer | undefined;
  try {
    await link.write(OUR_IDENTIFICATION);
    const all = await link.read((bytes) => readKexInit(bytes, identification.end) !== undefined, QUIET_MS);
    answer = readKexInit(all, identification.end);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return { noOffers: error.failure === 'reset' ? 'closed' : 'silent' };
  }
  if (!answer) return { noOffers: link.ended() ? 'closed' : 'silent' };
  if (answer.kind === 'kexInit') return { offers: offersOf(answer.kexInit) };
  if (answer.kind === 'disconnect') return { noOffers: 'disconnect', disconnectReason: factText(answer.reason) };
  return { noOffers: 'malformed' };
}

function identityFacts({ line, protocolVersion, software, comment, before }: Identification) {
  const product = splitSoftware(software);
  return {
    protocol: 'ssh' as const,
    identification: factText(line),
    protocolVersion: factText(protocolVersion),
    software: factText(software),
    ...(comment === undefined ? {} : { comment: factText(comment) }),
    ...(product && { product: productOf(product.name, product.version) }),
    linesBefore: factTexts(before, { maxBytes: MAX_LIST }),
  };
}

/** SSH 2: the identification and the algorithms offered (RFC 4253 §4.2, §7.1). No key exchange, no authentication method. */
export const sshProbe: Probe<SshFacts> = {
  protocol: 'ssh',
  ports: [22, 2222, 22222, 830, 2022, 8022],
  async run({ open }) {
    const link = await open();
    try {
      const bytes = await link.read((all) => readIdentification(all, false) !== 'more', QUIET_MS);
      const identification = readIdentification(bytes, true);
      if (typeof identification === 'string') return undefined;
      return { ...identityFacts(identification), ...(await askOffers(link, identification)) };
    } finally {
      link.close();
    }
  },
};
