import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BEDS } from '../test/lab/beds.ts';
import { buildLab, type Lab } from '../test/lab/lab.ts';
import { whyNoLab } from '../test/lab/namespaces.ts';
import { assess } from './assess.ts';
import { writeDocument } from './document.ts';
import { describeMachine, nmapVersion } from './machine.ts';
import { type Measurement, measure, type Wish } from './measure.ts';
import { ROWS, type Row } from './rows.ts';
import { cells, HEADINGS, line } from './table.ts';

const DOCUMENT = join(import.meta.dirname, '../docs/benchmarks.md');

const HELP = `Usage: npm run bench -- [engine] [options]

  --only ROWS        names of rows (b-1000,e-1000) or of beds (a,h)
  --runs N           timed runs of each side (5)
  --transport NAME   net, ffi or raw; raw is held against nmap -sS
  --quick            no further runs for accuracy
  --out PATH         where the document goes (docs/benchmarks.md); rows not measured now stay in it
  --cli PATH         the command line of another checkout
  --list             the rows

Needs Linux, root and nmap.
`;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function chosen(only: string | undefined): readonly Row[] {
  if (only === undefined) return ROWS;
  const names = only.split(',');
  return ROWS.filter(({ id, bed }) => names.some((name) => id === name || bed === name));
}

function unmeasured(row: Row, transport: string | null, trouble: string): Measurement {
  return { row, transport: transport ?? '', ours: [], rival: [], rivalName: '', rate: null, peakMiB: null, trouble };
}

/** Builds the row's bed, measures, takes it down. Trouble is a result too. */
async function inItsBed(row: Row, wish: Wish, standing: Set<Lab>): Promise<Measurement> {
  const bed = BEDS.get(row.bed);
  if (bed === undefined) return unmeasured(row, wish.transport, `no bed ${row.bed}`);
  let lab: Lab | undefined;
  try {
    lab = await buildLab(bed);
    standing.add(lab);
    return await measure(lab, row, wish);
  } catch (error) {
    return unmeasured(row, wish.transport, error instanceof Error ? error.message : String(error));
  } finally {
    if (lab !== undefined) {
      await lab.down();
      standing.delete(lab);
    }
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '5' },
      transport: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string', default: DOCUMENT },
      cli: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) say(HELP);
  const rows = chosen(values.only);
  if (values.list) for (const { id, what } of rows) say(`${id.padEnd(22)} ${what}`);
  if (values.help || values.list) return 0;
  const why = whyNoLab() ?? (nmapVersion() === null ? 'The benchmark needs nmap.' : null);
  if (why !== null || rows.length === 0) {
    say(why ?? `No such row: ${values.only}. See --list.`);
    return 1;
  }
  const transport = values.transport ?? null;
  const wish: Wish = { runs: Number(values.runs), transport, quick: values.quick, cli: values.cli };
  const date = new Date().toISOString().slice(0, 10);
  const machine = describeMachine(date);
  const standing = new Set<Lab>();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => Promise.all([...standing].map((lab) => lab.down())).finally(() => process.exit(130)));
  }
  say(`${machine}\n\n${line(HEADINGS)}\n${line(HEADINGS.map(() => '---'))}`);
  const table: string[][] = [];
  for (const row of rows) {
    const measured = cells(assess(await inItsBed(row, wish, standing)), date);
    say(line(measured));
    table.push(measured);
    // After each row, so that a run that is broken off has not been for nothing.
    writeDocument(values.out, machine, table);
  }
  return 0;
}

process.exitCode = await main();
