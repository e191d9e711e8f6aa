import { z } from 'zod';
import { withLink } from './conversation.ts';
import { FACT_TEXT, factText, OPEN_FACTS, productOf } from './openFacts.ts';
import type { Probe } from './probe.ts';

export const X11_FACTS = z.strictObject({
  protocol: z.literal('x11'),
  ...OPEN_FACTS,
  answer: z.enum(['accepted', 'refused', 'authenticate']),
  /** Why not, in the server's words. */
  reason: FACT_TEXT.optional(),
  vendor: FACT_TEXT.optional(),
  /** As the vendor counts. */
  release: z.int().min(0).max(0xffffffff).optional(),
});

type X11Facts = z.infer<typeof X11_FACTS>;

const QUIET_MS = 2_000;
/** The vendor's name begins here in an acceptance. */
const VENDOR_AT = 40;
const MAX_NAME = 200;

/** Connection setup (X Window System Protocol, "Connection Initiation"): little-endian, 11.0, no authorization. */
const SETUP = Uint8Array.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const ANSWERS = ['refused', 'accepted', 'authenticate'] as const;

/** An X server: connection setup without authorization, then goodbye. */
export const x11Probe: Probe<X11Facts> = {
  protocol: 'x11',
  ports: [6000, 6001, 6002, 6003, 6004, 6005],
  run: (context) =>
    withLink(context, async (link) => {
      await link.write(SETUP);
      const received = await link.read((bytes) => bytes.length >= 1 && bytes.length >= wantedOf(bytes), QUIET_MS);
      return factsOf(received, context.tls ?? false);
    }),
};

/** How much of the answer holds what is wanted. */
function wantedOf(bytes: Buffer): number {
  const [answer = 9, reasonLength = 0] = bytes;
  if (answer > 2) return 0;
  if (bytes.length < 8) return 8;
  // The words of a refusal are as long as it says, those of `authenticate` fill all that follows.
  if (answer === 0) return 8 + reasonLength;
  if (answer === 2) return 8 + Math.min(MAX_NAME, bytes.readUInt16LE(6) * 4);
  return bytes.length < VENDOR_AT ? VENDOR_AT : VENDOR_AT + Math.min(MAX_NAME, bytes.readUInt16LE(24));
}

function factsOf(bytes: Buffer, tls: boolean): X11Facts | undefined {
  const answer = ANSWERS[bytes[0] ?? 9];
  if (answer === undefined || bytes.length < 8) return undefined;
  const base = { protocol: 'x11' as const, tls, answer };
  if (answer === 'authenticate') {
    return { ...base, openToStrangers: false, reason: factText(upToNul(bytes.subarray(8, wantedOf(bytes)))) };
  }
  // Both of the others give the protocol version.
  if (bytes.readUInt16LE(2) !== 11) return undefined;
  if (answer === 'refused')
    return { ...base, openToStrangers: false, reason: factText(bytes.subarray(8, wantedOf(bytes))) };
  if (bytes.length < VENDOR_AT) return undefined;
  const vendor = factText(bytes.subarray(VENDOR_AT, wantedOf(bytes)));
  const release = bytes.readUInt32LE(8);
  const isXorg = vendor === 'The X.Org Foundation';
  return {
    ...base,
    openToStrangers: true,
    vendor,
    release,
    ...(isXorg && { product: productOf('X.Org X server', xorgVersion(release)) }),
  };
}

function upToNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** 12013000 is 1.20.13; since 2021 the year comes second: 12101007 is 21.1.7. */
function xorgVersion(release: number): string {
  const pair = (unit: number) => Math.floor(release / unit) % 100;
  if (release < 12_100_000) return `${pair(1e7) % 10}.${pair(1e5)}.${pair(1e3)}`;
  return `${pair(1e5)}.${pair(1e3)}.${release % 1e3}`;
}
