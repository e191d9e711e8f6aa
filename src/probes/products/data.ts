import { equals, holds, opens, place, starts } from './fingerprint.ts';

/** MySQL's protocol: the version string of the handshake. MariaDB puts 5.5.5- before its own for old replicas. */
const mysql = place(['mysql'], 'text', 'server', [
  holds('MariaDB', '5.5.5-', ''),
  holds('TiDB', '-tidb-', ''),
  holds('Percona XtraDB Cluster', 'percona xtradb'),
  holds('Aurora MySQL', 'mysql_aurora', '.'),
  ...['10.', '11.', '12.'].map((series) => opens('MariaDB', series)),
  ...['3.', '4.', '5.0.', '5.1.', '5.5.', '5.6.', '5.7.', '8.', '9.'].map((series) => opens('MySQL', series)),
]);

const keyValue = [
  ...place(['redis'], 'text', 'server', [
    holds('Valkey', 'valkey_version:', ''),
    holds('Dragonfly', 'dragonfly_version:', 'df-'),
    holds('KeyDB', 'server_name:keydb', 'redis_version:'),
    holds('Redis', 'redis_version:', ''),
    holds('Redis', '-noauth authentication required'),
    holds('Redis', '-denied redis is running in protected mode'),
  ]),
  ...place(['memcached'], 'text', 'server', [
    holds('Memcached', 'version ', ''),
    starts('Memcached', 'client_error unauthenticated'),
  ]),
  ...place(['zookeeper'], 'text', 'server', [holds('ZooKeeper', 'zookeeper version:', '')]),
  ...place(['amqp'], 'text', 'server', [holds('RabbitMQ', 'rabbitmq', 'rabbitmq '), holds('Qpid', 'qpid')]),
  ...place(['mqtt'], 'text', 'server', [
    holds('Mosquitto', 'mosquitto version ', ''),
    holds('EMQX', 'emqx', ''),
    holds('HiveMQ', 'hivemq'),
    holds('VerneMQ', 'vernemq'),
  ]),
  ...place(['nats'], 'text', 'server', [starts('NATS Server', 'info {', '"version":')]),
];

const others = [
  ...place(['postgresql', 'postgres'], 'text', 'server', [
    holds('CockroachDB', 'cockroachdb ccl v', ''),
    holds('PostgreSQL', 'postgresql ', ''),
  ]),
  ...place(['mongodb'], 'text', 'server', [holds('FerretDB', 'ferretdb'), holds('MongoDB', 'mongodb ', '')]),
  ...place(['mssql'], 'text', 'server', [holds('Microsoft SQL Server', 'microsoft sql server', '')]),
  ...place(['cassandra'], 'text', 'server', [holds('Cassandra', 'cassandra ', '')]),
  ...place(['ident'], 'text', 'server', [equals('oidentd', 'oidentd')]),
  ...place(['vmware', 'ftp', 'smtp'], 'text', 'server', [holds('VMware ESXi', 'vmware authentication daemon')]),
];

export const DATA_FINGERPRINTS = [...mysql, ...keyValue, ...others];
