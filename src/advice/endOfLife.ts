import { compareVersions, versionNumbers } from '../probes/products/version.ts';
import { LIFECYCLES } from './endOfLife/table.ts';

export { END_OF_LIFE_TABLE_MADE } from './endOfLife/table.ts';

/** How long one version of a product is maintained. */
export interface EndOfLife {
  readonly product: string;
  /** The release cycle that the version belongs to, or the oldest one that is known where the version is older still. */
  readonly cycle: string;
  /** True: nobody gets fixes any more, paid support aside. */
  readonly ended: boolean;
  /** YYYY-MM-DD, past or to come; undefined where no day is named yet. */
  readonly endedOn: string | undefined;
  /** True for a version older than every known cycle: it ended on that day at the latest. */
  readonly atTheLatest: boolean;
  /** Address where the day was read. */
  readonly source: string;
}

interface Cycle {
  readonly cycle: string;
  readonly numbers: readonly number[];
  readonly endsOn: string | undefined;
}

/** Other names for what the table calls otherwise. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['apache', 'apache httpd'],
  ['httpd', 'apache httpd'],
  ['apache tomcat', 'tomcat'],
  ['kubernetes api', 'kubernetes'],
  ['kubelet', 'kubernetes'],
  ['microsoft-iis', 'iis'],
  ['postgres', 'postgresql'],
  ['openresty', 'nginx'],
  ['red hat enterprise linux or a rebuild', 'red hat enterprise linux'],
]);

function parseCycles(text: string): readonly Cycle[] {
  return text.split(',').map((entry) => {
    const [cycle = '', day = '-'] = entry.trim().split(/\s+/);
    return { cycle, numbers: versionNumbers(cycle), endsOn: day === '-' ? undefined : day };
  });
}

const table: ReadonlyMap<string, { product: string; source: string; cycles: readonly Cycle[] }> = new Map(
  LIFECYCLES.map(([product, source, cycles]) => [
    product.toLowerCase(),
    { product, source, cycles: parseCycles(cycles) },
  ]),
);

/** Products with known cycles, as the table names them. */
export const PRODUCTS_WITH_LIFECYCLES: readonly string[] = LIFECYCLES.map(([product]) => product);

/**
 * Whether this version of a product is still maintained at `nowMs` (epoch milliseconds; a cycle is maintained on its last
 * day, UTC). Undefined where nothing is known: another product, a version without numbers, a cycle that is not in the table.
 * Of versions that distributions patch this says nothing: see `patchesOldVersions`.
 */
export function endOfLifeOf(product: string, version: string, nowMs: number): EndOfLife | undefined {
  const name = product.trim().toLowerCase();
  const entry = table.get(ALIASES.get(name) ?? name);
  const numbers = versionNumbers(version);
  if (entry === undefined || numbers.length === 0) return undefined;
  const exact = cycleOf(entry.cycles, numbers);
  const cycle = exact ?? olderThanAll(entry.cycles, version);
  if (cycle === undefined) return undefined;
  return {
    product: entry.product,
    cycle: cycle.cycle,
    ended: cycle.endsOn !== undefined && nowMs >= Date.parse(`${cycle.endsOn}T00:00:00Z`) + 86_400_000,
    endedOn: cycle.endsOn,
    atTheLatest: exact === undefined,
    source: entry.source,
  };
}

/** The cycle with the most leading numbers in common, all of its own: 26.1 before 26. */
function cycleOf(cycles: readonly Cycle[], numbers: readonly number[]): Cycle | undefined {
  return cycles
    .filter((cycle) => cycle.numbers.every((number, index) => numbers[index] === number))
    .sort((a, b) => b.numbers.length - a.numbers.length)[0];
}

/** What came before the oldest cycle ended no later than it. */
function olderThanAll(cycles: readonly Cycle[], version: string): Cycle | undefined {
  const oldest = cycles.at(-1);
  return oldest?.endsOn !== undefined && compareVersions(version, oldest.cycle) < 0 ? oldest : undefined;
}
