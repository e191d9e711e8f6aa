import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as z from 'zod';
import { FACT_TEXTS, factText, factTexts } from '../openFacts.ts';
import { type DerValue, derList, derText, derValues, oidText } from './der.ts';

const MAX_TEXT = 100;
/** Of all alternative names, in bytes of JSON. */
const MAX_NAMES_BYTES = 4_096;
const DAY_MS = 86_400_000;
const text = z.string().max(MAX_TEXT);

/** One certificate of a chain: what it says, neutralised for showing. */
export const CERTIFICATE_FACTS = z.strictObject({
  /** Common names; empty where there is none. */
  subject: text,
  issuer: text,
  /** Hexadecimal. */
  serial: z.string().max(MAX_TEXT),
  /** Epoch milliseconds. */
  validFromMs: z.number(),
  validToMs: z.number(),
  /** Whole days until it ends, rounded down; negative when it has ended. */
  daysLeft: z.number().int(),
  /** `rsa`, `rsa-pss`, `ec`, `ed25519`…; `unknown` when OpenSSL does not read it. */
  keyType: z.string().max(40),
  keyBits: z.number().int().optional(),
  curve: z.string().max(40).optional(),
  /** As in the certificates' own standards, for example `sha256WithRSAEncryption`; else the dotted identifier. */
  signature: z.string().max(MAX_TEXT),
  selfSigned: z.boolean(),
  /** Subject alternative names, as `example.org` or `192.0.2.1`. */
  names: FACT_TEXTS,
  /** How many more of them there are. */
  moreNames: z.number().int(),
});

export type CertificateFacts = z.infer<typeof CERTIFICATE_FACTS>;

/** RFC 3279, RFC 4055, RFC 5758, RFC 8410, RFC 9881. */
const SIGNATURES: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.2', 'md2WithRSAEncryption'],
  ['1.2.840.113549.1.1.4', 'md5WithRSAEncryption'],
  ['1.2.840.113549.1.1.5', 'sha1WithRSAEncryption'],
  ['1.3.14.3.2.29', 'sha1WithRSAEncryption'],
  ['1.2.840.113549.1.1.14', 'sha224WithRSAEncryption'],
  ['1.2.840.113549.1.1.11', 'sha256WithRSAEncryption'],
  ['1.2.840.113549.1.1.12', 'sha384WithRSAEncryption'],
  ['1.2.840.113549.1.1.13', 'sha512WithRSAEncryption'],
  ['1.2.840.113549.1.1.10', 'rsassaPss'],
  ['1.2.840.10045.4.1', 'ecdsa-with-SHA1'],
  ['1.2.840.10045.4.3.1', 'ecdsa-with-SHA224'],
  ['1.2.840.10045.4.3.2', 'ecdsa-with-SHA256'],
  ['1.2.840.10045.4.3.3', 'ecdsa-with-SHA384'],
  ['1.2.840.10045.4.3.4', 'ecdsa-with-SHA512'],
  ['1.2.840.10040.4.3', 'dsa-with-SHA1'],
  ['2.16.840.1.101.3.4.3.2', 'dsa-with-SHA256'],
  ['1.3.101.112', 'Ed25519'],
  ['1.3.101.113', 'Ed448'],
  ['2.16.840.1.101.3.4.3.17', 'ML-DSA-44'],
  ['2.16.840.1.101.3.4.3.18', 'ML-DSA-65'],
  ['2.16.840.1.101.3.4.3.19', 'ML-DSA-87'],
]);

const SEQUENCE = 0x30;
const OID = 0x06;
const EXTENSIONS = 0xa3;
const VERSION = 0xa0;
const SUBJECT_ALT_NAME = '2.5.29.17';
const COMMON_NAME = '2.5.4.3';
const ORGANISATION = '2.5.4.10';
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** What is read of a certificate (RFC 5280 §4.1) by hand: Node joins and quotes its names in one string. */
function readParts(der: Buffer, maxNamesBytes: number) {
  const [certificate] = derList(der, 1);
  const [tbs, algorithm] = derList(certificate?.content, 3);
  const fields = derList(tbs?.content, 12);
  if (fields[0]?.tag === VERSION) fields.shift();
  const [, , issuer, , subject] = fields;
  const [extensions] = derList(fields.find(({ tag }) => tag === EXTENSIONS)?.content, 1);
  return {
    algorithm: firstOid(algorithm),
    issuer,
    subject,
    alternatives: alternativesIn(extensions?.content, maxNamesBytes),
  };
}

function firstOid(value: DerValue | undefined): string {
  const [first] = derList(value?.content, 1);
  return first?.tag === OID ? oidText(first.content) : '';
}

function alternativesIn(extensions: Buffer | undefined, maxBytes: number): { names: string[]; moreNames: number } {
  const found = derList(extensions, 100).find((extension) => firstOid(extension) === SUBJECT_ALT_NAME);
  const [sequence] = derList(derList(found?.content, 3).at(-1)?.content, 1);
  const values = sequence?.tag === SEQUENCE ? [...derValues(sequence.content)] : [];
  const known = values.filter(({ tag }) => tag === DNS_NAME || tag === IP_ADDRESS);
  const texts = known.slice(0, 64).map((it) => (it.tag === DNS_NAME ? derText(it) : addressText(it.content)));
  const names = factTexts(texts, { maxBytes });
  return { names, moreNames: known.length - names.length };
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return '';
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** The common names of a distinguished name, or its organisations where it has none. */
function nameText(name: DerValue | undefined): string {
  const attributes = derList(name?.content, 50)
    .flatMap((set) => derList(set.content, 10))
    .map((attribute) => derList(attribute.content, 2));
  for (const wanted of [COMMON_NAME, ORGANISATION]) {
    const values = attributes.flatMap(([type, value]) =>
      type?.tag === OID && value && oidText(type.content) === wanted ? [derText(value)] : [],
    );
    if (values.length > 0) return factText(values.join(', '), MAX_TEXT);
  }
  return '';
}

/** Bits of the order, by OpenSSL's name of the curve. */
const CURVE_BITS: ReadonlyMap<string, number> = new Map([
  ['prime192v1', 192],
  ['secp224r1', 224],
  ['prime256v1', 256],
  ['secp256k1', 256],
  ['brainpoolP256r1', 256],
  ['secp384r1', 384],
  ['brainpoolP384r1', 384],
  ['brainpoolP512r1', 512],
  ['secp521r1', 521],
]);

function keyOf(certificate: X509Certificate): Pick<CertificateFacts, 'keyType' | 'keyBits' | 'curve'> {
  try {
    const { asymmetricKeyType = 'unknown', asymmetricKeyDetails: details } = certificate.publicKey;
    const curve = details?.namedCurve?.slice(0, 40);
    const keyBits = details?.modulusLength ?? CURVE_BITS.get(curve ?? '');
    return {
      keyType: asymmetricKeyType.slice(0, 40),
      ...(keyBits === undefined ? {} : { keyBits }),
      ...(curve === undefined ? {} : { curve }),
    };
  } catch {
    return { keyType: 'unknown' };
  }
}

function signsItself(
  certificate: X509Certificate,
  issuer: DerValue | undefined,
  subject: DerValue | undefined,
): boolean {
  if (!issuer || !subject || !issuer.whole.equals(subject.whole)) return false;
  try {
    return certificate.verify(certificate.publicKey);
  } catch {
    // With an algorithm that OpenSSL has given up, the names have to do.
    return true;
  }
}

/** What a certificate in DER says; undefined when it is none. `nowMs`: epoch milliseconds. Never throws. */
export function certificateFacts(
  der: Buffer,
  nowMs: number,
  maxNamesBytes = MAX_NAMES_BYTES,
): CertificateFacts | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return undefined;
  }
  const { algorithm, issuer, subject, alternatives } = readParts(der, maxNamesBytes);
  // Not validToDate: it is younger than the oldest Node that this runs on.
  const validFromMs = Date.parse(certificate.validFrom);
  const validToMs = Date.parse(certificate.validTo);
  if (Number.isNaN(validFromMs) || Number.isNaN(validToMs)) return undefined;
  return {
    subject: nameText(subject),
    issuer: nameText(issuer),
    serial: certificate.serialNumber.slice(0, MAX_TEXT),
    validFromMs,
    validToMs,
    daysLeft: Math.floor((validToMs - nowMs) / DAY_MS),
    ...keyOf(certificate),
    signature: (SIGNATURES.get(algorithm) ?? algorithm).slice(0, MAX_TEXT),
    selfSigned: signsItself(certificate, issuer, subject),
    ...alternatives,
  };
}

/**
 * Whether a certificate is for this name or address (RFC 9525; wildcards for one whole label, the common name only without
 * alternative names). Undefined when the certificate cannot be read. Not by Node's legacy object, which
 * `checkServerIdentity` needs and `getPeerCertificate` returns: a malformed certificate ends the whole process there.
 */
export function certificateMatches(der: Buffer, host: string): boolean | undefined {
  try {
    const certificate = new X509Certificate(der);
    if (isIP(host)) return certificate.checkIP(host) !== undefined;
    return certificate.checkHost(host, { subject: 'default', partialWildcards: false }) !== undefined;
  } catch {
    return undefined;
  }
}
