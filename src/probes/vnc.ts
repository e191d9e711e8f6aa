import { z } from 'zod';
import { further, withLink } from './conversation.ts';
import type { Link } from './link.ts';
import { FACT_TEXT, factText, OPEN_FACTS, productOf } from './openFacts.ts';
import type { Probe, ProbeContext } from './probe.ts';

export const VNC_FACTS = z.strictObject({
  protocol: z.literal('vnc'),
  ...OPEN_FACTS,
  /** RFB, as the server says it: `3.8`. */
  version: FACT_TEXT,
  /** Security types by number (IANA registry "RFB Security Types"): 1 none, 2 VNC password, 19 VeNCrypt. */
  securityTypes: z.array(z.int().min(0).max(0xffffffff)).max(64),
  /** What VeNCrypt (19) offers inside: 257 and 260 are without a password. */
  veNCryptTypes: z.array(z.int().min(0).max(0xffffffff)).max(64).optional(),
  /** Why nobody is let in, in the server's words. */
  reason: FACT_TEXT.optional(),
});

type VncFacts = z.infer<typeof VNC_FACTS>;

const QUIET_MS = 2_000;
const BANNER_BYTES = 12;
const MAX_REASON = 200;
const [NONE, TLS_WITHIN, VENCRYPT] = [1, 18, 19];
/** TLSNone and X509None of VeNCrypt. */
const VENCRYPT_OPEN = [257, 260];

/** Remote Framebuffer (RFC 6143 §7.1): the version, and the security types on offer; none that would log in is chosen. */
export const vncProbe: Probe<VncFacts> = {
  protocol: 'vnc',
  ports: [5900, 5901, 5902, 5903],
  run: (context) =>
    withLink(context, async (link) => {
      const greeting = await link.read((bytes) => bytes.length >= BANNER_BYTES || !couldBeRfb(bytes), QUIET_MS);
      const banner = /^RFB (\d{3})\.(\d{3})\n/.exec(greeting.toString('latin1', 0, BANNER_BYTES));
      if (!banner) return undefined;
      const [major, minor] = [Number(banner[1]), Number(banner[2])];
      const spoken = major > 3 || minor >= 8 ? 8 : minor === 7 ? 7 : 3;
      const base = { protocol: 'vnc' as const, tls: context.tls ?? false, version: `${major}.${minor}` };
      await link.write(`RFB 003.00${spoken}\n`);
      const offer = await further(readOffer(link, spoken));
      const veNCryptTypes =
        offer?.types.includes(VENCRYPT) && spoken === 8 ? await further(askVeNCrypt(link)) : undefined;
      const securityTypes = offer?.types ?? [];
      const isTigerVnc = minor === 8 && securityTypes.length > 0 && (await further(refusesLikeTigerVnc(context)));
      return {
        ...base,
        ...(isTigerVnc && { product: productOf('TigerVNC') }),
        securityTypes,
        openToStrangers: openBy(securityTypes, veNCryptTypes),
        ...(veNCryptTypes && { veNCryptTypes }),
        ...(offer?.reason !== undefined && { reason: offer.reason }),
      };
    }),
};

function couldBeRfb(bytes: Buffer): boolean {
  return 'RFB '.startsWith(bytes.toString('latin1', 0, Math.min(4, bytes.length)));
}

function openBy(types: readonly number[], inside: readonly number[] | undefined): boolean | undefined {
  if (types.length === 0) return undefined;
  if (types.includes(NONE) || inside?.some((type) => VENCRYPT_OPEN.includes(type))) return true;
  // What these two have inside was not seen.
  if (types.includes(TLS_WITHIN) || (types.includes(VENCRYPT) && !inside)) return undefined;
  return false;
}

/** TigerVNC's words for a client that is too old; others hang up, or go on as if it had said 3.3. */
const TOO_OLD = 'Client needs protocol version 2.0, server has 3.8';

/** Says that we speak version 2.0, which nobody does, on a link of its own: how that is refused tells who made it. */
function refusesLikeTigerVnc(context: ProbeContext): Promise<boolean> {
  return withLink(context, async (link) => {
    await link.read((bytes) => bytes.length >= BANNER_BYTES, QUIET_MS);
    await link.write('RFB 002.000\n');
    const isWhole = (bytes: Buffer) => bytes.length >= BANNER_BYTES + 8 + TOO_OLD.length;
    return (await link.read(isWhole, QUIET_MS)).includes(TOO_OLD);
  });
}

/** RFC 6143 §7.1.2; before 3.7 the server decides alone, by a number of four bytes. Zero types: a reason follows. */
async function readOffer(link: Link, spoken: number): Promise<{ types: number[]; reason?: string }> {
  const rest = (bytes: Buffer) => bytes.subarray(BANNER_BYTES);
  const head = spoken === 3 ? 4 : 1;
  const wanted = (bytes: Buffer): number => {
    if (bytes.length < head) return head;
    const count = bytes.readUIntBE(0, head);
    if (count > 0) return spoken === 3 ? head : head + count;
    return bytes.length < head + 4 ? head + 4 : head + 4 + Math.min(MAX_REASON, bytes.readUInt32BE(head));
  };
  const offer = rest(await link.read((bytes) => rest(bytes).length >= wanted(rest(bytes)), QUIET_MS));
  if (offer.length < head) return { types: [] };
  const count = offer.readUIntBE(0, head);
  if (count === 0) return { types: [], reason: factText(offer.subarray(head + 4, wanted(offer))) };
  return { types: spoken === 3 ? [count] : [...offer.subarray(head, head + count)].slice(0, 64) };
}

/** VeNCrypt 0.2 (rfbproto, "VeNCrypt"): asks for its sub-types, before any TLS. */
async function askVeNCrypt(link: Link): Promise<number[] | undefined> {
  const start = link.received().length;
  const next = async (wanted: (bytes: Buffer) => number) => {
    const bytes = await link.read((all) => all.length - start >= wanted(all.subarray(start)), QUIET_MS);
    return bytes.subarray(start);
  };
  await link.write(Uint8Array.of(VENCRYPT));
  const version = await next(() => 2);
  if (version[0] !== 0 || version[1] !== 2) return undefined;
  await link.write(Uint8Array.of(0, 2));
  const answer = await next((bytes) => (bytes.length < 4 ? 4 : 4 + (bytes[3] ?? 0) * 4));
  if (answer.length < 4 || answer[2] !== 0) return undefined;
  const count = Math.min(64, Math.floor((answer.length - 4) / 4));
  return Array.from({ length: Math.min(count, answer[3] ?? 0) }, (_, index) => answer.readUInt32BE(4 + index * 4));
}
