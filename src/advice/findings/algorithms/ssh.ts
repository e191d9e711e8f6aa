import { type Phrase, say } from '../../../engine/phrase.ts';
import type { Rating, Strength } from './rating.ts';

const rfc = (number: number, title: string) => ({
  title: `RFC ${number}, ${title}`,
  url: `https://www.rfc-editor.org/rfc/rfc${number}`,
});
const openSsh = (version: string) => ({
  title: `OpenSSH ${version} release notes`,
  url: `https://www.openssh.com/txt/release-${version}`,
});

const RFC_4253 = rfc(4253, 'SSH Transport Layer Protocol');
const RFC_4344 = rfc(4344, 'SSH Transport Layer Encryption Modes');
const RFC_5647 = rfc(5647, 'AES-GCM for SSH');
const RFC_6151 = rfc(6151, 'Security Considerations for MD5 and HMAC-MD5');
const RFC_6668 = rfc(6668, 'SHA-2 Data Integrity for SSH');
const RFC_8332 = rfc(8332, 'RSA Keys with SHA-2 in SSH');
const RFC_8709 = rfc(8709, 'Ed25519 and Ed448 Keys for SSH');
const RFC_8758 = rfc(8758, 'Deprecating RC4 in SSH');
const RFC_9142 = rfc(9142, 'Key Exchange Methods for SSH');

const MLKEM_DRAFT = {
  title: 'IETF draft, hybrid key exchange with ML-KEM for SSH',
  url: 'https://datatracker.ietf.org/doc/draft-ietf-sshm-mlkem-hybrid-kex/',
};

const rating = (strength: Strength, why: Phrase, source: Rating['source']): Rating => ({ strength, why, source });
const forAll = (names: string, value: Rating) => names.split(' ').map((name): [string, Rating] => [name, value]);

const HYBRID = say`Keeps recorded sessions secret even from a later quantum computer.`;
const CLASSIC = say`Sound today, but recorded sessions could be read by a later quantum computer.`;
const SHA1_EXCHANGE = say`Builds the session on SHA-1, which is being given up everywhere.`;

const KEY_EXCHANGES: ReadonlyMap<string, Rating> = new Map([
  ['mlkem768x25519-sha256', rating('good', HYBRID, openSsh('10.0'))],
  ...forAll('mlkem768nistp256-sha256 mlkem1024nistp384-sha384', rating('good', HYBRID, MLKEM_DRAFT)),
  ...forAll('sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com', rating('good', HYBRID, openSsh('9.0'))),
  ...forAll(
    'curve25519-sha256 curve25519-sha256@libssh.org curve448-sha512 ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521',
    rating('good', CLASSIC, RFC_9142),
  ),
  ...forAll(
    'diffie-hellman-group14-sha256 diffie-hellman-group15-sha512 diffie-hellman-group16-sha512 diffie-hellman-group17-sha512 diffie-hellman-group18-sha512 diffie-hellman-group-exchange-sha256 rsa2048-sha256',
    rating('good', CLASSIC, RFC_9142),
  ),
  ...forAll(
    'gss-group14-sha256 gss-group15-sha512 gss-group16-sha512 gss-group17-sha512 gss-group18-sha512 gss-nistp256-sha256 gss-nistp384-sha384 gss-nistp521-sha512 gss-curve25519-sha256 gss-curve448-sha512',
    rating('good', CLASSIC, RFC_9142),
  ),
  ['diffie-hellman-group14-sha1', rating('weak', SHA1_EXCHANGE, openSsh('8.2'))],
  ['gss-group14-sha1', rating('weak', SHA1_EXCHANGE, RFC_9142)],
  ...forAll(
    'diffie-hellman-group-exchange-sha1 gss-gex-sha1',
    rating('weak', say`Builds the session on SHA-1 and leaves the size of the group open.`, RFC_9142),
  ),
  ...forAll(
    'diffie-hellman-group1-sha1 gss-group1-sha1',
    rating('broken', say`Uses a single 1024-bit group that well-funded attackers can break, and SHA-1.`, RFC_9142),
  ),
  ['rsa1024-sha1', rating('broken', say`A 1024-bit RSA key carries the secret; it must not be used.`, RFC_9142)],
]);

const HOST_KEYS: ReadonlyMap<string, Rating> = new Map([
  ...forAll(
    'ssh-ed25519 ssh-ed448 sk-ssh-ed25519@openssh.com',
    rating('good', say`A short, fast key with a sound signature.`, RFC_8709),
  ),
  ...forAll(
    'ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ecdsa-sha2-nistp256@openssh.com',
    rating(
      'good',
      say`A sound signature, as long as the server has good randomness.`,
      rfc(5656, 'Elliptic Curves in SSH'),
    ),
  ),
  ...forAll(
    'rsa-sha2-256 rsa-sha2-512',
    rating('good', say`RSA signatures with SHA-2; the key should have 3072 bits.`, RFC_8332),
  ),
  ['ssh-rsa', rating('weak', say`Signs with SHA-1, whose collisions are affordable.`, openSsh('8.8'))],
  ['ssh-dss', rating('broken', say`DSA keys of 1024 bits with SHA-1; OpenSSH has removed them.`, openSsh('10.0'))],
]);

const CBC = say`CBC mode in SSH has let attackers recover plain text; it left the defaults in 2014.`;
const SMALL_BLOCKS = say`Its 64-bit blocks repeat in long sessions and give away plain text.`;

const CIPHERS: ReadonlyMap<string, Rating> = new Map([
  ...forAll(
    'aes128-gcm@openssh.com aes256-gcm@openssh.com AEAD_AES_128_GCM AEAD_AES_256_GCM',
    rating('good', say`Encrypts and authenticates in one step.`, RFC_5647),
  ),
  [
    'chacha20-poly1305@openssh.com',
    rating(
      'good',
      say`Encrypts and authenticates in one step; needs strict key exchange against Terrapin.`,
      openSsh('9.6'),
    ),
  ],
  ...forAll('aes128-ctr aes192-ctr aes256-ctr', rating('good', say`AES in counter mode.`, RFC_4344)),
  ...forAll('aes128-cbc aes192-cbc aes256-cbc rijndael-cbc@lysator.liu.se', rating('weak', CBC, openSsh('6.7'))),
  ...forAll(
    'twofish-cbc twofish128-cbc twofish192-cbc twofish256-cbc serpent128-cbc serpent192-cbc serpent256-cbc',
    rating('weak', CBC, openSsh('6.7')),
  ),
  ...forAll('3des-cbc 3des-ctr', rating('weak', SMALL_BLOCKS, RFC_4344)),
  ...forAll('blowfish-cbc blowfish-ctr cast128-cbc cast128-ctr', rating('weak', SMALL_BLOCKS, openSsh('7.6'))),
  ...forAll('idea-cbc idea-ctr', rating('weak', SMALL_BLOCKS, RFC_4344)),
  ...forAll(
    'arcfour arcfour128 arcfour256',
    rating('broken', say`RC4 leaks plain text by its biases; it must not be used.`, RFC_8758),
  ),
  ...forAll('des-cbc des-cbc@ssh.com', rating('broken', say`A 56-bit key is found by trying all.`, RFC_4253)),
  ['none', rating('broken', say`No encryption at all.`, RFC_4253)],
]);

const SHA1_MAC = say`Built on SHA-1: no known forgery, but on its way out.`;
const SHORT_TAG = say`Its 64-bit tag is shorter than guidelines ask for.`;

/** Without `-etm@openssh.com`, which changes the order of encryption and authentication for the better. */
const MACS: ReadonlyMap<string, Rating> = new Map([
  ...forAll('hmac-sha2-256 hmac-sha2-512', rating('good', say`HMAC with SHA-2.`, RFC_6668)),
  ...forAll(
    'umac-128 umac-128@openssh.com',
    rating('good', say`A fast authenticator with a 128-bit tag.`, openSsh('6.2')),
  ),
  ...forAll('AEAD_AES_128_GCM AEAD_AES_256_GCM', rating('good', say`The cipher authenticates.`, RFC_5647)),
  ...forAll('umac-64 umac-64@openssh.com', rating('weak', SHORT_TAG, rfc(4418, 'UMAC'))),
  ...forAll('hmac-sha1', rating('weak', SHA1_MAC, RFC_6668)),
  ...forAll(
    'hmac-sha1-96 hmac-sha2-256-96 hmac-sha2-512-96',
    rating('weak', say`Its tag is cut to 96 bits.`, openSsh('7.2')),
  ),
  ...forAll('hmac-md5 hmac-md5-96', rating('weak', say`Built on MD5, which new designs must not use.`, RFC_6151)),
  ...forAll(
    'hmac-ripemd160 hmac-ripemd160@openssh.com',
    rating('weak', say`An old hash that OpenSSH has removed.`, openSsh('7.6')),
  ),
  ['none', rating('broken', say`Nothing stops changes on the way.`, RFC_4253)],
]);

export type SshAlgorithmKind = 'keyExchange' | 'hostKey' | 'cipher' | 'mac';

const TABLES: Readonly<Record<SshAlgorithmKind, ReadonlyMap<string, Rating>>> = {
  keyExchange: KEY_EXCHANGES,
  hostKey: HOST_KEYS,
  cipher: CIPHERS,
  mac: MACS,
};

/** The name under which the tables know an algorithm: without mechanism, certificate or order of authentication. */
function baseName(kind: SshAlgorithmKind, name: string): string {
  // Methods of GSS-API end in a hash of the mechanism (RFC 4462 §2).
  if (kind === 'keyExchange' && name.startsWith('gss-')) return name.slice(0, name.lastIndexOf('-'));
  if (kind === 'hostKey' && name.endsWith('-cert-v01@openssh.com')) {
    const base = name.slice(0, -'-cert-v01@openssh.com'.length);
    return base.startsWith('sk-') ? `${base}@openssh.com` : base;
  }
  if (kind === 'mac' && name.endsWith('-etm@openssh.com')) return name.slice(0, -'-etm@openssh.com'.length);
  return name;
}

/** What to think of an algorithm by its name in KEXINIT; undefined for markers and for names that are not in the tables. */
export function rateSsh(kind: SshAlgorithmKind, name: string): Rating | undefined {
  return TABLES[kind].get(baseName(kind, name));
}

/** Exposed to prefix truncation (Terrapin, CVE-2023-48795): a cipher that it works on, and no strict key exchange. */
export function isTerrapinExposed(offers: {
  readonly strictKeyExchange: boolean;
  readonly cipherToServer: readonly string[];
  readonly cipherToClient: readonly string[];
  readonly macToServer: readonly string[];
  readonly macToClient: readonly string[];
}): boolean {
  if (offers.strictKeyExchange) return false;
  const exposed = (ciphers: readonly string[], macs: readonly string[]) =>
    ciphers.includes('chacha20-poly1305@openssh.com') ||
    (ciphers.some((name) => name.endsWith('-cbc')) && macs.some((name) => name.endsWith('-etm@openssh.com')));
  return exposed(offers.cipherToServer, offers.macToServer) || exposed(offers.cipherToClient, offers.macToClient);
}
