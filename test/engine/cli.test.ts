import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SilentPort, silentPort } from '../helpers/silentPort.ts';
import { type Listener, listen, OWN_HOST, refusingPort } from './loopback.ts';

const CLI = join(import.meta.dirname, '../../src/engine/cli.ts');
/** Where there is no resolver, a name that does not exist should not take resolv.conf(5)'s ten seconds. */
const ENVIRONMENT = { ...process.env, RES_OPTIONS: 'timeout:1 attempts:1' };

function start(args: readonly string[]): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } {
  return spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
}

async function outcome(child: ChildProcess) {
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'exit'),
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

function run(...args: string[]) {
  return outcome(start(args));
}

let open: Listener;
let refusing: number;
let silent: SilentPort;

beforeAll(async () => {
  open = await listen();
  refusing = await refusingPort();
  silent = await silentPort(OWN_HOST);
});

afterAll(async () => {
  await silent?.close();
  await open?.close();
});

describe('output', () => {
  it('gives a short list line by line, in order, then the summary', async () => {
    const { code, stdout, stderr } = await run(OWN_HOST, '-p', `${open.port},${refusing},${silent.port}`);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 3).map((line) => Number.parseInt(line, 10))).toEqual(
      [open.port, refusing, silent.port].sort((a, b) => a - b),
    );
    expect(stdout).toMatch(new RegExp(`^${open.port}/tcp open - syn-ack \\d+\\.\\d ms$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${refusing}/tcp closed - conn-refused \\d+\\.\\d ms$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${silent.port}/tcp filtered - no-response$`, 'm'));
    expect(lines[3]).toMatch(
      /^127[.\d]+: 3 ports in \d+\.\d\d s, \d+ attempts: 1 open, 1 closed, 1 filtered, 0 error$/,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('folds a long list', async () => {
    const listener = await listen(OWN_HOST, 20_510);
    const { code, stdout } = await run(OWN_HOST, '-p', '20501-20520', '--rate', '5000');
    await listener.close();
    const [found, folded, summary, ...rest] = stdout.trimEnd().split('\n');
    expect(found).toMatch(/^20510\/tcp open - syn-ack /);
    expect(folded).toBe('19 closed conn-refused: 20501-20509,20511-20520');
    expect(summary).toMatch(/^127[.\d]+: 20 ports /);
    expect({ code, rest }).toEqual({ code: 0, rest: [] });
  });

  it('--json: one object a line with exactly the agreed keys, the summary last', async () => {
    const { code, stdout } = await run(OWN_HOST, '-p', `${open.port} ${refusing}`, '--json');
    const lines = stdout.trimEnd().split('\n');
    const last = JSON.parse(lines.pop() ?? '');
    const results = lines.map((line) => JSON.parse(line));
    for (const result of results) {
      expect(Object.keys(result)).toEqual(['address', 'port', 'protocol', 'state', 'reason', 'rttMs', 'attempts']);
    }
    expect(new Map(results.map(({ port, state }) => [port, state]))).toEqual(
      new Map([
        [open.port, 'open'],
        [refusing, 'closed'],
      ]),
    );
    expect(last).toEqual({ summary: expect.objectContaining({ total: 2, complete: true, transport: 'net' }) });
    expect(code).toBe(0);
  });

  it('speaks IPv6, and resolves names under -4', async () => {
    const listener = await listen('::1');
    const local = await listen('127.0.0.1');
    const six = await run('::1', '-6', '-p', String(listener.port));
    const name = await run('localhost', '-4', '-p', String(local.port));
    await listener.close();
    await local.close();
    expect(six.stdout).toContain('/tcp open ');
    expect(name.stdout).toContain(`${local.port}/tcp open `);
  });

  it('takes -p more than once', async () => {
    const { stdout } = await run(OWN_HOST, '-p', String(open.port), '-p', String(refusing));
    expect(stdout).toContain(`${open.port}/tcp open `);
    expect(stdout).toContain(`${refusing}/tcp closed `);
  });

  it('-h explains itself', async () => {
    const { code, stdout } = await run('-h');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: /);
  });
});

describe('mistakes', () => {
  it.each<[string, string[], RegExp]>([
    ['no host', ['-p', '22'], /host/],
    ['no ports', ['127.0.0.1'], /-p/],
    ['two hosts', ['127.0.0.1', '127.0.0.2', '-p', '22'], /One host/],
    ['an unknown option', ['127.0.0.1', '-p', '22', '--sudo'], /--sudo/],
    ['a bad port', ['127.0.0.1', '-p', '0x16'], /0x16/],
    ['a reversed range', ['127.0.0.1', '-p', '443-22'], /22-443/],
    ['a bad number', ['127.0.0.1', '-p', '22', '--timeout', '1e3'], /--timeout/],
    ['rate 0', ['127.0.0.1', '-p', '22', '--rate', '0'], /--rate/],
    ['negative retries', ['127.0.0.1', '-p', '22', '--retries=-1'], /--retries/],
    ['both families', ['localhost', '-p', '22', '-4', '-6'], /-4 and -6/],
    ['the wrong family', ['127.0.0.1', '-p', '22', '-6'], /IPv4/],
    ['127.1', ['127.1', '-p', '22'], /127\.1/],
    ['0x7f000001', ['0x7f000001', '-p', '22'], /0x7f000001/],
    ['2130706433', ['2130706433', '-p', '22'], /2130706433/],
    ['010.0.0.1', ['010.0.0.1', '-p', '22'], /leading zeros/],
    ['0x7f.1.', ['0x7f.1.', '-p', '22'], /0x7f/],
    ['a zone', ['fe80::1%lo', '-p', '22'], /zone/],
    ['a URL', ['http://127.0.0.1/', '-p', '22'], /URL/],
    ['a port in the host', ['127.0.0.1:22', '-p', '22'], /port/],
    ['full-width digits', ['１２７.0.0.1', '-p', '22'], /address/],
    ['an empty host', ['', '-p', '22'], /name/],
  ])('%s: exit 2, a sentence and an example on stderr, nothing on stdout', async (_, args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('\nExample: ');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('a name that does not resolve: exit 1', async () => {
    // RFC 6761: resolvers know that .invalid has no addresses.
    const { code, stdout, stderr } = await run('nothing.invalid', '-p', '22');
    expect(stderr).toContain('nothing.invalid');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

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
