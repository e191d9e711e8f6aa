import { execFile } from 'node:child_process';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SilentPort, silentPort } from '../helpers/silentPort.ts';

const MAIN = fileURLToPath(new URL('../../src/sandbox/main.ts', import.meta.url));

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function sandbox(args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { timeout: 15_000 }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

let server: Server;
let silent: SilentPort;
let open: number;
beforeAll(async () => {
  server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open = (server.address() as AddressInfo).port;
  silent = await silentPort();
});
afterAll(async () => {
  server?.close();
  await silent?.close();
});

describe('one command', () => {
  test('a scan prints title, a line per port with state and reason, tips, buttons, and exits 0', async () => {
    const { status, stdout, stderr } = await sandbox([`/scan host:127.0.0.1 ports:${open},1,${silent.port}`]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^1 open port on 127\.0\.0\.1$/m);
    expect(stdout).toMatch(new RegExp(`^.*${open}/tcp .*: open \\(syn-ack\\)`, 'm'));
    expect(stdout).toMatch(/^1\/tcp .*: closed \(conn-refused\)$/m);
    expect(stdout).toMatch(new RegExp(`^${silent.port}/tcp .*: filtered \\(no-response\\)$`, 'm'));
    expect(stdout).toMatch(/^What to do/m);
    expect(stdout).toMatch(/\[Rescan\] \[Share\]/);
  });

  test.each([
    ['a refused host', '/scan host:8.8.8.8 ports:22', /not on this server's allowlist/],
    ['a mistake', '/scan host:127.0.0.1 ports:0', /ports/],
    ['an unknown command', '/nope', /no command/],
    ['a missing option', '/scan ports:22', /host/],
  ])('%s exits 1 and says why', async (_what, line, words) => {
    const { status, stdout, stderr } = await sandbox([line]);
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(words);
  });

  test('the other server allows nothing', async () => {
    const { status, stdout } = await sandbox(['--server', '2', '/scan host:127.0.0.1 ports:22']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/allowlist is empty/);
  });
});

test('lines from a pipe are run in order until the end of input', async () => {
  const { status, stdout } = await sandbox(
    [],
    '/targets add target:www.example.com\n/targets list\n/scan host:127.1\n',
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(/Added: www\.example\.com[\s\S]*4 targets may be scanned[\s\S]*shorthand for 127\.0\.0\.1/);
});
