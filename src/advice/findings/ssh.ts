import { type FindingKind, type ProtocolFacts, type Rule, ruleFor } from './finding.ts';
import { some } from './text.ts';

type Offers = NonNullable<ProtocolFacts<'ssh'>['offers']>;

const VERSION_1: FindingKind = {
  id: 'ssh-protocol-1',
  severity: 'high',
  title: 'SSH protocol 1 is accepted',
  why: 'Version 1 of the protocol has design flaws that let an attacker on the path insert commands. It has been obsolete since 2006.',
  actions: ['Set `Protocol 2` on the device, or update its firmware.', 'Replace equipment that speaks version 1 only.'],
  source: 'SSHAUDIT',
};

const SHA1_MACS: FindingKind = {
  id: 'ssh-only-sha1-macs',
  severity: 'medium',
  title: 'SSH offers only SHA-1 or MD5 for integrity',
  why: 'These codes are withdrawn everywhere else, and clients with current settings refuse to connect.',
  actions: [
    'Set `MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com` in `sshd_config`.',
    'Update the SSH server if it knows no SHA-2.',
  ],
  source: 'MOZ-SSH',
};

const WEAK_KEX: FindingKind = {
  id: 'ssh-weak-key-exchange',
  severity: 'medium',
  title: 'SSH offers a broken key exchange',
  why: '1024-bit groups and SHA-1 in the key exchange are within reach of well-funded attackers; recorded sessions can be read later.',
  actions: [
    'Remove the methods named here from `KexAlgorithms` in `sshd_config`.',
    'Prefer `mlkem768x25519-sha256`, `sntrup761x25519-sha512` and `curve25519-sha256`.',
  ],
  source: 'RFC9142',
};

const WEAK_CIPHERS: FindingKind = {
  id: 'ssh-weak-ciphers',
  severity: 'low',
  title: 'SSH offers outdated ciphers',
  why: 'CBC modes, 3DES and RC4 have known attacks; a client that prefers them gets them.',
  actions: [
    'Set `Ciphers` in `sshd_config` to AES-GCM, AES-CTR and ChaCha20 only.',
    'Check with `sshd -T` which ciphers really apply, then restart sshd.',
  ],
  source: 'SSHAUDIT',
};

const WEAK_HOST_KEYS: FindingKind = {
  id: 'ssh-weak-host-keys',
  severity: 'medium',
  title: 'SSH host keys are only DSA or RSA with SHA-1',
  why: 'Current clients refuse these signatures, and people learn to click warnings away.',
  actions: [
    'Create an Ed25519 host key with `ssh-keygen -A`, and update the server so that it signs with SHA-2.',
    'Remove the DSA host key.',
  ],
  source: 'MOZ-SSH',
};

const TERRAPIN: FindingKind = {
  id: 'ssh-terrapin',
  severity: 'medium',
  title: 'SSH without strict key exchange (Terrapin)',
  why: 'Somebody on the path can drop the first messages unnoticed and switch protections off (CVE-2023-48795).',
  actions: [
    'Update the SSH server to one with strict key exchange (OpenSSH 9.6, or the fixed package of your distribution).',
    'Remove `chacha20-poly1305@openssh.com` and CBC ciphers until then.',
  ],
  source: 'TERRAPIN',
};

const NO_POST_QUANTUM: FindingKind = {
  id: 'ssh-no-post-quantum',
  severity: 'info',
  title: 'SSH offers no post-quantum key exchange',
  why: 'Sessions recorded today could be decrypted once quantum computers are big enough.',
  actions: [
    'Update to OpenSSH 9.0 or later, which offers `sntrup761x25519-sha512`.',
    'Leave `KexAlgorithms` at its default unless you have a reason.',
  ],
  source: 'SSHAUDIT',
};

const isWeakMac = (name: string) => /^hmac-(?:sha1|md5)/.test(name) || name === 'hmac-ripemd160';
const isWeakCipher = (name: string) => /-cbc(?:@|$)|^3des|^arcfour|^blowfish|^cast128|^none$/.test(name);
const isEtm = (name: string) => name.includes('-etm@');

/** RFC 9142 §3 and §4: what must not or should not be used. */
const WEAK_KEX_NAMES: ReadonlySet<string> = new Set([
  'diffie-hellman-group1-sha1',
  'diffie-hellman-group-exchange-sha1',
  'diffie-hellman-group14-sha1',
  'rsa1024-sha1',
]);

const union = (...lists: readonly (readonly string[])[]) => [...new Set(lists.flat())];
const ciphersOf = (offers: Offers) => union(offers.cipherToClient, offers.cipherToServer);
const macsOf = (offers: Offers) => union(offers.macToClient, offers.macToServer);

/** ChaCha20-Poly1305, or CBC with encrypt-then-MAC, is what the attack works on. */
function isOpenToTerrapin(offers: Offers): boolean {
  const ciphers = ciphersOf(offers);
  if (offers.strictKeyExchange) return false;
  if (ciphers.some((name) => name.startsWith('chacha20-poly1305'))) return true;
  return ciphers.some((name) => name.includes('-cbc')) && macsOf(offers).some(isEtm);
}

function offersRule(kind: FindingKind, see: (offers: Offers) => string | undefined): Rule {
  return ruleFor('ssh', ({ offers }) => {
    const seen = offers && see(offers);
    return seen === undefined ? undefined : { kind, seen };
  });
}

/** Names, if any. */
const offered = (names: readonly string[]) => (names.length > 0 ? `Offered: ${some(names)}.` : undefined);

export const SSH_KINDS = [VERSION_1, SHA1_MACS, WEAK_KEX, WEAK_CIPHERS, WEAK_HOST_KEYS, TERRAPIN, NO_POST_QUANTUM];

export const SSH_RULES: readonly Rule[] = [
  ruleFor('ssh', ({ protocolVersion, identification }) =>
    protocolVersion.startsWith('1.') ? { kind: VERSION_1, seen: `It says ${identification}.` } : undefined,
  ),
  offersRule(SHA1_MACS, (offers) => {
    // An AEAD cipher needs no MAC; a list of nothing but AEAD ciphers makes the MACs irrelevant.
    const macs = macsOf(offers);
    const needsMac = ciphersOf(offers).some((name) => !/gcm@|poly1305/.test(name));
    return needsMac && macs.length > 0 && macs.every(isWeakMac) ? offered(macs) : undefined;
  }),
  offersRule(WEAK_KEX, (offers) => offered(offers.keyExchange.filter((name) => WEAK_KEX_NAMES.has(name)))),
  offersRule(WEAK_CIPHERS, (offers) => offered(ciphersOf(offers).filter(isWeakCipher))),
  offersRule(WEAK_HOST_KEYS, ({ hostKey }) =>
    hostKey.length > 0 && hostKey.every((name) => name === 'ssh-rsa' || name === 'ssh-dss')
      ? offered(hostKey)
      : undefined,
  ),
  offersRule(TERRAPIN, (offers) =>
    isOpenToTerrapin(offers) ? 'No kex-strict-s-v00@openssh.com, and a cipher that the attack works on.' : undefined,
  ),
  offersRule(NO_POST_QUANTUM, ({ keyExchange }) =>
    keyExchange.length > 0 && !keyExchange.some((name) => /^(?:mlkem|sntrup)/.test(name))
      ? offered(keyExchange)
      : undefined,
  ),
];
