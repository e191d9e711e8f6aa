import { describe, expect, test } from 'vitest';
import { recognise } from '../../src/probes/products/index.ts';

describe('what gives a silent product away', () => {
  test.each([
    [
      'vsftpd by the order of its features',
      { protocol: 'ftp', text: 'Welcome', features: 'EPRT EPSV MDTM PASV REST STREAM SIZE TVFS' },
      'vsftpd',
    ],
    ['vsftpd with TLS', { protocol: 'ftp', features: 'AUTH TLS EPRT EPSV MDTM PASV PBSZ PROT REST STREAM' }, 'vsftpd'],
    ['another FTP server', { protocol: 'ftp', features: 'MDTM MFMT TVFS UTF8 MFF REST STREAM SIZE' }, undefined],
    ['Memcached by its refusal', { protocol: 'memcached', text: 'CLIENT_ERROR unauthenticated' }, 'Memcached'],
    ['Redis by its refusal', { protocol: 'redis', text: '-NOAUTH Authentication required.' }, 'Redis'],
    [
      'the test server of OpenSSL',
      { protocol: 'http', body: '<HTML><pre>\n\ns_server -accept 443 -www\n' },
      'OpenSSL s_server',
    ],
  ])('%s', (_what, sighting, product) => {
    expect(recognise(sighting)?.product).toBe(product);
  });
});
