import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { BEDS } from './beds.ts';
import { type Engine, nmap, ours } from './engines.ts';
import { buildLab, type Lab } from './lab.ts';
import { whyNoLab } from './namespaces.ts';
import { portSet } from './ports.ts';
import { runScan, type ScanRun } from './run.ts';

const HELP = `Usage: node test/lab/main.ts COMMAND

  list                       the beds
  up BED                     builds a bed, prints where it is, and keeps it until Ctrl-C
  try BED [--ports N] [--runs N] [--engine ours|nmap|nmap-sS] [--transport net|ffi|raw] [--limit S] [--cli PATH]
          [-- FLAGS]
                             scans it; FLAGS go to our command line. Ports: 3, 100, 1000, 65535 or any number from 22

Needs Linux and root; elsewhere says so and does nothing.
`;

/** The shell's 128 + SIGINT. */
const INTERRUPTED = 130;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function hold(lab: Lab): Promise<void> {
  say(`${lab.bed.name}: ${lab.bed.about}`);
  say(`ip netns exec ${lab.namespace} node bin/scan.js ${lab.address} -p 22,80,443`);
  say('Ctrl-C takes it down.');
  const alive = setInterval(() => {}, 1 << 30);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process, 'SIGHUP')]);
  clearInterval(alive);
}

/** An interrupt amid a scan: the bed goes, and the scan with it. */
async function leave(lab: Lab): Promise<never> {
  await lab.down();
  process.exit(INTERRUPTED);
}

/** One run in one line: wall, packets, and every kind of mistake that was made. */
function describe({ wallMs, traffic, score, hostFault, output, cut, exitCode, stderr }: ScanRun): string {
  const kinds = [
    'missedOpen',
    'falseOpen',
    'falseFiltered',
    'falseClosed',
    'errors',
    'missing',
    'flakyMissed',
  ] as const;
  const mistakes = kinds.filter((kind) => score[kind] > 0).map((kind) => `${kind} ${score[kind]}`);
  const drops = traffic.queueDrops > 0 ? [`queue drops ${traffic.queueDrops}`] : [];
  const late = traffic.worstLateMs > 1 ? [`relay up to ${traffic.worstLateMs.toFixed(1)} ms late`] : [];
  const trouble = [
    ...(cut ? ['cut'] : exitCode === 0 ? [] : [`exit ${exitCode}: ${stderr.trim().split('\n')[0]}`]),
    ...(output.complete ? [] : ['output incomplete']),
    ...(hostFault === null ? [] : [hostFault]),
    ...traffic.faults.map((fault) => `LAB: ${fault}`),
    ...score.examples.slice(0, 2),
  ];
  return [
    `${(wallMs / 1_000).toFixed(3)} s`,
    `${traffic.packets} packets, peak ${traffic.peakPerSecond.toFixed(0)}/s`,
    `wrong ${score.wrong} (strict ${score.strictWrong})`,
    ...mistakes,
    ...drops,
    ...late,
    ...trouble,
  ].join('; ');
}

function engineOf(name: string, flags: readonly string[], cli: string | undefined): Engine {
  if (name === 'nmap') return nmap('-sT');
  return name === 'nmap-sS' ? nmap('-sS') : ours(flags, cli);
}

function readArguments() {
  const { values, positionals, tokens } = parseArgs({
    allowPositionals: true,
    tokens: true,
    options: {
      ports: { type: 'string', default: '1000' },
      runs: { type: 'string', default: '5' },
      engine: { type: 'string', default: 'ours' },
      transport: { type: 'string' },
      limit: { type: 'string', default: '60' },
      cli: { type: 'string' },
    },
  });
  const end = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? Number.POSITIVE_INFINITY;
  const own = tokens.filter(({ kind, index }) => kind === 'positional' && index < end).length;
  const [command, name = ''] = positionals.slice(0, own);
  const means = values.transport === undefined ? [] : ['--transport', values.transport];
  return { command, bed: BEDS.get(name), values, flags: [...means, ...positionals.slice(own)] };
}

type Arguments = ReturnType<typeof readArguments>;

async function tryOut(lab: Lab, { values, flags }: Arguments): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void leave(lab));
  const engine = engineOf(values.engine, flags, values.cli);
  const ports = portSet(Number(values.ports));
  for (let run = 0; run < Number(values.runs); run++) {
    say(describe(await runScan(lab, engine, ports, Number(values.limit) * 1_000)));
  }
}

async function main(): Promise<number> {
  const read = readArguments();
  const { command, bed } = read;
  if (command === 'list') {
    for (const { name, about } of BEDS.values()) say(`${name.padEnd(6)} ${about}`);
    return 0;
  }
  if (bed === undefined || (command !== 'up' && command !== 'try')) {
    process.stderr.write(HELP);
    return 2;
  }
  const why = whyNoLab();
  if (why !== null) {
    say(why);
    return 0;
  }
  const lab = await buildLab(bed);
  try {
    if (command === 'up') await hold(lab);
    else await tryOut(lab, read);
  } finally {
    await lab.down();
  }
  return 0;
}

process.exitCode = await main();
