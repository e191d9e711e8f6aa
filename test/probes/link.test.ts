import { describe, expect, test } from 'vitest';
import type { ScannableAddress } from '../../src/engine/types.ts';
import { createDial, type Link } from '../../src/probes/link.ts';
import { silentPort } from '../helpers/silentPort.ts';
import { cleanups, endingOf, FAST, failureOf, linkTo, never, sleep } from './links.ts';
import { LOOPBACK, type Served, serve } from './serve.ts';

describe('reading', () => {
  test('waits for enough, and keeps all', async () => {
    const { link } = await linkTo(['abc', { waitMs: 20 }, 'def\n', { waitMs: 50 }, 'ghi']);
    expect(String(await link.read((bytes) => bytes.includes(10)))).toBe('abcdef\n');
    expect(String(await link.read((bytes) => bytes.length >= 10))).toBe('abcdef\nghi');
    expect(link.ended()).toBe(false);
  });

  test('gives what there is when it becomes quiet; every byte starts the waiting anew', async () => {
    const { link } = await linkTo(['a', { waitMs: 60 }, 'b', { waitMs: 60 }, 'c', { waitMs: 300 }, 'd']);
    expect(String(await link.read(never, 120))).toBe('abc');
  });

  test('gives what there is when the other side closes', async () => {
    const { link } = await linkTo(['bye', { close: 'end' }]);
    expect(String(await link.read(never))).toBe('bye');
    expect(link.ended()).toBe(true);
    expect(await failureOf(link.write('more'))).toBe('reset');
    expect(String(await link.read(never))).toBe('bye');
  });

  test('a reset is a failure, but not for those who have had enough', async () => {
    const { link } = await linkTo(['bye\n', { waitMs: 30 }, { close: 'reset' }]);
    expect(await failureOf(link.read(never))).toBe('reset');
    expect(String(await link.read((bytes) => bytes.includes(10)))).toBe('bye\n');
    expect(String(link.received())).toBe('bye\n');
  });

  test('what was read stays as it was while more arrives', async () => {
    const { link } = await linkTo(['a', { on: 'x', send: 'b'.repeat(2_000) }]);
    const first = await link.read((bytes) => bytes.length === 1);
    await link.write('x');
    await link.read((bytes) => bytes.length === 2_001);
    expect(String(first)).toBe('a');
  });

  test('a parser that throws rejects the read and breaks nothing else', async () => {
    const { link } = await linkTo(['a', { waitMs: 30 }, 'b']);
    const wrong = link.read((bytes) => {
      if (bytes.length > 0) throw new RangeError('parser');
      return false;
    });
    await expect(wrong).rejects.toThrow('parser');
    expect(String(await link.read((bytes) => bytes.length === 2))).toBe('ab');
  });
});

describe('limits', () => {
  test('endless data ends the link at its limit', async () => {
    const { link } = await linkTo((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(64 * 1024, 'x')));
      };
      socket.on('drain', more);
      more();
    });
    expect(await failureOf(link.read(never))).toBe('too-much');
    expect(link.received().length).toBe(FAST.maxBytes);
  });

  test('exactly the limit is not too much', async () => {
    const { link } = await linkTo(['x'.repeat(FAST.maxBytes), { close: 'end' }]);
    expect((await link.read(never)).length).toBe(FAST.maxBytes);
  });

  test('a slow drip does not outlast the time limit', async () => {
    const { link } = await linkTo((socket) => {
      const drip = setInterval(() => socket.write('x'), 30);
      socket.on('close', () => clearInterval(drip));
    });
    const startedAt = performance.now();
    expect(await failureOf(link.read(never, 1_000))).toBe('timeout');
    expect(performance.now() - startedAt).toBeLessThan(700);
    expect(await failureOf(link.write('x'))).toBe('timeout');
    expect(await failureOf(link.secure())).toBe('timeout');
  });

  test('somebody who reads nothing does not hold the writer', async () => {
    const { link } = await linkTo((socket) => socket.pause(), { timeoutMs: 300, maxBytes: 10 });
    expect(await failureOf(link.write(Buffer.alloc(32 * 1024 * 1024)))).toBe('timeout');
  });

  test('a hundred links to endless talkers keep less than 1 MiB each, also with tiny packets', async () => {
    const limits = { timeoutMs: 5_000, maxBytes: 256 * 1024 };
    const server = await serve((socket, index) => {
      const chunk = Buffer.alloc(index % 2 ? 64 * 1024 : 7, 'x');
      const more = () => {
        for (let count = 0; count < 200 && !socket.destroyed && socket.write(chunk); count += 1);
        if (!socket.destroyed) setImmediate(more);
      };
      more();
    });
    cleanups.push(server.close);
    const before = process.memoryUsage();
    const dial = createDial(limits);
    const links: Link[] = [];
    for (let count = 0; count < 100; count += 1) {
      links.push(await dial({ address: LOOPBACK, port: server.port }, new AbortController().signal));
    }
    await sleep(1_000);
    const after = process.memoryUsage();
    const kept = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed;
    expect(links.some((link) => link.received().length === limits.maxBytes)).toBe(true);
    for (const link of links) link.close();
    expect(kept / links.length).toBeLessThan(1024 * 1024);
  });
});

describe('ends', () => {
  test('abort rejects what is under way at once, and resets the connection', async () => {
    const controller = new AbortController();
    let ending: Promise<string> | undefined;
    const { link } = await linkTo(
      (socket) => {
        ending = endingOf(socket);
      },
      FAST,
      controller.signal,
    );
    const reading = failureOf(link.read(never));
    const startedAt = performance.now();
    controller.abort();
    expect(await reading).toBe('aborted');
    expect(performance.now() - startedAt).toBeLessThan(50);
    expect(await ending).toBe('ECONNRESET');
  });

  test('abort while connecting, and before', async () => {
    const controller = new AbortController();
    const silent = await silentPort();
    cleanups.push(silent.close);
    const dialling = failureOf(createDial(FAST)({ address: LOOPBACK, port: silent.port }, controller.signal));
    const startedAt = performance.now();
    controller.abort();
    expect(await dialling).toBe('aborted');
    expect(performance.now() - startedAt).toBeLessThan(50);
    expect(await failureOf(createDial(FAST)({ address: LOOPBACK, port: 9 }, controller.signal))).toBe('aborted');
  });

  test('close ends with RST, twice without harm, and whoever reads gets what there was', async () => {
    let ending: Promise<string> | undefined;
    const { link } = await linkTo((socket) => {
      socket.write('hello');
      ending = endingOf(socket);
    });
    await link.read((bytes) => bytes.length === 5);
    const reading = link.read(never);
    link.close();
    link.close();
    expect(String(await reading)).toBe('hello');
    expect(await ending).toBe('ECONNRESET');
  });

  test('a port that answers nothing is a timeout', async () => {
    const silent = await silentPort();
    cleanups.push(silent.close);
    const dialling = createDial(FAST)({ address: LOOPBACK, port: silent.port }, new AbortController().signal);
    expect(await failureOf(dialling)).toBe('timeout');
  });

  test('a closed port is refused', async () => {
    const server = await serve([]);
    await server.close();
    expect(
      await failureOf(createDial(FAST)({ address: LOOPBACK, port: server.port }, AbortSignal.timeout(5_000))),
    ).toBe('refused');
  });

  test('a name instead of an address asks nobody', async () => {
    const dialling = createDial(FAST)(
      { address: 'localhost' as ScannableAddress, port: 9 },
      new AbortController().signal,
    );
    expect(await failureOf(dialling)).toBe('unreachable');
  });
});

test('the helper server says what it heard', async () => {
  const { server, link }: { server: Served; link: Link } = await linkTo([{ on: 'b', send: 'B' }]);
  await link.write('ab');
  await link.read((bytes) => bytes.length > 0);
  expect([server.accepted(), server.heard()]).toEqual([1, ['ab']]);
});
