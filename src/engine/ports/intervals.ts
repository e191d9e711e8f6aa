/** A closed range of port numbers: first ≤ last. */
export type Interval = readonly [first: number, last: number];

/** Ports of both protocols, each ascending and each port once. */
export interface PortList {
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

/** The highest port number (RFC 9293 §3.1, RFC 768: the field has 16 bits). */
export const MAX_PORT = 65_535;

/** The same set of ports as sorted intervals that neither overlap nor touch. O(n log n) in the intervals. */
export function mergeIntervals(intervals: readonly Interval[]): readonly Interval[] {
  const merged: [number, number][] = [];
  for (const [first, last] of intervals.toSorted((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** How many ports merged intervals hold. */
export function countPorts(merged: readonly Interval[]): number {
  return merged.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** Every port of merged intervals, ascending. */
export function expandIntervals(merged: readonly Interval[]): number[] {
  const ports: number[] = [];
  for (const [first, last] of merged) {
    for (let port = first; port <= last; port += 1) ports.push(port);
  }
  return ports;
}

/** The items of a list: sorted, each port once; three or more in a row make a range. */
function items(ports: readonly number[]): readonly string[] {
  return mergeIntervals(ports.map((port) => [port, port])).flatMap(([first, last]) => {
    if (first === last) return [`${first}`];
    return last === first + 1 ? [`${first}`, `${last}`] : [`${first}-${last}`];
  });
}

/**
 * Ports as short text that `parsePorts` reads back: `22,80,8000-8010`. Sorted, each once; three or more in a row make
 * a range. Empty for no ports.
 */
export function formatPorts(ports: readonly number[]): string {
  return items(ports).join(',');
}

/** Ports of both protocols as short text that `parsePortList` reads back: `22,80,53/udp,5000-5010/udp`. */
export function formatPortList({ tcp, udp }: PortList): string {
  return [...items(tcp), ...items(udp).map((item) => `${item}/udp`)].join(',');
}

/**
 * Reads what `formatPorts` wrote, of any length: the form in which ports are stored. Undefined for any other text, which
 * is then a damaged record; what people type goes through `parsePorts`.
 */
export function readPorts(text: string): readonly number[] | undefined {
  const intervals: Interval[] = [];
  for (const item of text.split(',')) {
    const [, first, last] = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(item) ?? [];
    if (first === undefined) return undefined;
    intervals.push([Number(first), Number(last ?? first)]);
  }
  if (intervals.some(([first, last]) => first > last || last > MAX_PORT)) return undefined;
  return expandIntervals(mergeIntervals(intervals));
}
