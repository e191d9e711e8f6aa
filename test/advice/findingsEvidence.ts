import { EVIDENCE, type Evidence } from '../../src/probes/evidence.ts';
import { recogniseAll } from '../../src/probes/products/index.ts';

export const NOW_MS = Date.parse('2026-11-24T12:00:00Z');
const DAY_MS = 86_400_000;

/** Evidence as the probes store it: what the schema does not take fails here. */
export function evidence(parts: object): Evidence {
  return EVIDENCE.parse({ port: 443, seen: 'answered', ms: 1, ...parts });
}

export function facts(protocol: string, parts: object, port = 443): Evidence {
  return evidence({ port, facts: { protocol, ...parts } });
}

export function ssh(offers: object | undefined, parts: object = {}): Evidence {
  const identification = 'SSH-2.0-OpenSSH_9.9';
  const modern = {
    keyExchange: ['mlkem768x25519-sha256', 'curve25519-sha256'],
    hostKey: ['ssh-ed25519', 'rsa-sha2-512'],
    cipherToServer: ['aes256-gcm@openssh.com', 'aes128-ctr'],
    cipherToClient: ['aes256-gcm@openssh.com', 'aes128-ctr'],
    macToServer: ['hmac-sha2-256-etm@openssh.com'],
    macToClient: ['hmac-sha2-256-etm@openssh.com'],
    compressionToServer: ['none'],
    compressionToClient: ['none'],
    more: 0,
    strictKeyExchange: true,
    firstPacketFollows: false,
  };
  const base = { identification, protocolVersion: '2.0', software: 'OpenSSH_9.9', linesBefore: [] };
  return facts('ssh', { ...base, ...(offers && { offers: { ...modern, ...offers } }), ...parts }, 22);
}

export function http(parts: object, port = 80): Evidence {
  const base = { tls: false, status: 200, securityHeaders: [], redirect: 'none', authSchemes: [], cookies: [] };
  return facts('http', { ...base, directoryListing: false, ...parts }, port);
}

/** The same, with the products that its Server header gives away. */
export function webServer(server: string, port = 80): Evidence {
  return http({ server, products: recogniseAll({ protocol: 'http', headers: { server } }) }, port);
}

/** A page that has nothing wrong with it. */
export const goodHttps = http({
  tls: true,
  securityHeaders: ['strict-transport-security'],
  hstsMaxAgeSeconds: 31_536_000,
});

export function tls(parts: object, certificate: object = {}): Evidence {
  const good = {
    subject: 'example.org',
    issuer: 'Example Authority',
    serial: '01',
    validFromMs: NOW_MS - 10 * DAY_MS,
    validToMs: NOW_MS + 80 * DAY_MS,
    daysLeft: 80,
    keyType: 'ec',
    signature: 'sha256WithRSAEncryption',
    selfSigned: false,
    names: ['example.org'],
    moreNames: 0,
    ...certificate,
  };
  const versions = [
    { version: 'TLSv1.1', accepted: 'no' },
    { version: 'TLSv1.2', accepted: 'yes' },
  ];
  const base = { protocol: 'tls', spoken: true, versions, nameMatches: true, trust: { trusted: true } };
  return evidence({ tls: { ...base, certificate: good, ...parts } });
}

export function expiresIn(days: number): Evidence {
  return tls({}, { validToMs: NOW_MS + days * DAY_MS + 1, daysLeft: days });
}

/** Facts of a service that answers strangers, or does not. */
export const OPEN_SERVICES: Readonly<Record<string, object>> = {
  redis: { answer: 'pong', product: { name: 'Redis', version: '8.2.1' } },
  memcached: { answer: 'VERSION 1.6.18', stats: true },
  mongodb: {},
  elasticsearch: { status: 200 },
  couchdb: { status: 200 },
  influxdb: { status: 204 },
  postgresql: { tlsOffered: true },
  etcd: { status: 200 },
  zookeeper: { answer: 'answered' },
  consul: { status: 200 },
  mqtt: { returnCode: 0 },
  rabbitmq: { status: 200 },
  docker: { status: 200 },
  kubernetes: { status: 200 },
  kubelet: { status: 200 },
  vnc: { version: '3.8', securityTypes: [1] },
  x11: { answer: 'accepted' },
  jupyter: { status: 200 },
  jenkins: { status: 200 },
  grafana: { status: 200, database: 'ok' },
  prometheus: { status: 200 },
};

export function service(protocol: string, openToStrangers: boolean | undefined): Evidence {
  const open = openToStrangers === undefined ? {} : { openToStrangers };
  return facts(protocol, { tls: false, ...OPEN_SERVICES[protocol], ...open }, 6379);
}
