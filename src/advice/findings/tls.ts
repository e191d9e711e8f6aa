import { say } from '../../engine/phrase.ts';
import type { TlsFacts } from '../../probes/tls.ts';
import { rateCipherSuite, rateGroup } from './algorithms/tls.ts';
import type { FindingKind, Hit, Rule } from './finding.ts';
import { some } from './text.ts';

const OLD_VERSIONS: FindingKind = {
  id: 'tls-old-versions',
  severity: 'medium',
  title: 'TLS 1.0 or 1.1 is accepted',
  why: 'Both are forbidden since 2021: they rest on SHA-1 and MD5, and audits such as PCI DSS fail on them.',
  actions: [
    'Accept TLS 1.2 and 1.3 only (nginx: `ssl_protocols TLSv1.2 TLSv1.3;`).',
    'Look in the logs for clients that still need the old ones, and update them.',
  ],
  source: 'RFC8996',
};

const SSL3: FindingKind = {
  id: 'tls-sslv3',
  severity: 'high',
  title: 'SSLv3 is accepted',
  why: 'Anybody on the path can recover cookies and passwords from SSLv3 (POODLE).',
  actions: ['Disable SSLv3 and TLS below 1.2.', 'Replace or update software that cannot do better.'],
  source: 'RFC9325',
};

const BROKEN_CIPHER: FindingKind = {
  id: 'tls-broken-cipher',
  severity: 'high',
  title: 'A broken cipher suite is accepted',
  why: 'Suites without encryption or identity, or with RC4, 3DES or export keys, protect nothing against somebody on the path.',
  actions: [
    'Use the intermediate cipher list of the Mozilla guideline.',
    'Update the TLS library if the list is its default.',
  ],
  source: 'MOZ-TLS',
};

const WEAK_CIPHER: FindingKind = {
  id: 'tls-weak-cipher',
  severity: 'low',
  title: 'TLS picks an outdated cipher suite',
  why: 'Offered everything current, it picks a suite without forward secrecy or in CBC mode: recorded sessions can be read later, or attacked.',
  actions: [
    'Use the intermediate cipher list of the Mozilla guideline.',
    'Update the TLS library if the list is its default.',
  ],
  source: 'MOZ-TLS',
};

const SMALL_GROUP: FindingKind = {
  id: 'tls-small-dh-group',
  severity: 'medium',
  title: 'The Diffie-Hellman group is too small',
  why: 'Groups of 1024 bits and fewer can be broken with enough computers (Logjam). Guidelines ask for 2048 bits.',
  actions: [
    'Prefer elliptic curves (X25519, P-256).',
    'Use a standard group of 2048 bits or more (RFC 7919) otherwise.',
  ],
  source: 'RFC9325',
};

const BROKEN_STARTTLS: FindingKind = {
  id: 'starttls-broken',
  severity: 'medium',
  title: 'STARTTLS is offered and does not work',
  why: 'Clients that try TLS fail, and many then go on in the clear.',
  actions: ['Check the certificate and key in the settings of the server and its log.', 'Enforce TLS once it works.'],
  source: 'RFC8314',
};

function ofTls(judge: (tls: TlsFacts) => Hit | undefined): Rule {
  return ({ evidence: { tls } }) => tls && judge(tls);
}

/** Whether this version is accepted, by the name that the probe gives it. */
function acceptedVersions(tls: TlsFacts): readonly string[] {
  return tls.versions.filter(({ accepted }) => accepted === 'yes').map(({ version }) => version);
}

export const TLS_KINDS = [OLD_VERSIONS, SSL3, BROKEN_CIPHER, WEAK_CIPHER, SMALL_GROUP, BROKEN_STARTTLS];

export const TLS_RULES: readonly Rule[] = [
  ofTls((tls) => {
    const old = acceptedVersions(tls).filter((version) => version === 'TLSv1.0' || version === 'TLSv1.1');
    return old.length > 0 ? { kind: OLD_VERSIONS, seen: say`Accepted: ${some(old)}.` } : undefined;
  }),
  ofTls((tls) =>
    acceptedVersions(tls).includes('SSLv3')
      ? { kind: SSL3, seen: say`A handshake with SSLv3 went through.` }
      : undefined,
  ),
  ofTls(({ lastResortCipher, negotiated }) => {
    for (const cipher of [lastResortCipher, negotiated?.cipher]) {
      const rating = cipher === undefined ? undefined : rateCipherSuite(cipher);
      if (rating?.strength === 'broken') {
        return { kind: BROKEN_CIPHER, seen: say`Accepted: ${cipher ?? ''}. ${rating.why}`, source: rating.source };
      }
    }
    return undefined;
  }),
  ofTls(({ negotiated }) => {
    const rating = negotiated && rateCipherSuite(negotiated.cipher);
    if (rating?.strength !== 'weak') return undefined;
    return { kind: WEAK_CIPHER, seen: say`Picked: ${negotiated?.cipher ?? ''}. ${rating.why}`, source: rating.source };
  }),
  ofTls(({ negotiated }) => {
    const rating = negotiated?.dhBits === undefined ? undefined : rateGroup({ dhBits: negotiated.dhBits });
    if (rating === undefined || rating.strength === 'good') return undefined;
    const hit: Hit = {
      kind: SMALL_GROUP,
      seen: say`A group of ${negotiated?.dhBits ?? 0} bits.`,
      source: rating.source,
    };
    return rating.strength === 'broken' ? hit : { ...hit, severity: 'low' };
  }),
  ofTls(({ startTls, spoken }) =>
    startTls?.answer === 'ready' && !spoken
      ? { kind: BROKEN_STARTTLS, seen: say`It agreed to STARTTLS for ${startTls.protocol}, and no TLS came.` }
      : undefined,
  ),
];
