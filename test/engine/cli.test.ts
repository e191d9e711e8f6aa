import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SilentPort, silentPort } from '../helpers/silentPort.ts';
import { run } from './cli/spawn.ts';
import { type Listener, listen, OWN_HOST, refusingPort } from './loopback.ts';

/** A UDP socket that answers whatever comes, also nothing. */
async function answeringPort(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (_, { port, address }) => socket.send('here', port, address));
  socket.bind(0, OWN_HOST);
  await once(socket, 'listening');
  return socket;
}

let open: Listener;
let refusing: number;
let silent: SilentPort;
let datagrams: Socket;

beforeAll(async () => {
  open = await listen();
  refusing = await refusingPort();
  silent = await silentPort(OWN_HOST);
  datagrams = await answeringPort();
});

afterAll(async () => {
  datagrams?.close();
  await silent?.close();
  await open?.close();
});

const KEYS = ['address', 'port', 'protocol', 'state', 'reason', 'rttMs', 'attempts', 'confidence', 'sender'];

describe('output', () => {
  it('gives a short list line by line, in order, then the summary', async () => {
    const { code, stdout, stderr } = await run(OWN_HOST, '-p', `${open.port},${refusing},${silent.port}`);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 3).map((line) => Number.parseInt(line, 10))).toEqual(
      [open.port, refusing, silent.port].sort((a, b) => a - b),
    );
    expect(stdout).toMatch(new RegExp(`^${open.port}/tcp open - syn-ack \\d+\\.\\d ms$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${refusing}/tcp closed - conn-refused \\d+\\.\\d ms$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${silent.port}/tcp filtered - no-response(?:, confidence 0\\.\\d\\d)?$`, 'm'));
    expect(lines[3]).toMatch(
      /^127[.\d]+: 3 ports in [\d.]+ m?s by \w+, \d+ attempts: 1 open, 1 closed, 1 filtered, 0 error$/,
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
    const { code, stdout } = await run(OWN_HOST, '-p', `${open.port} ${refusing}`, '--json', '--transport', 'net');
    const lines = stdout.trimEnd().split('\n');
    const last = JSON.parse(lines.pop() ?? '');
    const results = lines.map((line) => JSON.parse(line));
    for (const result of results) {
      expect(Object.keys(result)).toEqual(KEYS);
    }
    expect(new Map(results.map(({ port, state }) => [port, state]))).toEqual(
      new Map([
        [open.port, 'open'],
        [refusing, 'closed'],
      ]),
    );
    expect(last).toEqual({ summary: expect.objectContaining({ total: 2, complete: true, transport: 'net' }) });
    expect(last.summary.hosts).toEqual([expect.objectContaining({ address: OWN_HOST, status: 'up' })]);
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

  it('several hosts: a block for each, one summary', async () => {
    const other = OWN_HOST.replace(/\d+$/, (last) => String((Number(last) + 1) % 256));
    const { code, stdout } = await run(OWN_HOST, other, '-p', `${open.port}`, '--timeout', '1000');
    const [first, port, blank, second] = stdout.split('\n');
    expect(first).toMatch(new RegExp(`^${OWN_HOST}: up, round trip [\\d.]+ ms$`));
    expect(port).toMatch(new RegExp(`^ {2}${open.port}/tcp open `));
    expect(blank).toBe('');
    expect(second).toMatch(new RegExp(`^${other}: up`));
    expect(stdout).toMatch(/^2 hosts \(2 up\): 2 ports in /m);
    expect(code).toBe(0);
  });

  it('takes a network, and both protocols', async () => {
    const { port } = datagrams.address();
    const { code, stdout } = await run(`${OWN_HOST}/32`, '-p', `${open.port},${port}/udp,${refusing}/udp`, '--json');
    const results = stdout
      .trimEnd()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    expect(new Map(results.map((result) => [`${result.port}/${result.protocol}`, result.state]))).toEqual(
      new Map([
        [`${open.port}/tcp`, 'open'],
        [`${port}/udp`, 'open'],
        [`${refusing}/udp`, 'closed'],
      ]),
    );
    expect(code).toBe(0);
  });

  it('a deadline: exit 0, and the summary says that it is partial', async () => {
    const args = [OWN_HOST, '-p', `${open.port},${silent.port}`, '--retries', '20', '--timeout', '60000'];
    const words = await run(...args, '--deadline', '400');
    expect(words.stdout).toContain(`${open.port}/tcp open `);
    expect(words.stdout).toMatch(/; partial, 1 without a verdict\nStopped at the deadline of 400 ms: 1 of 2 ports /);
    const json = await run(...args, '--deadline', '400', '--json');
    const { summary } = JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(summary).toMatchObject({ complete: false, ended: 'deadline', unprobed: 1 });
    expect([words.code, json.code]).toEqual([0, 0]);
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
    ['an unknown option', ['127.0.0.1', '-p', '22', '--sudo'], /--sudo/],
    ['negative retries', ['127.0.0.1', '-p', '22', '--retries', '-1'], /--retries takes a whole number from 0 to 20/],
    ['a bad port', ['127.0.0.1', '-p', '0x16'], /0x16/],
    ['127.1', ['127.1', '-p', '22'], /127\.1/],
    ['a URL', ['http://db.example.com/', '-p', '22'], /alone, db\.example\.com\./],
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

  it('one name of several that does not resolve: the others are scanned, exit 1', async () => {
    const { code, stdout, stderr } = await run('nothing.invalid', OWN_HOST, '-p', String(open.port));
    expect(stderr).toContain('nothing.invalid');
    expect(stdout).toContain(`${open.port}/tcp open `);
    expect(code).toBe(1);
  });
});
