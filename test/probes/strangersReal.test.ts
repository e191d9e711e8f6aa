import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { x11Probe } from '../../src/probes/x11.ts';
import { findProgram, waitForPort } from '../helpers/redisProcess.ts';
import { contextFor } from './serve.ts';

// What chooses neither its address nor its port, and so does not fit into test/lab/services.

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const xvfb = findProgram('Xvfb', []);

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'harbormaster-strangers-'));
  cleanUps.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Starts a program in the foreground, waits for its port, and ends it after the test. */
async function start(program: string, args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: 'ignore', cwd: tmpdir() });
  cleanUps.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), 2_000);
    await once(child, 'exit');
    clearTimeout(limit);
  });
  await waitForPort(port, child);
  return child;
}

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

describe.skipIf(!xvfb)(xvfb ? 'a real Xvfb' : 'Xvfb is not installed (Debian package xvfb)', () => {
  // Apart from those that people use, and from other runs on this machine.
  const display = 100 + (process.pid % 400) * 2;

  test.each([
    ['without access control', display, () => ['-ac'], { answer: 'accepted', openToStrangers: true }],
    ['with a cookie', display + 1, () => ['-auth', cookieFile()], { answer: 'refused', openToStrangers: false }],
  ])('%s', async (_, number, access, expected) => {
    await start(xvfb ?? '', [`:${number}`, '-listen', 'tcp', '-screen', '0', '64x64x8', ...access()], 6_000 + number);
    expect(await x11Probe.run(contextFor(6_000 + number))).toMatchObject(expected);
  });
});
