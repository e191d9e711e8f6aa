import { portsOfPreset, TOP_MAX } from './presets.ts';

const LIKELY: ReadonlySet<number> = new Set(portsOfPreset(`@top${TOP_MAX}`));

/**
 * Ports in the order of trying: those likely to be open first, since an early answer tells the round-trip time and
 * gives canaries; then the others, as given.
 */
export function orderPorts(ports: readonly number[]): readonly number[] {
  const likely = ports.filter((port) => LIKELY.has(port));
  if (likely.length === 0 || likely.length === ports.length) return ports;
  return [...likely, ...ports.filter((port) => !LIKELY.has(port))];
}
