import { say } from '../../engine/phrase.ts';
import { type FindingKind, type Rule, ruleFor } from './finding.ts';
import { OPEN_KINDS } from './openKinds.ts';

const REACHABLE: FindingKind = {
  id: 'database-reachable',
  severity: 'high',
  title: 'A database is reachable from outside',
  why: 'It asks for a login, but password guessing never stops and every flaw in it can be used from anywhere.',
  actions: [
    'Bind it to 127.0.0.1 or a private address.',
    'Allow only the application servers in the firewall.',
    'Connect through a VPN or an SSH tunnel.',
  ],
  source: 'NICER',
};

const CLEAR_PASSWORD: FindingKind = {
  id: 'postgresql-password-in-the-clear',
  severity: 'high',
  title: 'PostgreSQL asks for the password in the clear',
  why: 'The method `password` sends it as it is; without TLS everyone on the path can read it.',
  actions: [
    'Replace `password` in `pg_hba.conf` by `scram-sha-256`, and `host` by `hostssl`.',
    'Change the passwords that were used here.',
  ],
  source: 'PG',
};

const NO_TLS: FindingKind = {
  id: 'database-no-tls',
  severity: 'medium',
  title: 'The database offers no TLS',
  why: 'Queries, results and logins travel in the clear.',
  actions: [
    'Turn TLS on in the database and require it (`require_secure_transport`, `hostssl`).',
    'Limit the port to the application servers.',
  ],
  source: 'NICER',
};

/** Protocols of databases, caches and coordination services. */
const DATABASES: ReadonlyMap<string, string> = new Map([
  ['mysql', 'MySQL or MariaDB'],
  ['postgresql', 'PostgreSQL'],
  ['redis', 'Redis'],
  ['memcached', 'Memcached'],
  ['mongodb', 'MongoDB'],
  ['elasticsearch', 'Elasticsearch or OpenSearch'],
  ['couchdb', 'CouchDB'],
  ['influxdb', 'InfluxDB'],
  ['etcd', 'etcd'],
  ['zookeeper', 'ZooKeeper'],
]);

/** "Answers strangers", whatever the protocol. */
const open: Rule = ({ evidence: { facts } }) => {
  if (facts === undefined || !('openToStrangers' in facts) || facts.openToStrangers !== true) return undefined;
  const kind = OPEN_KINDS.get(facts.protocol);
  const product = 'product' in facts ? facts.product : undefined;
  const who = [product?.name, product?.version].filter(Boolean).join(' ');
  const seen =
    who === ''
      ? say`It answered a read-only question without a login.`
      : say`${who} answered a read-only question without a login.`;
  return kind && { kind, seen };
};

const reachable: Rule = ({ evidence: { facts }, context }) => {
  const name = facts && DATABASES.get(facts.protocol);
  if (name === undefined || context.addressTier !== 'global') return undefined;
  if (facts && 'openToStrangers' in facts && facts.openToStrangers === true) return undefined;
  return {
    kind: REACHABLE,
    title: say`${name} is reachable from outside`,
    seen: say`${name} answered on a public address.`,
  };
};

export const DATABASE_KINDS = [...OPEN_KINDS.values(), REACHABLE, CLEAR_PASSWORD, NO_TLS];

export const DATABASE_RULES: readonly Rule[] = [
  open,
  reachable,
  ruleFor('postgresql', ({ auth, tls }) =>
    auth === 'password' && !tls
      ? { kind: CLEAR_PASSWORD, seen: say`It asked for a clear-text password without TLS.` }
      : undefined,
  ),
  ruleFor('postgresql', ({ tlsOffered, tls }) =>
    !tlsOffered && !tls ? { kind: NO_TLS, seen: say`It refused SSLRequest.` } : undefined,
  ),
  ruleFor('mysql', ({ startTls }) =>
    startTls === false ? { kind: NO_TLS, seen: say`Its handshake does not offer TLS.` } : undefined,
  ),
];
