import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { factoryOf, type RealTransport } from './factories.ts';
import { createHarness, type Wanted } from './harness.ts';

/** What the program below is told, as JSON in its one argument. */
export interface Task {
  readonly transport: RealTransport;
  readonly openings: readonly (Wanted & { readonly times?: number })[];
  /** Ends early when every attempt has been answered. */
  readonly waitMs: number;
  /** Asked for 20 ms after the openings. */
  readonly resolving?: string;
}

/** One line of JSON that it answers with. */
export interface Answer {
  /** For each opening, the outcomes with their senders (`'host-unreach 192.0.2.1'`), in the order of arrival. */
  readonly heard: readonly (readonly string[])[];
  readonly resolving: boolean;
  readonly faults: readonly string[];
  /** Descriptors open before the first attempt and after the end. */
  readonly descriptors: readonly [number, number];
  readonly tellsIcmp: boolean;
  /** Wall time at the end, in milliseconds since 1970. */
  readonly endedAtMs: number;
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
const harness = createHarness(await factoryOf(task.transport));
// With its first stream libuv opens a descriptor for good, which is nobody's leak.
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
await new Promise((resolve) => server.close(resolve));
const before = readdirSync('/proc/self/fd').length;
const attempts = task.openings.map((opening) =>
  Array.from({ length: opening.times ?? 1 }, () => harness.open(opening)),
);
await delay(20);
const resolving = task.resolving !== undefined && harness.transport.resolving(task.resolving as never);
const end = performance.now() + task.waitMs;
while (performance.now() < end && harness.settlements.length < attempts.flat().length) await delay(2);
harness.destroy();

const heard = attempts.map((numbers) =>
  harness.settlements
    .filter(({ attempt }) => numbers.includes(attempt))
    .map(({ outcome, sender }) => (sender === null ? outcome : `${outcome} ${sender}`)),
);
const answer: Answer = {
  heard,
  resolving,
  faults: harness.faults,
  descriptors: [before, readdirSync('/proc/self/fd').length],
  tellsIcmp: harness.transport.tellsIcmp,
  endedAtMs: Date.now(),
};
process.stdout.write(JSON.stringify(answer));
