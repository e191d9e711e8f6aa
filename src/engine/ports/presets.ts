/**
 * Named port lists. Choice and order are this project's own judgement of what ops teams run and should look at first;
 * they are not a measured ranking and are not taken from another scanner.
 */

/** What a first look should cover, most telling first. */
const FIRST_LOOK: readonly number[] = [
  443, 80, 22, 3389, 25, 445, 8080, 21, 23, 53, 3306, 5432, 6379, 8443, 27017, 9200, 587, 143, 993, 110, 995, 465, 5900,
  1433, 139, 135, 111, 2049, 2375, 6443, 10250, 8000, 3000, 9090, 8888, 9000, 5000, 5601, 11211, 1521, 5985,
];

/** What comes next: administration, infrastructure, data stores, then old and rare services. */
const SECOND_LOOK: readonly number[] = [
  5986, 389, 636, 88, 2376, 2379, 5672, 15672, 1883, 8883, 9092, 2181, 9100, 8081, 8008, 81, 8088, 9093, 9091, 8500,
  8200, 8086, 10000, 2222, 873, 631, 515, 548, 554, 1723, 3128, 1080, 5060, 5061, 179, 3268, 3260, 8009, 7001, 9042,
  5984, 4369, 9300, 27018, 2083, 2087, 8291, 8728, 6000, 512, 513, 514, 902, 4444, 9229, 50000, 25565, 10255, 2380,
];

const BY_IMPORTANCE: readonly number[] = [...FIRST_LOOK, ...SECOND_LOOK];

/** The longest `@top<N>`. */
export const TOP_MAX = BY_IMPORTANCE.length;

const PRESETS: ReadonlyMap<string, readonly number[]> = new Map([
  ['@web', [80, 443, 3000, 5000, 8000, 8008, 8080, 8081, 8088, 8443, 8888, 9000, 9090]],
  ['@mail', [25, 110, 143, 465, 587, 993, 995]],
  [
    '@db',
    [
      1433, 1521, 3306, 5432, 5984, 6379, 6432, 7474, 7687, 8086, 8123, 9042, 9200, 9300, 11211, 26379, 27017, 27018,
      27019, 33060, 50000,
    ],
  ],
  ['@remote', [22, 23, 512, 513, 514, 902, 2222, 3389, 5800, 5900, 5901, 5902, 5903, 5985, 5986, 6000, 8291, 10000]],
  ['@containers', [2375, 2376, 2377, 2379, 2380, 5000, 6443, 7946, 8001, 9000, 10250, 10255, 10256, 10257, 10259]],
  ['@common', FIRST_LOOK.toSorted((a, b) => a - b)],
]);

/** The presets to show to people; `@top20` and `@top100` stand for any `@top<N>`. */
export const PRESET_NAMES: readonly string[] = [...PRESETS.keys(), '@top20', '@top100'];

/**
 * The ports of a preset such as `@web` or `@top20` (N from 1 to {@link TOP_MAX}), ascending; `undefined` for an
 * unknown one. Upper and lower case are one.
 */
export function portsOfPreset(preset: string): readonly number[] | undefined {
  const name = preset.toLowerCase();
  const count = /^@top([1-9][0-9]{0,2})$/.exec(name)?.[1];
  if (count === undefined) return PRESETS.get(name);
  const size = Number(count);
  return size <= TOP_MAX ? BY_IMPORTANCE.slice(0, size).sort((a, b) => a - b) : undefined;
}
