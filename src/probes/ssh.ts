import * as z from 'zod';
import { visibleText } from '../safeText.ts';
import { type Link, LinkError } from './link.ts';
import type { Probe } from './probe.ts';
import { type Identification, readIdentification, splitSoftware } from './ssh/identification.ts';
import { type KexInit, type KexInitAnswer, readKexInit } from './ssh/kexInit.ts';

const MAX_TEXT = 200;
const MAX_NAMES = 64;
/** Of one algorithm name (RFC 4251 §6). */
const MAX_NAME = 64;

const text = z.string().max(2 * MAX_TEXT + 1);
const names = z.array(z.string().max(2 * MAX_NAME + 1)).max(MAX_NAMES);

/** What an SSH server says before anything is encrypted. Names are in the server's order, marker names included. */
export const SSH_FACTS = z.strictObject({
  protocol: z.literal('ssh'),
  identification: text,
  protocolVersion: text,
  software: text,
  comment: text.optional(),
  product: z.strictObject({ name: text, version: text.optional() }).optional(),
  /** Lines before the identification. */
  linesBefore: z.array(text).max(20),
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
      /** Names beyond 64 in one of the lists, all together. */
      more: z.number().int(),
      /** Strict key exchange, the cure for Terrapin (CVE-2023-48795). */
      strictKeyExchange: z.boolean(),
      firstPacketFollows: z.boolean(),
    })
    .optional(),
  /** Why there are no offers. `version`: it does not speak version 2. */
  noOffers: z.enum(['version', 'unterminated', 'closed', 'silent', 'malformed', 'disconnect']).optional(),
  disconnectReason: text.optional(),
});

export type SshFacts = z.infer<typeof SSH_FACTS>;

/** How long a server may be quiet before it counts as silent, in milliseconds. */
const QUIET_MS = 3_000;
const OUR_IDENTIFICATION = 'SSH-2.0-Harbormaster\r\n';
const STRICT_MARKER = 'kex-strict-s-v00@openssh.com';

const shown = (value: string) => visibleText(value, MAX_TEXT);

function offersOf({ lists, firstPacketFollows }: KexInit): NonNullable<SshFacts['offers']> {
  let more = 0;
  const cut = (list: readonly string[]) => {
    more += Math.max(0, list.length - MAX_NAMES);
    return list.slice(0, MAX_NAMES).map((name) => visibleText(name, MAX_NAME));
  };
  return {
    keyExchange: cut(lists.keyExchange),
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
  if (answer.kind === 'disconnect') return { noOffers: 'disconnect', disconnectReason: shown(answer.reason) };
  return { noOffers: 'malformed' };
}

function identityFacts({ line, protocolVersion, software, comment, before }: Identification) {
  const product = splitSoftware(software);
  return {
    protocol: 'ssh' as const,
    identification: shown(line),
    protocolVersion: shown(protocolVersion),
    software: shown(software),
    ...(comment === undefined ? {} : { comment: shown(comment) }),
    ...(product && {
      product: {
        name: shown(product.name),
        ...(product.version === undefined ? {} : { version: shown(product.version) }),
      },
    }),
    linesBefore: before.map(shown),
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
