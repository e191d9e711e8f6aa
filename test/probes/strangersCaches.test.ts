import { expect, test } from 'vitest';
import { MEMCACHED_FACTS, memcachedProbe } from '../../src/probes/memcached.ts';
import { MQTT_FACTS, mqttProbe } from '../../src/probes/mqtt.ts';
import { REDIS_FACTS, redisProbe } from '../../src/probes/redis.ts';
import { ZOOKEEPER_FACTS, zookeeperProbe } from '../../src/probes/zookeeper.ts';
import { answering, bytes, recorded } from './recorded.ts';

const { run, testAll } = recorded({
  redis: [redisProbe, REDIS_FACTS],
  memcached: [memcachedProbe, MEMCACHED_FACTS],
  zookeeper: [zookeeperProbe, ZOOKEEPER_FACTS],
  mqtt: [mqttProbe, MQTT_FACTS],
});

/** A RESP bulk string. */
const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;

const INFO = '# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux 6.1 x86_64\r\n';
const VALKEY =
  '# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nserver_mode:cluster\r\n';

const SRVR =
  'Zookeeper version: 3.8.1-74db005175a4ec545697012f9069cb9dcc8cdda7, built on 2023-01-25 16:31 UTC\n' +
  'Latency min/avg/max: 0/0.0/0\nReceived: 1\nSent: 0\nMode: standalone\nNode count: 5\n';

testAll([
  [
    'open',
    'redis',
    answering(`+PONG\r\n${bulk(INFO)}`),
    {
      tls: false,
      answer: 'pong',
      openToStrangers: true,
      product: { name: 'Redis', version: '7.0.15' },
      mode: 'standalone',
      os: 'Linux 6.1 x86_64',
    },
  ],
  [
    'Valkey',
    'redis',
    answering(`+PONG\r\n${bulk(VALKEY)}`),
    {
      tls: false,
      answer: 'pong',
      openToStrangers: true,
      product: { name: 'Valkey', version: '8.0.1' },
      mode: 'cluster',
    },
  ],
  [
    'password',
    'redis',
    answering('-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n'),
    {
      tls: false,
      answer: 'no-auth',
      openToStrangers: false,
      message: 'NOAUTH Authentication required.',
    },
  ],
  [
    'protected mode',
    'redis',
    ['-DENIED Redis is running in protected mode because\r\n', { waitMs: 50 }, { close: 'end' }],
    {
      tls: false,
      answer: 'protected-mode',
      openToStrangers: false,
      message: 'DENIED Redis is running in protected mode because',
    },
  ],
  [
    'pong alone',
    'redis',
    answering("+PONG\r\n-NOPERM User default has no permissions to run the 'info' command\r\n"),
    {
      tls: false,
      answer: 'pong',
    },
  ],
  [
    'a lying length',
    'redis',
    answering(`+PONG\r\n$999999999\r\n${INFO}`),
    {
      tls: false,
      answer: 'pong',
      openToStrangers: true,
      product: { name: 'Redis', version: '7.0.15' },
      mode: 'standalone',
      os: 'Linux 6.1 x86_64',
    },
  ],
  ['an endless array', 'redis', answering('*1000000000\r\n'), undefined],
  ['POP3 is not', 'redis', answering('+OK ready\r\n-ERR unknown\r\n'), undefined],
  [
    'open',
    'memcached',
    answering('VERSION 1.6.18\r\nSTAT pid 1\r\nSTAT uptime 5\r\nEND\r\n'),
    {
      tls: false,
      openToStrangers: true,
      answer: 'VERSION 1.6.18',
      stats: true,
      product: { name: 'Memcached', version: '1.6.18' },
    },
  ],
  [
    'endless STAT',
    'memcached',
    answering(`VERSION 1.6.18\r\n${'STAT a 1\r\n'.repeat(5_000)}`),
    {
      tls: false,
      openToStrangers: true,
      answer: 'VERSION 1.6.18',
      stats: true,
      product: { name: 'Memcached', version: '1.6.18' },
    },
  ],
  [
    'password',
    'memcached',
    answering('CLIENT_ERROR unauthenticated\r\nCLIENT_ERROR unauthenticated\r\n'),
    {
      tls: false,
      openToStrangers: false,
      answer: 'CLIENT_ERROR unauthenticated',
      stats: false,
    },
  ],
  ['an error is not', 'memcached', answering('ERROR\r\nERROR\r\n'), undefined],
  [
    'srvr',
    'zookeeper',
    answering(SRVR),
    {
      tls: false,
      answer: 'answered',
      openToStrangers: true,
      product: { name: 'ZooKeeper', version: '3.8.1' },
      mode: 'standalone',
      nodes: 5,
    },
  ],
  [
    'not allowed',
    'zookeeper',
    answering('srvr is not executed because it is not in the whitelist.\n'),
    {
      tls: false,
      answer: 'not-allowed',
    },
  ],
  [
    'not serving',
    'zookeeper',
    answering('This ZooKeeper instance is not currently serving requests\n'),
    {
      tls: false,
      answer: 'not-serving',
    },
  ],
  ['accepted', 'mqtt', answering(bytes(0x20, 2, 0, 0)), { tls: false, returnCode: 0, openToStrangers: true }],
  ['not authorised', 'mqtt', answering(bytes(0x20, 2, 0, 5)), { tls: false, returnCode: 5, openToStrangers: false }],
  ['identifier rejected', 'mqtt', answering(bytes(0x20, 2, 0, 2)), { tls: false, returnCode: 2 }],
  ['another length', 'mqtt', answering(bytes(0x20, 0xff, 0xff, 0xff, 0xff)), undefined],
]);

test('an accepted MQTT connection is ended properly, and asks for nothing but the version of the broker', async () => {
  const { heard } = await run('mqtt', [{ on: '', send: bytes(0x20, 2, 0, 0) }]);
  const asked = '\x10\x0c\0\x04MQTT\x04\x02\0\x0a\0\0\x82\x18\0\x01\0\x13$SYS/broker/version\0';
  await expect.poll(heard).toBe(`${asked}\xe0\0`);
});

test.each([
  ['Mosquitto', '\x90\x03\0\x01\0\x31\x2d\0\x13$SYS/broker/versionmosquitto version 2.0.11', '2.0.11'],
  ['the message before the acknowledgement', '\x31\x2c\0\x13$SYS/broker/versionmosquitto version 2.0.9', '2.0.9'],
  ['half a message', '\x90\x03\0\x01\0\x31\x2d\0\x13$SYS/broker/versionmosquitto version 2.0', undefined],
  ['a refusal', '\x90\x03\0\x01\x80', undefined],
  ['another topic', '\x30\x05\0\x01xhi', undefined],
  ['a lying length', '\x30\xff\xff\xff\x7f', undefined],
])('the version of an MQTT broker: %s', async (_what, answer, version) => {
  const { facts } = await run('mqtt', [
    { on: 'MQTT', send: bytes(0x20, 2, 0, 0) },
    { on: '$SYS', send: answer },
  ]);
  expect(facts).toMatchObject({ openToStrangers: true });
  expect((facts as { product?: unknown }).product).toEqual(version && { name: 'Mosquitto', version });
});
