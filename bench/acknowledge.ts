import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Kind, startBot } from './acknowledge/bot.ts';
import { apply, type Load, startScans, type Times } from './acknowledge/load.ts';
import { describeMachine } from './machine.ts';
import { median } from './statistics.ts';

const HELP = `Usage: node bench/acknowledge.ts [options]

How soon interactions are acknowledged, and what the bot weighs, next to a bare discord.js bot that only defers. Both
are processes of their own, logged in to the same local Discord, in turns.

  --rounds N         rounds of each bot (3)
  --interactions N   in a round (2000)
  --rate N           interactions a second (200)
  --scans N          scans that run meanwhile in ours (100)
  --memory-only      no rounds
  --no-memory        no memory

PROFILE=/tmp/name writes a CPU profile of each bot under load.
`;

const NAMES: Readonly<Record<Kind, string>> = { harbor: 'Harbormaster', bare: 'bare bot' };
/** The local Discord has two at least. */
const SERVERS = [2, 2_000];
/** An ordinary server has so many channels and roles. */
const CHANNELS_AND_ROLES = 20;

interface Round {
  readonly times: Times;
  readonly running: number;
  readonly cpuMs: number;
  readonly lagMs: readonly number[];
  /** What the local Discord and the load took themselves. */
  readonly ownCpuMs: number;
  /** What everything else on the machine took: it competes for the cores. */
  readonly othersCpuMs: number;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Of all cores since they were started. */
function busyMs(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
}

async function round(kind: Kind, load: Load): Promise<Round> {
  const bot = await startBot(kind);
  try {
    const running = kind === 'harbor' ? await startScans(load.scans, bot.sandbox) : 0;
    await bot.ask();
    const before = process.cpuUsage();
    const busyBefore = busyMs();
    const times = await apply(load, bot.sandbox);
    const { user, system } = process.cpuUsage(before);
    const busy = busyMs() - busyBefore;
    const { cpuMs, lagMs } = await bot.ask();
    const ownCpuMs = (user + system) / 1_000;
    return { times, running, cpuMs, lagMs, ownCpuMs, othersCpuMs: Math.max(0, busy - cpuMs - ownCpuMs) };
  } finally {
    await bot.stop();
  }
}

/** Resident memory, and of it what JavaScript's heap holds, in MiB, after a garbage collection. */
async function weigh(kind: Kind, servers: number): Promise<string> {
  const more = { guilds: Math.max(0, servers - 2), channelsAndRolesEach: CHANNELS_AND_ROLES };
  const bot = await startBot(kind, { world: { more } });
  try {
    const { rssMiB, heapMiB } = await bot.ask();
    return `${rssMiB.toFixed(0)} (${heapMiB.toFixed(0)})`;
  } finally {
    await bot.stop();
  }
}

function quantile(times: Times, part: number): number {
  return times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
}

function line(kind: Kind, { times, running, cpuMs, lagMs, ownCpuMs, othersCpuMs }: Round): string {
  const figures = [quantile(times, 0.5), quantile(times, 0.95), quantile(times, 0.99), Math.max(...times)];
  const late = times.filter((time) => time > 1_000).length;
  const cells = [
    NAMES[kind],
    running,
    times.length,
    ...figures.map((ms) => ms.toFixed(1)),
    late,
    lagMs.map((ms) => ms.toFixed(0)).join(' / '),
    ...[cpuMs, ownCpuMs, othersCpuMs].map(Math.round),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function compareTimes(rounds: number, load: Load): Promise<void> {
  say(
    '| bot | scans running | interactions | median ms | 95 % | 99 % | slowest | over 1 s | event-loop lag ms (50 %, 99 %, worst) | CPU ms: bot | local Discord | others |',
  );
  say('|---|---|---|---|---|---|---|---|---|---|---|---|');
  const all: Record<Kind, number[]> = { harbor: [], bare: [] };
  for (let number = 0; number < rounds; number += 1) {
    for (const kind of ['bare', 'harbor'] as const) {
      const measured = await round(kind, load);
      all[kind].push(...measured.times);
      say(line(kind, measured));
    }
  }
  const ratio = median(all.harbor) / median(all.bare);
  say(`\nAll rounds: slowest ${Math.max(...all.harbor).toFixed(1)} ms against ${Math.max(...all.bare).toFixed(1)} ms,`);
  say(
    `median ${median(all.harbor).toFixed(2)} ms against ${median(all.bare).toFixed(2)} ms: ${ratio.toFixed(2)} times.`,
  );
}

async function compareMemory(): Promise<void> {
  say(
    `\n| servers (${CHANNELS_AND_ROLES + 2} channels, ${CHANNELS_AND_ROLES + 3} roles each) | Harbormaster, MiB resident (heap) | bare bot |`,
  );
  say('|---|---|---|');
  for (const servers of SERVERS) {
    const harbor = await weigh('harbor', servers);
    const bare = await weigh('bare', servers);
    say(`| ${servers} | ${harbor} | ${bare} |`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      interactions: { type: 'string', default: '2000' },
      rate: { type: 'string', default: '200' },
      scans: { type: 'string', default: '100' },
      'memory-only': { type: 'boolean', default: false },
      'no-memory': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return say(HELP);
  say(`${describeMachine(new Date().toISOString().slice(0, 10))}\n`);
  const load = {
    interactions: Number(values.interactions),
    perSecond: Number(values.rate),
    scans: Number(values.scans),
  };
  if (!values['memory-only']) await compareTimes(Number(values.rounds), load);
  if (!values['no-memory']) await compareMemory();
}

await main();
