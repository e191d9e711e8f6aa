import fc from 'fast-check';
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

/** Starts jobs that end when they are told to, and notes who was given a place. */
function workshop(limits: Parameters<typeof createJobQueue>[0]) {
  const queue = createJobQueue(limits);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const submit = (name: string, guildId: string, userId: string, signal = calm().signal) => {
    const work = () => {
      started.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    };
    return queue.run(guildId, work, { signal, onPlace: () => {}, userId });
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    ends.delete(name);
    await turn();
  };
  return { queue, submit, started, end, running: () => [...ends.keys()] };
}

describe('a server with limits of its own', () => {
  test('runs no more than it may, and others get the places it cannot use', async () => {
    const { submit, started, end } = workshop({ concurrency: 3, concurrencyPerGuild: 1, maxWaitingPerGuild: 9 });
    const jobs = ['a1', 'a2', 'a3', 'b1', 'c1'].map((name) => submit(name, name[0] ?? '', 'u'));
    await turn();
    expect(started).toEqual(['a1', 'b1', 'c1']);
    await end('b1');
    expect(started).toEqual(['a1', 'b1', 'c1']);
    await end('a1');
    expect(started.at(-1)).toBe('a2');
    for (const name of ['a2', 'a3', 'c1']) await end(name);
    await Promise.all(jobs);
  });

  test('its members take turns, and places tell the order', async () => {
    const { queue, submit, started, end } = workshop({ concurrency: 1, maxWaitingPerGuild: 9 });
    const places = new Map<string, number[]>();
    const jobs = [submit('first', 'g', 'x')];
    for (const name of ['x1', 'x2', 'x3', 'y1', 'z1', 'y2']) {
      const seen: number[] = [];
      places.set(name, seen);
      const work = async () => void started.push(name);
      const userId = name[0] ?? '';
      jobs.push(queue.run('g', work, { signal: calm().signal, userId, onPlace: (place) => seen.push(place) }));
    }
    expect([...places].map(([name, seen]) => [name, seen.at(-1)])).toEqual([
      ['x1', 1],
      ['x2', 4],
      ['x3', 6],
      ['y1', 2],
      ['z1', 3],
      ['y2', 5],
    ]);
    await turn();
    await end('first');
    await Promise.all(jobs);
    expect(started).toEqual(['first', 'x1', 'y1', 'z1', 'x2', 'y2', 'x3']);
    expect(places.get('y2')).toEqual([5, 4, 3, 2, 1]);
  });

  test('one member cannot fill its queue', async () => {
    const { submit, end } = workshop({ concurrency: 1, maxWaitingPerGuild: 3, maxWaitingPerUser: 2 });
    const jobs = ['j1', 'j2', 'j3'].map((name) => submit(name, 'g', 'x'));
    await turn();
    await expect(submit('j4', 'g', 'x')).rejects.toMatchObject({ scope: 'user' });
    jobs.push(submit('j5', 'g', 'y'));
    await expect(submit('j6', 'g', 'z')).rejects.toMatchObject({ scope: 'server' });
    for (const name of ['j1', 'j2', 'j5', 'j3']) await end(name);
    await Promise.all(jobs);
  });

  test('a place that frees while its taker gives up goes to the next', async () => {
    const { submit, started, end } = workshop({ concurrency: 1, maxWaitingPerGuild: 3 });
    const first = submit('j1', 'g', 'x');
    const leaver = new AbortController();
    const second = submit('j2', 'g', 'x', leaver.signal);
    const third = submit('j3', 'g', 'x');
    await turn();
    const ending = end('j1');
    await Promise.resolve().then(() => leaver.abort('gone'));
    await Promise.all([ending, second.catch(() => {})]);
    await turn();
    expect(started.at(-1)).toBe('j3');
    await end('j3');
    await Promise.all([first, third]);
  });
});

describe('whatever happens', () => {
  type Step =
    | { readonly kind: 'submit'; readonly member: string }
    | { readonly kind: 'end' | 'cancel'; readonly pick: number };
  const member = fc.constantFrom('ax', 'ay', 'bx', 'by', 'cx');
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('submit' as const), member }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat(99) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat(99) }) },
  );
  const limits = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
    .map(([concurrency, concurrencyPerGuild]) => ({ concurrency, concurrencyPerGuild, maxWaitingPerGuild: 6 }));
  type Limits = typeof limits extends fc.Arbitrary<infer T> ? T : never;
  const guildOf = (name: string) => name.slice(0, 1);
  const memberOf = (name: string) => name.slice(0, 2);

  /** A place that was given: to whom, and who else could have had it. */
  interface Grant {
    readonly name: string;
    readonly couldHave: ReadonlySet<string>;
  }

  /** Those who were served twice while a job of somebody else waited all along, could have been served, and was not. */
  function unfair(grants: readonly Grant[], of: (name: string) => string): readonly string[] {
    return grants.flatMap(({ name, couldHave }, first) => {
      const again = grants.findIndex((grant, index) => index > first && of(grant.name) === of(name));
      if (again < 0) return [];
      const later = grants.slice(first + 1, again + 1);
      const patient = [...couldHave].filter((job) => later.every((grant) => grant.couldHave.has(job)));
      const served = new Set([name, ...later.map((grant) => grant.name)].map(of));
      return patient.filter((job) => !served.has(of(job))).map((job) => `${of(name)} twice before ${job}`);
    });
  }

  /** Follows a workshop from outside. */
  function watch(started: readonly string[], { concurrency, concurrencyPerGuild, maxWaitingPerGuild }: Limits) {
    const waiting = new Map<string, AbortController>();
    const busy = new Set<string>();
    const grants: Grant[] = [];
    const inGuild = (names: Iterable<string>, guild: string) => [...names].filter((name) => guildOf(name) === guild);
    const hasRoom = (guild: string) => inGuild(busy, guild).length < concurrencyPerGuild;

    function observe() {
      for (const name of started.slice(grants.length)) {
        grants.push({ name, couldHave: new Set([...waiting.keys()].filter((other) => hasRoom(guildOf(other)))) });
        waiting.delete(name);
        busy.add(name);
      }
      expect(busy.size).toBeLessThanOrEqual(concurrency);
      for (const guild of 'abc') {
        expect(inGuild(busy, guild).length).toBeLessThanOrEqual(concurrencyPerGuild);
        expect(inGuild(waiting.keys(), guild).length).toBeLessThanOrEqual(maxWaitingPerGuild);
        const idle = busy.size < concurrency && hasRoom(guild);
        expect(idle && inGuild(waiting.keys(), guild).length > 0).toBe(false);
      }
      expect(unfair(grants, guildOf)).toEqual([]);
      for (const guild of 'abc') {
        const own = grants.filter(({ name }) => guildOf(name) === guild);
        const mates = (names: Iterable<string>) => new Set(inGuild(names, guild));
        const among = own.map(({ name, couldHave }) => ({ name, couldHave: mates(couldHave) }));
        expect(unfair(among, memberOf)).toEqual([]);
      }
    }
    return { waiting, busy, observe };
  }

  test('limits hold, no place stays empty, turns come, and who cancels is gone', async () => {
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 60 }), async (own, steps) => {
        const { submit, started, end } = workshop(own);
        const { waiting, busy, observe } = watch(started, own);
        const jobs: Promise<unknown>[] = [];

        async function join(name: string) {
          const leave = new AbortController();
          waiting.set(name, leave);
          const job = submit(name, guildOf(name), memberOf(name), leave.signal);
          jobs.push(job.catch((error: unknown) => waiting.delete(name) && expect(error).toBeInstanceOf(QueueFull)));
          await turn();
        }
        async function finish(name: string | undefined) {
          if (name === undefined) return;
          busy.delete(name);
          await end(name);
        }
        async function cancel(name: string | undefined) {
          if (name === undefined) return;
          waiting.get(name)?.abort(new QueueFull('user'));
          await turn();
          expect(started).not.toContain(name);
          expect(waiting.has(name)).toBe(false);
        }
        const pick = (names: Iterable<string>, number: number) => [...names][number % Math.max(1, [...names].length)];

        for (const [index, each] of steps.entries()) {
          if (each.kind === 'submit') await join(`${each.member}${index}`);
          else if (each.kind === 'end') await finish(pick(busy, each.pick));
          else await cancel(pick(waiting.keys(), each.pick));
          observe();
        }
        for (let name = pick(busy, 0); name !== undefined; name = pick(busy, 0)) {
          await finish(name);
          observe();
        }
        await Promise.all(jobs);
        expect(waiting.size).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
