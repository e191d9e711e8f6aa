import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80
      ? [length]
      : length < 0x100
        ? [0x81, length]
        : length < 0x10000
          ? [0x82, length >> 8, length & 0xff]
          : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const time = (ms: number) =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`));
const nameOf = (text: string) => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(text, 'utf8')))));

const ALGORITHMS = {
  'rsa-sha256': { oid: '2a864886f70d01010b', hash: 'sha256', parameters: [der(0x05)] },
  'rsa-sha1': { oid: '2a864886f70d010105', hash: 'sha1', parameters: [der(0x05)] },
  'ec-sha256': { oid: '2a8648ce3d040302', hash: 'sha256', parameters: [] },
};

export interface CertificateOptions {
  readonly subject?: string;
  readonly dnsNames?: readonly string[];
  /** Bytes of IPv4 addresses. */
  readonly addresses?: readonly (readonly number[])[];
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Self-signed without one. */
  readonly issuer?: Made;
  readonly isCa?: boolean;
  readonly rsaBits?: number;
  readonly sha1?: boolean;
}

export interface Made {
  readonly key: string;
  readonly cert: string;
  readonly subject: string;
}

const DAY_MS = 86_400_000;

function extensionsFor({ dnsNames = [], addresses = [], isCa }: CertificateOptions): Buffer[] {
  const names = [
    ...dnsNames.map((name) => der(0x82, Buffer.from(name, 'latin1'))),
    ...addresses.map((bytes) => der(0x87, Buffer.from(bytes))),
  ];
  const extensions = [
    ...(names.length > 0 ? [sequence(oid('551d11'), der(0x04, sequence(...names)))] : []),
    ...(isCa
      ? [sequence(oid('551d13'), der(0x01, Buffer.from([0xff])), der(0x04, sequence(der(0x01, Buffer.from([0xff])))))]
      : []),
  ];
  return extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : [];
}

/** An X.509 certificate (RFC 5280 §4.1) with a new key; by default for `service.test`, EC, valid from yesterday for 90 days. */
export function makeCertificate(options: CertificateOptions = {}): Made {
  const { subject = 'service.test', issuer, rsaBits, sha1, fromMs = Date.now() - DAY_MS } = options;
  const keys: { publicKey: KeyObject; privateKey: KeyObject } =
    rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  const signer = issuer ? createPrivateKey(issuer.key) : keys.privateKey;
  const kind = createPublicKey(signer).asymmetricKeyType === 'ec' ? 'ec-sha256' : sha1 ? 'rsa-sha1' : 'rsa-sha256';
  const { oid: algorithm, hash, parameters } = ALGORITHMS[kind];
  const signature = sequence(oid(algorithm), ...parameters);
  const tbs = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, 2, 3])),
    signature,
    nameOf(issuer?.subject ?? subject),
    sequence(time(fromMs), time(options.toMs ?? fromMs + 90 * DAY_MS)),
    nameOf(subject),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...extensionsFor(options),
  );
  const whole = sequence(tbs, signature, der(0x03, Buffer.from([0]), sign(hash, tbs, signer)));
  return {
    subject,
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
}

/** The DER inside a PEM of one certificate. */
export const derOf = (pem: string) => Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64');
