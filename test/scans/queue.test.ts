import { describe, expect, test } from 'vitest';
import { createJobQueue, QueueFull } from '../../src/scans/queue.ts';

const calm = () => ({ signal: new AbortController().signal, onPlace: () => {} });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue', () => {
  test('serves servers in turn: one with many jobs does not keep another waiting', async () => {
    const queue = createJobQueue({ concurrency: 2, maxWaitingPerGuild: 50 });
    const order: string[] = [];
    const jobs = ['a', 'b', 'c'].flatMap((guild) => Array.from({ length: 10 }, () => guild));
    const done = [...jobs, 'late'].map((guild) =>
      queue.run(guild, () => turn().finally(() => order.push(guild)), calm()),
    );
    await Promise.all(done);
    expect(order.indexOf('late')).toBeLessThan(8);
    expect(order).toHaveLength(31);
  });

  test('never more at once than allowed, and a failing job frees its place', async () => {
    const queue = createJobQueue({ concurrency: 3, maxWaitingPerGuild: 50 });
    let busy = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++busy);
      await turn();
      busy -= 1;
      throw new Error('job');
    };
    const ended = await Promise.allSettled(Array.from({ length: 20 }, () => queue.run('g', work, calm())));
    expect(ended.every(({ status }) => status === 'rejected')).toBe(true);
    expect(most).toBe(3);
  });

  test('tells the place, refuses when full, and lets go of who gives up', async () => {
    const queue = createJobQueue({ concurrency: 1, maxWaitingPerGuild: 2 });
    let release = () => {};
    const first = queue.run('g', () => new Promise<void>((resolve) => (release = resolve)), calm());
    const leaver = new AbortController();
    const places: number[] = [];
    const second = queue.run('g', turn, { signal: leaver.signal, onPlace: () => {} });
    const third = queue.run('g', turn, { signal: calm().signal, onPlace: (place) => places.push(place) });
    await expect(queue.run('g', turn, calm())).rejects.toBeInstanceOf(QueueFull);
    await turn();
    leaver.abort('gone');
    await expect(second).rejects.toBe('gone');
    release();
    await Promise.all([first, third]);
    expect(places).toEqual([2, 1]);
  });
});
