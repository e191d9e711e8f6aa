import { portsOfPreset, TOP_MAX } from './presets.ts';

const LIKELY: ReadonlySet<number> = new Set(portsOfPreset(`@top${TOP_MAX}`));

/**
 * Ports in the order of trying: those likely to be open first, since an early answer tells the round-trip time and
 * gives canaries; then the others, as given. Two bytes a port, since many scans of many ports may run at once.
 */
export function orderPorts(ports: readonly number[]): Uint16Array {
  const ordered = new Uint16Array(ports.length);
  let place = 0;
  for (const port of ports) if (LIKELY.has(port)) ordered[place++] = port;
  for (const port of ports) if (!LIKELY.has(port)) ordered[place++] = port;
  return ordered;
}
