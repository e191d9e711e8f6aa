import { counted, type Phrase, say } from '../../engine/phrase.ts';
import type { TlsFacts } from '../../probes/tls.ts';
import type { Severity } from '../guide.ts';
import { rateCertificateKey, rateCertificateSignature } from './algorithms/tls.ts';
import type { FindingKind, Hit, PortView, Rule } from './finding.ts';
import { some } from './text.ts';

type Certificate = NonNullable<TlsFacts['certificate']>;

const RENEW = [
  'Renew the certificate now and reload the service that uses it.',
  'Let an ACME client renew it automatically, and raise an alarm three weeks before it expires.',
];

const EXPIRED: FindingKind = {
  id: 'certificate-expired',
  severity: 'high',
  title: 'The certificate has expired',
  why: 'Clients refuse to connect or teach people to ignore warnings, which is what an attacker needs.',
  actions: RENEW,
  source: 'MOZ-TLS',
};

const EXPIRES_SOON: FindingKind = {
  id: 'certificate-expires-soon',
  severity: 'medium',
  title: 'The certificate expires soon',
  why: 'After that day clients refuse to connect. Automatic renewal would have replaced it by now.',
  actions: RENEW,
  source: 'MOZ-TLS',
};

const NOT_YET_VALID: FindingKind = {
  id: 'certificate-not-yet-valid',
  severity: 'high',
  title: 'The certificate is not valid yet',
  why: 'Clients refuse it until its first day. Often a clock is wrong.',
  actions: ['Check the clock of the host that issued it.', 'Put the previous certificate back, or issue a new one.'],
  source: 'MOZ-TLS',
};

const NAME_MISMATCH: FindingKind = {
  id: 'certificate-name-mismatch',
  severity: 'medium',
  title: 'The certificate is for another name',
  why: 'Clients cannot tell this server from an impostor and refuse to connect.',
  actions: [
    'Create a certificate that lists this name among its subject alternative names.',
    'Check that the server picks the right certificate for this name (SNI).',
  ],
  source: 'RFC9325',
};

const SELF_SIGNED: FindingKind = {
  id: 'certificate-self-signed',
  severity: 'medium',
  title: 'The certificate is self-signed',
  why: 'Nobody vouches for it: people get used to clicking warnings away and would not notice an impostor.',
  actions: [
    'Replace it by one from a public authority, or from your own if all clients know that one.',
    'Limit the port to named sources if it is for administration only.',
  ],
  source: 'MOZ-TLS',
};

const UNTRUSTED: FindingKind = {
  id: 'certificate-untrusted',
  severity: 'medium',
  title: 'The certificate chain is not trusted',
  why: 'No path leads from it to a public root: an intermediate certificate is missing, or the authority is private.',
  actions: [
    'Serve the full chain: the certificate of the server first, then the intermediate ones.',
    'Check that every client knows the authority if it is your own.',
  ],
  source: 'RFC9325',
};

const WEAK_KEY: FindingKind = {
  id: 'certificate-weak-key',
  severity: 'high',
  title: 'The key of the certificate is too short',
  why: 'RSA keys below 2048 bits can be factored by those who care, curves below 256 bits are under every guideline, and clients refuse both.',
  actions: ['Replace the key by ECDSA P-256 or RSA with 2048 bits.', 'Revoke the old certificate.'],
  source: 'RFC9325',
};

const WEAK_SIGNATURE: FindingKind = {
  id: 'certificate-weak-signature',
  severity: 'high',
  title: 'The certificate is signed with SHA-1 or MD5',
  why: 'Such signatures can be forged, and clients refuse them.',
  actions: ['Replace the certificate by one that is signed with SHA-256.', 'Update the authority that issued it.'],
  source: 'RFC9325',
};

/** Days before the end when somebody should act, and how much it matters then. */
const URGENCY: readonly (readonly [days: number, severity: Severity])[] = [
  [3, 'high'],
  [14, 'medium'],
  [28, 'low'],
];

const UNNAMED = say`an unnamed authority`;
const NO_NAME = say`no name`;

const DAY_MS = 86_400_000;
const day = (ms: number) => new Date(Math.max(-8.64e15, Math.min(8.64e15, ms))).toISOString().slice(0, 10);
const daysLeft = (certificate: Certificate, view: PortView) =>
  Math.floor((certificate.validToMs - view.context.nowMs) / DAY_MS);

function ofCertificate(judge: (certificate: Certificate, tls: TlsFacts, view: PortView) => Hit | undefined): Rule {
  return (view) => {
    const { tls } = view.evidence;
    return tls?.certificate && judge(tls.certificate, tls, view);
  };
}

function expiresSoon(certificate: Certificate, view: PortView): Hit | undefined {
  const left = daysLeft(certificate, view);
  const severity = left < 0 ? undefined : URGENCY.find(([days]) => left <= days)?.[1];
  if (severity === undefined) return undefined;
  return {
    kind: EXPIRES_SOON,
    severity,
    title: expiresIn(left),
    seen: say`Valid until ${day(certificate.validToMs)}, issued by ${certificate.issuer || UNNAMED}.`,
  };
}

function expiresIn(days: number): Phrase {
  if (days === 0) return say`The certificate expires within a day`;
  return counted(days, say`The certificate expires in ${days} day`, say`The certificate expires in ${days} days`);
}

function untrusted(certificate: Certificate, tls: TlsFacts, view: PortView): Hit | undefined {
  if (tls.trust?.trusted !== false || certificate.selfSigned) return undefined;
  // An expired certificate is not trusted either, and has a finding of its own.
  if (daysLeft(certificate, view) < 0 || certificate.validFromMs > view.context.nowMs) return undefined;
  return {
    kind: UNTRUSTED,
    seen: say`Issued by ${certificate.issuer || UNNAMED} (${tls.trust.code ?? say`no reason given`}).`,
  };
}

export const CERTIFICATE_KINDS = [
  EXPIRED,
  EXPIRES_SOON,
  NOT_YET_VALID,
  NAME_MISMATCH,
  SELF_SIGNED,
  UNTRUSTED,
  WEAK_KEY,
  WEAK_SIGNATURE,
];

export const CERTIFICATE_RULES: readonly Rule[] = [
  ofCertificate((certificate, _tls, view) =>
    daysLeft(certificate, view) < 0
      ? { kind: EXPIRED, seen: say`Valid until ${day(certificate.validToMs)}.` }
      : undefined,
  ),
  ofCertificate((certificate, _tls, view) => expiresSoon(certificate, view)),
  ofCertificate((certificate, _tls, view) =>
    certificate.validFromMs > view.context.nowMs
      ? { kind: NOT_YET_VALID, seen: say`Valid from ${day(certificate.validFromMs)}.` }
      : undefined,
  ),
  ofCertificate((certificate, tls) => {
    const names = certificate.names.length > 0 ? some(certificate.names) : certificate.subject || NO_NAME;
    return tls.nameMatches === false ? { kind: NAME_MISMATCH, seen: say`It is for ${names}.` } : undefined;
  }),
  ofCertificate((certificate) =>
    certificate.selfSigned
      ? { kind: SELF_SIGNED, seen: say`Issued by itself: ${certificate.subject || NO_NAME}.` }
      : undefined,
  ),
  ofCertificate(untrusted),
  ofCertificate(({ keyType, keyBits }) => {
    const rating = rateCertificateKey({ keyType, keyBits });
    if (rating === undefined || rating.strength === 'good') return undefined;
    const hit: Hit = {
      kind: WEAK_KEY,
      seen: say`${keyType.toUpperCase()} with ${keyBits ?? 0} bits. ${rating.why}`,
      source: rating.source,
    };
    return rating.strength === 'broken' ? hit : { ...hit, severity: 'medium' };
  }),
  ofCertificate(({ signature, selfSigned }) => {
    const rating = selfSigned ? undefined : rateCertificateSignature(signature);
    return rating?.strength === 'broken'
      ? { kind: WEAK_SIGNATURE, seen: say`Signed with ${signature}. ${rating.why}`, source: rating.source }
      : undefined;
  }),
];
