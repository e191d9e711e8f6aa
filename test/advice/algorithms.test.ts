import { describe, expect, test } from 'vitest';
import { isTerrapinExposed, rateSsh, type SshAlgorithmKind } from '../../src/advice/findings/algorithms/ssh.ts';
import {
  rateCertificateKey,
  rateCertificateSignature,
  rateCipherSuite,
  rateGroup,
} from '../../src/advice/findings/algorithms/tls.ts';
import { EARLIER_SUITES, LAST_RESORT_SUITES, MODERN_SUITES, suiteName } from '../../src/probes/tls/suites.ts';

describe('SSH', () => {
  test.each<[SshAlgorithmKind, string, string | undefined]>([
    ['keyExchange', 'mlkem768x25519-sha256', 'good'],
    ['keyExchange', 'curve25519-sha256', 'good'],
    ['keyExchange', 'diffie-hellman-group14-sha1', 'weak'],
    ['keyExchange', 'diffie-hellman-group1-sha1', 'broken'],
    ['keyExchange', 'gss-group1-sha1-toWM5Slw5Ew8Mqkay+al2g==', 'broken'],
    ['keyExchange', 'kex-strict-s-v00@openssh.com', undefined],
    ['hostKey', 'ssh-ed25519-cert-v01@openssh.com', 'good'],
    ['hostKey', 'sk-ssh-ed25519-cert-v01@openssh.com', 'good'],
    ['hostKey', 'ssh-rsa', 'weak'],
    ['hostKey', 'ssh-dss', 'broken'],
    ['cipher', 'aes256-gcm@openssh.com', 'good'],
    ['cipher', 'aes128-cbc', 'weak'],
    ['cipher', 'arcfour256', 'broken'],
    ['mac', 'hmac-sha2-512-etm@openssh.com', 'good'],
    ['mac', 'umac-128-etm@openssh.com', 'good'],
    ['mac', 'hmac-sha1-etm@openssh.com', 'weak'],
    ['mac', 'none', 'broken'],
    ['cipher', '__proto__', undefined],
  ])('%s %s: %s', (kind, name, strength) => expect(rateSsh(kind, name)?.strength).toBe(strength));

  test('Terrapin needs an exposed cipher and no strict key exchange', () => {
    const none = { strictKeyExchange: false, cipherToServer: [], cipherToClient: [], macToServer: [], macToClient: [] };
    const chacha = { ...none, cipherToClient: ['chacha20-poly1305@openssh.com'] };
    expect(isTerrapinExposed(none)).toBe(false);
    expect(isTerrapinExposed(chacha)).toBe(true);
    expect(isTerrapinExposed({ ...chacha, strictKeyExchange: true })).toBe(false);
    const etm = ['hmac-sha2-256-etm@openssh.com'];
    expect(isTerrapinExposed({ ...none, cipherToServer: ['aes128-cbc'], macToServer: etm })).toBe(true);
    expect(isTerrapinExposed({ ...none, cipherToServer: ['aes128-cbc'], macToClient: etm })).toBe(false);
  });
});

describe('TLS', () => {
  test('every suite is rated, and the last resorts of the probe as broken', () => {
    const strengthOf = (code: number) => rateCipherSuite(suiteName(code))?.strength;
    expect(LAST_RESORT_SUITES.filter((code) => strengthOf(code) !== 'broken').map(suiteName)).toEqual([]);
    const others = [...EARLIER_SUITES, ...MODERN_SUITES].filter((code) => !LAST_RESORT_SUITES.includes(code));
    expect(others.filter((code) => !/^(?:good|weak)$/.test(strengthOf(code) ?? '')).map(suiteName)).toEqual([]);
  });

  test.each([
    ['TLS_AES_128_GCM_SHA256', 'good'],
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'good'],
    ['TLS_RSA_WITH_AES_128_GCM_SHA256', 'weak'],
    ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'weak'],
    ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'broken'],
    ['TLS_RSA_EXPORT_WITH_RC4_40_MD5', 'broken'],
    ['0xfafa', undefined],
  ])('%s: %s', (name, strength) => expect(rateCipherSuite(name)?.strength).toBe(strength));

  test('keys, signatures, groups', () => {
    expect(rateCertificateKey({ keyType: 'rsa', keyBits: 1024 })?.strength).toBe('broken');
    expect(rateCertificateKey({ keyType: 'rsa', keyBits: 2048 })?.strength).toBe('good');
    expect(rateCertificateKey({ keyType: 'ec', keyBits: 224 })?.strength).toBe('weak');
    expect(rateCertificateKey({ keyType: 'ed25519' })?.strength).toBe('good');
    expect(rateCertificateKey({ keyType: 'unknown' })).toBeUndefined();
    expect(rateCertificateSignature('sha1WithRSAEncryption')?.strength).toBe('broken');
    expect(rateCertificateSignature('ecdsa-with-SHA1')?.strength).toBe('broken');
    expect(rateCertificateSignature('md5WithRSAEncryption')?.strength).toBe('broken');
    expect(rateCertificateSignature('sha256WithRSAEncryption')?.strength).toBe('good');
    expect(rateGroup({ dhBits: 1024 })?.strength).toBe('broken');
    expect(rateGroup({ group: 'X25519MLKEM768' })?.strength).toBe('good');
    expect(rateGroup({ group: '0xfafa' })).toBeUndefined();
  });
});
