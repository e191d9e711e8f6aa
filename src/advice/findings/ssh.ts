import { say } from '../../engine/phrase.ts';
import type { Rating } from './algorithms/rating.ts';
import { isTerrapinExposed, rateSsh, type SshAlgorithmKind } from './algorithms/ssh.ts';
import { type FindingKind, type Hit, type ProtocolFacts, type Rule, ruleFor } from './finding.ts';
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
  title: 'SSH offers only outdated codes for integrity',
  why: 'Codes from SHA-1, MD5 or with short tags are withdrawn everywhere else, and clients with current settings refuse to connect.',
  actions: [
    'Set `MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com` in `sshd_config`.',
    'Update the SSH server if it knows no SHA-2.',
  ],
  source: 'MOZ-SSH',
};

const WEAK_KEX: FindingKind = {
  id: 'ssh-weak-key-exchange',
  severity: 'medium',
  title: 'SSH offers an outdated key exchange',
  why: 'Groups of 1024 bits are within reach of well-funded attackers, who can read recorded sessions later. SHA-1 is being given up everywhere.',
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

const union = (...lists: readonly (readonly string[])[]) => [...new Set(lists.flat())];
const ciphersOf = (offers: Offers) => union(offers.cipherToClient, offers.cipherToServer);
const macsOf = (offers: Offers) => union(offers.macToClient, offers.macToServer);

/** Those that the tables rate as weak or broken, and the rating of the worst; undefined where there are none. */
function outdated(kind: SshAlgorithmKind, names: readonly string[]) {
  const rated = names.flatMap((name) => {
    const rating = rateSsh(kind, name);
    return rating === undefined || rating.strength === 'good' ? [] : [{ name, rating }];
  });
  const worst = rated.find(({ rating }) => rating.strength === 'broken') ?? rated[0];
  return worst && { names: rated.map(({ name }) => name), worst: worst.rating };
}

function offersRule(judge: (offers: Offers) => Hit | undefined): Rule {
  return ruleFor('ssh', ({ offers }) => offers && judge(offers));
}

/** What is outdated among `names`, with the reason and source for the worst of it. */
function outdatedHit(kind: FindingKind, names: readonly string[], { why, source }: Rating): Hit {
  return { kind, seen: say`Offered: ${some(names)}. ${why}`, source };
}

export const SSH_KINDS = [VERSION_1, SHA1_MACS, WEAK_KEX, WEAK_CIPHERS, WEAK_HOST_KEYS, TERRAPIN, NO_POST_QUANTUM];

export const SSH_RULES: readonly Rule[] = [
  ruleFor('ssh', ({ protocolVersion, identification }) =>
    protocolVersion.startsWith('1.') ? { kind: VERSION_1, seen: say`It says ${identification}.` } : undefined,
  ),
  offersRule((offers) => {
    // An AEAD cipher needs no MAC; a list of nothing but AEAD ciphers makes the MACs irrelevant.
    const macs = macsOf(offers);
    const needsMac = ciphersOf(offers).some((name) => !/gcm@|poly1305/.test(name));
    const found = needsMac ? outdated('mac', macs) : undefined;
    return found?.names.length === macs.length ? outdatedHit(SHA1_MACS, macs, found.worst) : undefined;
  }),
  offersRule(({ keyExchange }) => {
    const found = outdated('keyExchange', keyExchange);
    if (found === undefined) return undefined;
    const hit = outdatedHit(WEAK_KEX, found.names, found.worst);
    return found.worst.strength === 'broken' ? hit : { ...hit, severity: 'low' };
  }),
  offersRule((offers) => {
    const found = outdated('cipher', ciphersOf(offers));
    if (found === undefined) return undefined;
    const hit = outdatedHit(WEAK_CIPHERS, found.names, found.worst);
    return found.worst.strength === 'broken' ? { ...hit, severity: 'medium' } : hit;
  }),
  offersRule(({ hostKey }) => {
    const found = outdated('hostKey', hostKey);
    return found?.names.length === hostKey.length ? outdatedHit(WEAK_HOST_KEYS, hostKey, found.worst) : undefined;
  }),
  offersRule((offers) =>
    isTerrapinExposed(offers)
      ? { kind: TERRAPIN, seen: say`No kex-strict-s-v00@openssh.com, and a cipher that the attack works on.` }
      : undefined,
  ),
  offersRule(({ keyExchange }) =>
    keyExchange.length > 0 && !keyExchange.some((name) => /^(?:mlkem|sntrup)/.test(name))
      ? { kind: NO_POST_QUANTUM, seen: say`Offered: ${some(keyExchange)}.` }
      : undefined,
  ),
];
