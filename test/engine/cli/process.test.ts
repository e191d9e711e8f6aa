import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SilentPort, silentPort } from '../../helpers/silentPort.ts';
import { type Listener, listen, OWN_HOST } from '../loopback.ts';
import { CLI, launch, outcome, run, start } from './spawn.ts';

let open: Listener;
let silent: SilentPort;

beforeAll(async () => {
  open = await listen();
  silent = await silentPort(OWN_HOST);
});

afterAll(async () => {
  await silent?.close();
  await open?.close();
});

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 5_000 }).status === 0;
}

function hasNamespaces(): boolean {
  return succeeds('unshare', ['-rmn', 'sh', '-c', 'ip link set lo up && mount --bind /dev/null /etc/resolv.conf']);
}

function hasPseudoTerminal(): boolean {
  return succeeds('script', ['-qec', 'true', '/dev/null']);
}

/**
 * For a network namespace of its own: a name server that says nothing, and the command line, which gets a signal as
 * soon as its question is heard. Prints how it ended, and after how many milliseconds.
 */
const MUTE_RESOLVER = `
  const child = require('node:child_process').spawn(process.execPath, process.argv.slice(2), { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => { output[name] += chunk; });
  const server = require('node:dgram').createSocket('udp4');
  let heardAt;
  server.on('message', () => {
    // A and AAAA are asked for: a second signal could end the child before it has said its last word.
    if (heardAt !== undefined) return;
    heardAt = Date.now();
    child.kill(process.argv[1]);
  });
  server.bind(53, '127.0.0.1');
  child.on('close', (code, signal) => {
    server.close();
    console.log(JSON.stringify({ ...output, code, signal, afterMs: Date.now() - heardAt }));
  });
`;

describe('interruption', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s prints what was found and exits 130', async (signal) => {
    const child = start([OWN_HOST, '-p', `${open.port},${silent.port}`, '--json', '--retries', '20']);
    const finished = outcome(child);
    await once(child.stdout, 'data');
    child.kill(signal);
    const { code, stdout } = await finished;
    const [first, last] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({ port: open.port, state: 'open' });
    expect(last.summary).toMatchObject({ complete: false, unprobed: 1 });
    expect(code).toBe(130);
  });

  it('a second signal ends it at once', async () => {
    const child = start([OWN_HOST, '-p', `${open.port},20000-60000`, '--json', '--rate', '100']);
    const finished = outcome(child);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const { code, signal } = await finished;
    expect(code === 130 || signal === 'SIGTERM').toBe(true);
  });

  it.skipIf(!hasNamespaces()).each(['SIGINT', 'SIGTERM'])('%s while a name is looked up: at once', async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'mute-resolver-'));
    const configuration = join(folder, 'resolv.conf');
    await writeFile(configuration, 'nameserver 127.0.0.1\noptions timeout:5 attempts:2\n');
    const script = 'ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$@"';
    const inside = [process.execPath, '-e', MUTE_RESOLVER, signal, CLI, 'slow.example.com', '-p', '22'];
    const { stdout } = await outcome(launch('unshare', ['-rmn', 'sh', '-c', script, configuration, ...inside]));
    await rm(folder, { recursive: true });
    const ended = JSON.parse(stdout);
    // Ended by SIGINT: a shell has 130 for it.
    expect(ended).toMatchObject({ stdout: '', code: null, signal: 'SIGINT' });
    expect(ended.stderr).toBe('Interrupted before anything was scanned.\n');
    expect(ended.afterMs).toBeLessThan(2_000);
  });

  it('a reader that goes away is no error', async () => {
    const child = start([OWN_HOST, '-p', '20000-24999', '--json']);
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const stderr = child.stderr === null ? '' : await text(child.stderr);
    expect(stderr).toBe('');
    expect(await exited).toEqual([0, null]);
  });
});

describe('the progress bar', () => {
  it.skipIf(!hasPseudoTerminal())('is there on a terminal while the scan runs, and gone at the end', async () => {
    const words = [process.execPath, CLI, OWN_HOST, '-p', `${open.port},${silent.port}`];
    const command = [...words, '--retries', '20', '--timeout', '60000', '--deadline', '700'].join(' ');
    // Whether it is coloured is the business of the terminal that the tests run in.
    const finished = await outcome(launch('script', ['-qec', command, '/dev/null']));
    const [code, stdout] = [finished.code, stripVTControlCharacters(finished.stdout)];
    expect(stdout).toMatch(/\r\[[#-]+\] +\d+% \d\/2, \d open/);
    const lines = stdout
      .trimEnd()
      .split(/\r*\n/)
      .map((line) => line.replace(/.*\r/s, ''));
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^${open.port}/tcp open - syn-ack [\\d.]+ ms$`)),
      expect.stringMatching(/^127[.\d]+: 2 ports /),
      expect.stringMatching(/^Stopped at the deadline of 700 ms: /),
    ]);
    expect(code).toBe(0);
  });

  it('is not there in a pipe', async () => {
    const { stdout, stderr } = await run(OWN_HOST, '-p', `${silent.port}`, '--deadline', '500');
    expect(stdout).not.toContain('\r');
    expect(stderr).toBe('');
  });
});
