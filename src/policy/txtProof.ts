import { counted, type Phrase, say } from '../engine/phrase.ts';
import { type AddressLookup, dnsErrorCode, LOOKUP_LIMIT_MS, unlessAborted } from './resolve.ts';

/**
 * What a look at a place where a proof may be said: it is there; it is definitely not (`absent`); or that could not be
 * found out (`unknown`), which says nothing about the proof.
 */
export interface Look {
  readonly result: 'present' | 'absent' | 'unknown';
  /** What was looked at and what was there, in a sentence. Never text from the other side. */
  readonly told: Phrase;
}

/** A domain may have many TXT records of others; a proof stands among the first. */
const MAX_RECORDS = 64;
/** Longer than any value of ours, shorter than what somebody may put there. */
const MAX_LENGTH = 512;

export interface TxtPlace {
  readonly name: string;
  readonly value: string;
  /** What the record is for, in sentences. */
  readonly subject: string;
}

/**
 * Is the value among the TXT records of the name? The strings that a record is split into are joined (RFC 1035 §3.3.14,
 * RFC 7208 §3.3); blanks around a value do not count. Rejects only with the signal's reason.
 */
export async function lookForRecord(
  { name, value, subject }: TxtPlace,
  lookup: AddressLookup,
  signal: AbortSignal,
): Promise<Look> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOKUP_LIMIT_MS)]);
  try {
    const records = await unlessAborted(lookup.resolveTxt(name), limit);
    if (records.slice(0, MAX_RECORDS).some((strings) => joined(strings) === value)) {
      return { result: 'present', told: say`DNS has the verification record of ${subject}.` };
    }
    const told = counted(
      records.length,
      say`DNS has one TXT record in the place for ${subject}, with another value.`,
      say`DNS has ${records.length} TXT records in the place for ${subject}, with another value.`,
    );
    return { result: 'absent', told };
  } catch (error) {
    signal.throwIfAborted();
    const code = dnsErrorCode(error);
    if (code === 'ENOTFOUND' || code === 'ENODATA') {
      return { result: 'absent', told: say`DNS has no verification record of ${subject}.` };
    }
    const told =
      code === 'ETIMEOUT'
        ? say`The DNS servers did not answer in time about the verification record of ${subject}.`
        : say`The DNS servers failed to answer about the verification record of ${subject}.`;
    return { result: 'unknown', told };
  }
}

function joined(strings: readonly string[]): string | undefined {
  let text = '';
  for (const string of strings) {
    text += string;
    if (text.length > MAX_LENGTH) return undefined;
  }
  return text.trim();
}
