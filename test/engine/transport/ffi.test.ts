import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createFfi, queuesTcpErrors } from '../../../src/engine/transport/ffi/ffi.ts';
import { OWN_HOST, refusingPort } from '../loopback.ts';
import { canMakeNamespaces, inNamespace } from './child.ts';
import { transportContract } from './contract.ts';
import { transportContractAsRoot } from './contractAsRoot.ts';
import { factoryOf } from './factories.ts';
import { createHarness, openDescriptors } from './harness.ts';

transportContract('ffi', () => factoryOf('ffi'));
transportContractAsRoot('ffi');

const MODULE = join(import.meta.dirname, '../../../src/engine/transport/ffi/ffi.ts');
/** Says what the feature test finds, and how many descriptors it leaves behind. */
const FEATURE_TEST = `
  import { readdirSync } from 'node:fs';
  import { createServer } from 'node:net';
  const { createFfi } = await import('${MODULE}');
  // With its first stream libuv opens a descriptor for good, which is nobody's leak.
  await new Promise((resolve) => { const server = createServer().listen(0, () => server.close(resolve)); });
  const before = readdirSync('/proc/self/fd').length;
  const found = typeof await createFfi();
  setImmediate(() => process.stdout.write(found + ' ' + (readdirSync('/proc/self/fd').length - before)));
`;

/** The first report throws; what becomes of the other four attempts, whose answers come in the same batch? */
const THROWING = `
  const { createFfi } = await import('${MODULE}');
  process.on('uncaughtException', ({ message }) => process.stdout.write(message + ' '));
  let heard = 0;
  const transport = (await createFfi())(() => {
    heard += 1;
    if (heard === 1) throw new Error('oops');
  }, () => performance.now());
  for (const attempt of [1, 2, 3, 4, 5]) {
    transport.open({ attempt, address: '${OWN_HOST}', port: 9, protocol: 'tcp', connect: false });
  }
  setTimeout(() => { transport.destroy(); process.stdout.write(String(heard)); }, 50);
`;

async function run(script: string, program: string): Promise<string> {
  const args = ['-ec', script, 'sh', process.execPath, '--input-type=module', '-e', program];
  const child = spawn('/bin/sh', args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 10_000 });
  return text(child.stdout);
}

describe('createFfi', () => {
  it('finds the transport here, at the cost of the one descriptor that all scans share', async () => {
    expect(await run('exec "$@"', FEATURE_TEST)).toBe('function 1');
  });

  it('finds nothing where koffi is not installed', async () => {
    const withoutKoffi = `
      import { registerHooks } from 'node:module';
      registerHooks({ resolve(name, context, next) {
        if (name === 'koffi') throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
        return next(name, context);
      } });
    `;
    expect(await run('exec "$@"', withoutKoffi + FEATURE_TEST)).toBe('undefined 0');
  });

  it.runIf(canMakeNamespaces)('finds nothing, and leaves nothing, where the self-test fails (needs root)', async () => {
    expect(await run(inNamespace('ip link set lo down; "$@"'), FEATURE_TEST)).toBe('undefined 0');
  });

  it.each([
    ['4.4.0', false],
    ['5.7.19-generic', false],
    ['5.8.0', true],
    ['5.15.0-113-generic', true],
    ['6.18.44', true],
    ['unknown', false],
  ])('kernel %s queues the ICMP errors of TCP: %s', (kernel, expected) => {
    expect(queuesTcpErrors(kernel)).toBe(expected);
  });
});

describe('what the scans of a process share', () => {
  it('sixteen at once: each hears its own, and no thread waits for them', async () => {
    const factory = await factoryOf('ffi');
    const threads = () => /Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    const before = [openDescriptors(), threads()];
    const port = await refusingPort();
    const harnesses = Array.from({ length: 16 }, () => createHarness(factory));
    for (let times = 0; times < 100; times += 1) {
      for (const harness of harnesses) harness.open({ address: OWN_HOST, port });
    }
    const end = performance.now() + 5_000;
    while (harnesses.some(({ settlements }) => settlements.length < 100) && performance.now() < end) await delay(1);
    expect(threads()).toBe(before[1]);
    for (const { settlements, faults, destroy } of harnesses) {
      expect(settlements.map(({ attempt }) => attempt).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
      expect(new Set(settlements.map(({ outcome }) => outcome))).toEqual(new Set(['conn-refused']));
      expect(faults).toEqual([]);
      destroy();
    }
    expect(openDescriptors()).toBe(before[0]);
  });

  it.each([100, 256, 300])(
    'of %i answers that came at once, a turn hears 128, and that more wait is known',
    async (count) => {
      const harness = createHarness(await factoryOf('ffi'));
      const port = await refusingPort();
      for (let opened = 0; opened < count; opened += 1) harness.open({ address: OWN_HOST, port });
      const seen = new Map<number, boolean>();
      for (let turns = 0; turns < 20; turns += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        seen.set(harness.settlements.length, harness.transport.unread());
      }
      harness.destroy();
      seen.delete(0);
      expect([...seen]).toEqual(
        [128, 256, 384].slice(0, Math.ceil(count / 128)).map((most) => [Math.min(most, count), most < count]),
      );
    },
  );

  it('a listener that throws is heard of, and costs the others nothing', async () => {
    expect(await run('exec "$@"', THROWING)).toBe('oops 5');
  });

  it('refused attempts one after the other need one socket', async () => {
    const factory = (await createFfi()) ?? expect.fail('no transport');
    const harness = createHarness(factory);
    const port = await refusingPort();
    await harness.outcomes(harness.open({ address: OWN_HOST, port }));
    const before = openDescriptors();
    for (let times = 0; times < 50; times += 1) await harness.outcomes(harness.open({ address: OWN_HOST, port }));
    expect(openDescriptors()).toBe(before);
    harness.destroy();
    expect(openDescriptors()).toBe(before - 1);
  });
});
