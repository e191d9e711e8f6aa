import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { parseArgs } from 'node:util';
import { LAB_ROOT } from '../test/lab/services/certificates.ts';
import { SERVICES } from '../test/lab/services/index.ts';
import { type Look, lookAt } from '../test/lab/services/look.ts';
import type { Ports } from '../test/lab/services/places.ts';
import { openStreet, type Standing } from '../test/lab/services/standing.ts';
import { describeMachine, nmapVersion } from './machine.ts';
import { askNmap, type NmapAnswer } from './nmapServices.ts';
import { median, sum } from './statistics.ts';
import { duration, line, NOTHING } from './table.ts';

const HELP = `Usage: node bench/services.ts [options]

Starts real services on loopback, and lets our probes and nmap say what they are, one port after the other, in turns.

  --runs N       runs of each (3); a rival that takes longer than 20 s is not asked again
  --ports WHICH  usual, or free: ports on which nobody expects the service (usual)
  --only NAMES   products (nginx,Redis)
  --limit S      nmap is ended after so many seconds (60)

Needs nmap; services that are not installed are left out, and named.
`;

const HEADINGS = [
  'service',
  'truth',
  'ours',
  'nmap',
  'findings of ours',
  'scripts of nmap',
  'ours',
  '`-sV`',
  'ratio',
  '`-sV -sC`',
  'ratio',
];
const SLOW_MS = 20_000;

/** One port, measured. */
interface Row {
  readonly standing: Standing;
  readonly version: string;
  readonly looks: readonly Look[];
  readonly plain: readonly NmapAnswer[];
  readonly scripted: readonly NmapAnswer[];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const last = <T>(all: readonly T[]): T | undefined => all.at(-1);
const wall = (answers: readonly { readonly wallMs: number }[]) => median(answers.map(({ wallMs }) => wallMs));

async function measure(standing: Standing, runs: number, limitMs: number): Promise<Row> {
  const { place, service } = standing;
  const row = { looks: [] as Look[], plain: [] as NmapAnswer[], scripted: [] as NmapAnswer[] };
  for (let run = 0; run < runs; run++) {
    row.looks.push(await lookAt(place));
    for (const [answers, flags] of [
      [row.plain, ['-sV']],
      [row.scripted, ['-sV', '-sC']],
    ] as const) {
      if ((last(answers)?.wallMs ?? 0) < SLOW_MS) answers.push(await askNmap(place, flags, limitMs));
    }
  }
  return { standing, version: service.version(), ...row };
}

const oursSays = ({ looks }: Row) =>
  last(looks)
    ?.products.map(({ product, version = '' }) => `${product} ${version}`.trim())
    .join(', ') ?? '';
/** The better of its two answers. */
const nmapSays = ({ plain, scripted }: Row) => [...plain, ...scripted].map(({ service }) => service).join(' ');

/** Whether these words name the product of the row, by whatever name; and its version. */
function right({ standing: { service }, version }: Row, words: string): { product: boolean; version: boolean } {
  const lower = words.toLowerCase();
  const product = [service.product, ...(service.alsoCalled ?? [])].some((name) => lower.includes(name.toLowerCase()));
  return { product, version: product && lower.includes(version.toLowerCase()) };
}

function mark(row: Row, words: string, shown: string): string {
  const { product, version } = right(row, words);
  const { tells } = row.standing.case;
  const verdict = version ? '✓ ' : product ? (tells === 'version' ? '✓ product ' : '✓ ') : '';
  return shown === '' ? NOTHING : verdict + shown;
}

const ratio = (ours: number, rival: number) => (rival > 0 ? `${Number((ours / rival).toPrecision(2))}` : NOTHING);
const some = (names: readonly string[] = []) => (names.length === 0 ? NOTHING : names.join(', '));

function cells(row: Row): string[] {
  const { standing, version, looks, plain, scripted } = row;
  const [own, bare, full] = [wall(looks), wall(plain), wall(scripted)];
  const shown = last(plain.filter(({ product }) => product !== ''))?.product ?? last(scripted)?.product ?? '';
  const timed = (ms: number, answers: readonly NmapAnswer[]) =>
    (answers.some(({ cut }) => cut) ? '> ' : '') + duration(ms);
  const told = { nothing: ' (tells nothing)', product: ' (tells no version)', version: '' }[standing.case.tells];
  return [
    standing.case.name,
    `${standing.service.product} ${version}${told}`,
    mark(row, oursSays(row), oursSays(row) || (last(looks)?.evidence.facts?.protocol ?? '')),
    mark(row, nmapSays(row), shown),
    some(last(looks)?.findings.map(({ id }) => id)),
    some(last(scripted)?.scripts),
    duration(own),
    timed(bare, plain),
    ratio(own, bare),
    timed(full, scripted),
    ratio(own, full),
  ];
}

function totals(rows: readonly Row[]): string[] {
  const count = (words: (row: Row) => string, which: 'product' | 'version') =>
    rows.filter((row) => right(row, words(row))[which]).length;
  const score = (words: (row: Row) => string) =>
    `${count(words, 'product')} products, ${count(words, 'version')} versions`;
  const [own, bare, full] = [
    sum(rows.map(({ looks }) => wall(looks))),
    sum(rows.map(({ plain }) => wall(plain))),
    sum(rows.map(({ scripted }) => wall(scripted))),
  ];
  const all = `all ${rows.length}`;
  const times = [duration(own), duration(bare), ratio(own, bare), duration(full), ratio(own, full)];
  return [all, NOTHING, score(oursSays), score(nmapSays), NOTHING, NOTHING, ...times];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '3' },
      ports: { type: 'string', default: 'usual' },
      only: { type: 'string' },
      limit: { type: 'string', default: '60' },
      help: { type: 'boolean', default: false },
    },
  });
  const ports: Ports | undefined = values.ports === 'usual' || values.ports === 'free' ? values.ports : undefined;
  if (values.help || ports === undefined || nmapVersion() === null) {
    say(values.help || ports === undefined ? HELP : 'This needs nmap.');
    return values.help ? 0 : 1;
  }
  const wanted = SERVICES.filter(({ product }) => values.only?.split(',').includes(product) ?? true);
  const here = wanted.filter((service) => {
    const why = service.missing();
    if (why !== undefined) say(`Left out, ${service.product}: ${why}.`);
    return why === undefined;
  });
  // As a client that knows the lab's own authority.
  setDefaultCACertificates([...getCACertificates('default'), LAB_ROOT]);
  const street = await openStreet(here, ports);
  for (const [product, why] of street.failed) say(`Did not start, ${product}: ${String(why)}`);
  try {
    say(describeMachine(new Date().toISOString().slice(0, 10)));
    const [first] = street.standing;
    if (first) say(`nmap alone, without \`-sV\`: ${duration((await askNmap(first.place, [], 60_000)).wallMs)}.\n`);
    say(`${line(HEADINGS)}\n${line(HEADINGS.map(() => '---'))}`);
    const rows: Row[] = [];
    for (const standing of street.standing) {
      const row = await measure(standing, Number(values.runs), Number(values.limit) * 1_000);
      rows.push(row);
      say(line(cells(row)));
    }
    say(line(totals(rows)));
    return 0;
  } finally {
    await street.close();
  }
}

process.exitCode = await main();
