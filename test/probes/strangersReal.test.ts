import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { etcdProbe } from '../../src/probes/etcd.ts';
import { memcachedProbe } from '../../src/probes/memcached.ts';
import { mqttProbe } from '../../src/probes/mqtt.ts';
import { postgresqlProbe } from '../../src/probes/postgresql.ts';
import { prometheusProbe } from '../../src/probes/prometheus.ts';
import { redisProbe } from '../../src/probes/redis.ts';
import { vncProbe } from '../../src/probes/vnc.ts';
import { x11Probe } from '../../src/probes/x11.ts';
import { postgresMissing, startPostgres } from '../helpers/postgresServer.ts';
import { findProgram, freePort, waitForPort } from '../helpers/redisProcess.ts';
import { contextFor } from './serve.ts';

const VERSION = /^\d+\.\d+/;

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const program = (name: string) => findProgram(name, ['/usr/sbin', '/usr/local/sbin']);

/** The tests of one program; one line that says so where it is missing. */
function real(name: string, tests: () => void): void {
  const missing = program(name) === undefined;
  describe.skipIf(missing)(missing ? `${name} is not installed` : `a real ${name}`, tests);
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'harbormaster-strangers-'));
  cleanUps.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Starts a program of the system in the foreground, waits for its port, and ends it after the test. */
async function start(name: string, args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(program(name) ?? name, args, { stdio: 'ignore', cwd: tmpdir() });
  cleanUps.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await waitForPort(port, child);
  return child;
}

real('redis-server', () => {
  const args = (port: number) => ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder()];

  test('without a password', async () => {
    const port = await freePort();
    await start('redis-server', args(port), port);
    const facts = await redisProbe.run(contextFor(port));
    expect(facts).toMatchObject({
      openToStrangers: true,
      answer: 'pong',
      mode: 'standalone',
      product: { name: 'Redis' },
    });
    expect(facts?.product?.version).toMatch(VERSION);
  });

  test('with a password', async () => {
    const port = await freePort();
    await start('redis-server', [...args(port), '--requirepass', 'secret'], port);
    expect(await redisProbe.run(contextFor(port))).toMatchObject({ openToStrangers: false, answer: 'no-auth' });
  });
});

real('memcached', () => {
  const args = (port: number) => ['-l', '127.0.0.1', '-p', `${port}`, '-U', '0', '-m', '16', '-u', 'nobody'];

  test('for everyone', async () => {
    const port = await freePort();
    await start('memcached', args(port), port);
    const facts = await memcachedProbe.run(contextFor(port));
    expect(facts).toMatchObject({ openToStrangers: true, stats: true, product: { name: 'Memcached' } });
    expect(facts?.product?.version).toMatch(VERSION);
  });

  test('with a password', async () => {
    const port = await freePort();
    const file = join(folder(), 'passwords');
    writeFileSync(file, 'somebody:secret\n');
    await start('memcached', [...args(port).slice(0, -1), 'root', '-Y', file], port);
    expect(await memcachedProbe.run(contextFor(port))).toMatchObject({ openToStrangers: false, stats: false });
  });
});

real('mosquitto', () => {
  test.each([
    ['true', { openToStrangers: true, returnCode: 0 }],
    ['false', { openToStrangers: false, returnCode: 5 }],
  ])('allow_anonymous %s', async (allowed, expected) => {
    const port = await freePort();
    const file = join(folder(), 'mosquitto.conf');
    writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous ${allowed}\nuser root\npersistence false\n`);
    await start('mosquitto', ['-c', file], port);
    expect(await mqttProbe.run(contextFor(port))).toMatchObject(expected);
  });
});

real('etcd', () => {
  test('for everyone', async () => {
    const [port, peer] = [await freePort(), await freePort()];
    const [client, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peer}`];
    const urls = ['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peers];
    const cluster = ['--initial-advertise-peer-urls', peers, '--initial-cluster', `default=${peers}`];
    await start('etcd', ['--data-dir', folder(), ...urls, ...cluster], port);
    // Listens before it has a leader.
    await expect.poll(async () => (await etcdProbe.run(contextFor(port)))?.keys, { timeout: 10_000 }).toBe(0);
    const facts = await etcdProbe.run(contextFor(port));
    expect(facts).toMatchObject({ openToStrangers: true, rangeStatus: 200, product: { name: 'etcd' } });
    expect(facts?.product?.version).toMatch(VERSION);
  });
});

real('prometheus', () => {
  test('for everyone', async () => {
    const port = await freePort();
    const place = folder();
    writeFileSync(join(place, 'config.yml'), 'global: {}\n');
    const files = [`--config.file=${place}/config.yml`, `--storage.tsdb.path=${place}/data`];
    await start('prometheus', [...files, `--web.listen-address=127.0.0.1:${port}`], port);
    const asked = () => prometheusProbe.run(contextFor(port));
    await expect.poll(asked, { timeout: 10_000 }).toMatchObject({ openToStrangers: true });
    expect((await asked())?.product?.version).toMatch(VERSION);
  });
});

/** An Xauthority file: for every display (family 0xffff), a cookie that nobody has. */
function cookieFile(): string {
  const field = (text: string) => Buffer.concat([Buffer.of(0, text.length), Buffer.from(text)]);
  const file = join(folder(), 'cookie');
  writeFileSync(
    file,
    Buffer.concat([Buffer.of(0xff, 0xff), ...['', '', 'MIT-MAGIC-COOKIE-1', 'x'.repeat(16)].map(field)]),
  );
  return file;
}

real('Xvfb', () => {
  test('with and without access control', async () => {
    for (const [number, access, expected] of [
      [71, ['-ac'], { answer: 'accepted', openToStrangers: true }],
      [72, ['-auth', cookieFile()], { answer: 'refused', openToStrangers: false }],
    ] as const) {
      await start('Xvfb', [`:${number}`, '-listen', 'tcp', '-screen', '0', '64x64x8', ...access], 6_000 + number);
      expect(await x11Probe.run(contextFor(6_000 + number))).toMatchObject(expected);
    }
  });
});

real('Xtigervnc', () => {
  test.each([
    ['None', 73, { openToStrangers: true, securityTypes: [1] }],
    ['TLSNone', 74, { openToStrangers: true, securityTypes: [19], veNCryptTypes: [257] }],
    ['VncAuth,TLSVnc', 75, { openToStrangers: false, securityTypes: expect.arrayContaining([2, 19]) }],
  ])('SecurityTypes %s', async (types, number, expected) => {
    const port = await freePort();
    const password = join(folder(), 'password');
    writeFileSync(password, Buffer.alloc(8, 7));
    const args = ['-rfbport', `${port}`, '-localhost', '-SecurityTypes', types, '-PasswordFile', password];
    await start('Xtigervnc', [`:${number}`, ...args], port);
    expect(await vncProbe.run(contextFor(port))).toMatchObject(expected);
  });
});

describe.skipIf(postgresMissing !== undefined)(postgresMissing ?? 'a real PostgreSQL', () => {
  test('asks for SCRAM', async () => {
    const server = await startPostgres('secret');
    cleanUps.push(() => server.remove());
    expect(await postgresqlProbe.run(contextFor(server.port))).toMatchObject({
      openToStrangers: false,
      tlsOffered: false,
      auth: 'sasl',
      saslMechanisms: ['SCRAM-SHA-256'],
    });
  });
});
