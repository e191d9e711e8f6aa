import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cable } from './relay/cable.ts';
import type { LinkModel } from './relay/link.ts';
import { addressOf, loadSyscalls } from './relay/syscalls.ts';
import { openTap } from './relay/tap.ts';

// A cable between two network namespaces, in a process of its own:
//   node test/lab/relay.ts --scanner /run/netns/a --target /run/netns/b --device tap0 --delay 15 --jitter 10 --loss 0.02
//     [--rate 3000 --queue 50] [--seed 1]
// Prints `ready`, then its counters as one line of JSON on SIGUSR1 (counting from the last such line) and at the end,
// which is SIGTERM or the end of its standard input.

/** How long packets are carried before the event loop gets a turn for signals. */
const TURN_MS = 20;
const PR_SET_TIMERSLACK = 29;
const SLACK_NS = 1_000;
const SCHED_FIFO = 1;
const PRIORITY = 10;

/** Mulberry32, a small generator with 32 bits of state: losses repeat from run to run of the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const { values } = parseArgs({
  options: {
    scanner: { type: 'string', default: '' },
    target: { type: 'string', default: '' },
    device: { type: 'string', default: 'lab0' },
    delay: { type: 'string', default: '0' },
    jitter: { type: 'string', default: '0' },
    loss: { type: 'string', default: '0' },
    rate: { type: 'string' },
    queue: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
});

const model: LinkModel = {
  delayMs: Number(values.delay),
  jitterMs: Number(values.jitter),
  loss: Number(values.loss),
  bottleneck: values.rate === undefined ? null : { packetsPerSecond: Number(values.rate), queue: Number(values.queue) },
};
const calls = loadSyscalls();
calls.prctl(PR_SET_TIMERSLACK, SLACK_NS);
// A cable does not wait for a processor: before everything else that is not real-time, or its delays would grow with load.
const priority = new Int32Array(new ArrayBuffer(4)).fill(PRIORITY);
calls.sched_setscheduler(0, SCHED_FIFO, addressOf(new Uint8Array(priority.buffer)));
const scanner = openTap(calls, values.scanner, values.device);
const target = openTap(calls, values.target, values.device);
const now = () => performance.now();
const wire = cable(calls, { scanner, target }, model, seeded(Number(values.seed)), now);
const print = () => {
  try {
    writeSync(1, `${JSON.stringify(wire.take())}\n`);
  } catch {
    // Whoever started it is gone.
  }
};

let running = true;
const leave = () => {
  running = false;
};
process.on('SIGUSR1', print);
process.on('SIGTERM', leave);
// Whoever started it cleans up after an interrupt; the cable must not go first.
process.on('SIGINT', () => {});
process.stdin.on('end', leave).on('error', leave).resume();
writeSync(1, 'ready\n');

while (running) {
  wire.carry(now() + TURN_MS);
  await setImmediate();
}
print();
process.exit(0);
