/** The ports that answer on every bed. One lies among Linux's ephemeral ports (32768 to 60999), for self-connects. */
export const OPEN_PORTS: readonly number[] = [
  22, 80, 25, 53, 110, 143, 389, 636, 993, 995, 1433, 3306, 3389, 5432, 5900, 6379, 8080, 8443, 9200, 27017, 50000,
];

/** On bed f the same ports are of four kinds. */
export const FLAKY_PORTS = OPEN_PORTS.slice(2, 10);
export const FULL_PORTS = OPEN_PORTS.slice(10, 14);
export const ONCE_PORTS = OPEN_PORTS.slice(14, 21);

const ALL = 65_535;
const CLOSED_WEB = 443;

/**
 * The list of `size` ports: for 3 it is 22, 80 and 443 (two of them open), for 65535 every port, else all open ports,
 * 443, and the lowest numbers that fill it up. Ascending, from 3 or 22 upwards.
 */
export function portSet(size: number): readonly number[] {
  if (size === 3) return [22, 80, CLOSED_WEB];
  if (size > ALL || size < OPEN_PORTS.length + 1) throw new RangeError(`no set of ${size} ports`);
  const chosen = new Set([...OPEN_PORTS, CLOSED_WEB]);
  for (let port = 1; chosen.size < size; port++) chosen.add(port);
  return [...chosen].toSorted((a, b) => a - b);
}

/** As the -p of nmap and of our command line take it. */
export function portArgument(ports: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const port of ports) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] + 1 === port) last[1] = port;
    else runs.push([port, port]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** The reverse of {@link portArgument}. */
export function parsePortArgument(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
