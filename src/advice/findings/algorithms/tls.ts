import { type Phrase, say } from '../../../engine/phrase.ts';
import type { Rating, Strength } from './rating.ts';

const rfc = (number: number, title: string) => ({
  title: `RFC ${number}, ${title}`,
  url: `https://www.rfc-editor.org/rfc/rfc${number}`,
});

const MOZILLA_5_7 = {
  title: 'Mozilla, Server Side TLS 5.7',
  url: 'https://ssl-config.mozilla.org/guidelines/5.7.json',
};
const MOZILLA_6 = { title: 'Mozilla, Server Side TLS 6.0', url: 'https://ssl-config.mozilla.org/guidelines/6.0.json' };
const SWEET32 = { title: 'Sweet32, attacks on 64-bit block ciphers', url: 'https://sweet32.info/' };
const LOGJAM = { title: 'Logjam, weak Diffie-Hellman', url: 'https://weakdh.org/' };
const FREAK = { title: 'CVE-2015-0204 (FREAK)', url: 'https://nvd.nist.gov/vuln/detail/CVE-2015-0204' };
const SHATTERED = { title: 'SHAttered, a SHA-1 collision', url: 'https://shattered.io/' };
const RFC_6151 = rfc(6151, 'Security Considerations for MD5');
const RFC_7465 = rfc(7465, 'Prohibiting RC4 in TLS');
const RFC_8446 = rfc(8446, 'TLS 1.3');
const RFC_9325 = rfc(9325, 'Recommendations for TLS');

const rating = (strength: Strength, why: Phrase, source: Rating['source']): Rating => ({ strength, why, source });

/** The first that a cipher suite's name contains decides: worst first. */
const SUITES: readonly (readonly [part: string, rating: Rating])[] = [
  ['_NULL_', rating('broken', say`No encryption at all.`, RFC_9325)],
  ['_anon_', rating('broken', say`Nobody proves who they are: anyone on the way can take over.`, RFC_9325)],
  ['_EXPORT_', rating('broken', say`Keys cut short by a law of the nineties; broken within hours.`, FREAK)],
  ['_RC4_', rating('broken', say`RC4 leaks plain text by its biases; it must not be used.`, RFC_7465)],
  ['_RC2_', rating('broken', say`An old cipher with short keys.`, RFC_9325)],
  ['_WITH_DES_CBC', rating('broken', say`A 56-bit key is found by trying all.`, RFC_9325)],
  ['_3DES_', rating('broken', say`Its 64-bit blocks repeat in long sessions and give away plain text.`, SWEET32)],
  ['_IDEA_', rating('broken', say`Its 64-bit blocks repeat in long sessions and give away plain text.`, SWEET32)],
  ['TLS_RSA_', rating('weak', say`No forward secrecy: who gets the key can read old recordings.`, RFC_9325)],
  ['TLS_ECDH_', rating('weak', say`No forward secrecy: who gets the key can read old recordings.`, RFC_9325)],
  ['TLS_DH_', rating('weak', say`No forward secrecy: who gets the key can read old recordings.`, RFC_9325)],
  ['_DSS_', rating('weak', say`DSA certificates are no longer issued or trusted.`, MOZILLA_5_7)],
  ['_CBC_', rating('weak', say`CBC mode has led to one padding attack after the other.`, MOZILLA_6)],
  ['_CCM_8', rating('weak', say`Its tag is only 64 bits long.`, RFC_8446)],
  ['TLS_DHE_', rating('good', say`Forward secrecy and authenticated encryption, if the group is large.`, MOZILLA_5_7)],
  ['_GCM_', rating('good', say`Authenticated encryption.`, MOZILLA_6)],
  ['_CHACHA20_POLY1305', rating('good', say`Authenticated encryption.`, MOZILLA_6)],
  ['_CCM', rating('good', say`Authenticated encryption.`, RFC_8446)],
];

/** What to think of a cipher suite by IANA's name; undefined when nothing is known of it. */
export function rateCipherSuite(name: string): Rating | undefined {
  return SUITES.find(([part]) => name.includes(part))?.[1];
}

const SHORT_RSA = rating('broken', say`RSA or DSA keys under 2048 bits can be factored by the well-funded.`, MOZILLA_6);
const LONG_RSA = rating('good', say`Long enough for some years.`, MOZILLA_6);
const SHORT_CURVE = rating('weak', say`A curve of less than 256 bits.`, MOZILLA_6);
const GOOD_CURVE = rating('good', say`A short key with high strength.`, MOZILLA_6);

/** Of a certificate's key; undefined when type or length is not known. */
export function rateCertificateKey(key: {
  readonly keyType: string;
  readonly keyBits?: number | undefined;
}): Rating | undefined {
  if (/^(?:ed25519|ed448|ml-dsa-\d+)$/.test(key.keyType)) return GOOD_CURVE;
  if (key.keyBits === undefined) return undefined;
  if (key.keyType === 'ec') return key.keyBits < 256 ? SHORT_CURVE : GOOD_CURVE;
  if (/^(?:rsa|rsa-pss|dsa)$/.test(key.keyType)) return key.keyBits < 2_048 ? SHORT_RSA : LONG_RSA;
  return undefined;
}

/** Of a certificate's signature, as CertificateFacts names it; of a root's own, nothing depends on it. */
export function rateCertificateSignature(name: string): Rating | undefined {
  if (/^md\d/i.test(name)) return rating('broken', say`Certificates signed over MD5 have been forged.`, RFC_6151);
  if (/sha-?1(?!\d)/i.test(name)) {
    return rating('broken', say`SHA-1 collisions are affordable; browsers reject such certificates.`, SHATTERED);
  }
  if (/sha-?(?:224|256|384|512)|^(?:Ed25519|Ed448|rsassaPss)$|^ML-DSA-/i.test(name)) {
    return rating('good', say`A signature over a current hash.`, MOZILLA_6);
  }
  return undefined;
}

/** Of the group that keys were agreed in: by IANA's name, or by the bits of the prime before TLS 1.3. */
export function rateGroup({
  group,
  dhBits,
}: {
  readonly group?: string | undefined;
  readonly dhBits?: number | undefined;
}) {
  if (dhBits !== undefined) {
    if (dhBits <= 1_024) return rating('broken', say`A group this small can be broken by the well-funded.`, LOGJAM);
    if (dhBits < 2_048) return rating('weak', say`A group of less than 2048 bits.`, RFC_9325);
    return rating('good', say`A large group.`, MOZILLA_5_7);
  }
  if (group === undefined) return undefined;
  if (/MLKEM/.test(group)) {
    return rating('good', say`Keeps recorded sessions secret even from a later quantum computer.`, MOZILLA_6);
  }
  if (/^(?:secp192r1|secp224r1)$/.test(group)) return rating('weak', say`A curve of less than 256 bits.`, RFC_9325);
  if (/^(?:x25519|x448|secp(?:256|384|521)r1|brainpoolP\d+r1|ffdhe\d+)$/.test(group)) {
    return rating(
      'good',
      say`Sound today, but recorded sessions could be read by a later quantum computer.`,
      MOZILLA_6,
    );
  }
  return undefined;
}
