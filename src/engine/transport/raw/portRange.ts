/** Source ports, both ends included. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}

/** Fewer make attempts at one port wait for each other. */
const LEAST = 2_048;
const MOST = 16_384;
/** Below are the ports of services (RFC 6335 §6), whose answers firewalls treat as such. */
const LOWEST = 1_024;
const HIGHEST = 65_535;
/** The dynamic ports of RFC 6335 §6. */
const DYNAMIC: PortRange = { low: 49_152, high: HIGHEST };

/**
 * Source ports that the system does not hand out itself, above its own range or else below: an answer to a SYN of ours
 * must not meet a connection of the system, which would not know what to make of it. Where the system has it all, the
 * dynamic ports; then the sequence number alone tells whose answer it is.
 *
 * @param text ip(7) `/proc/sys/net/ipv4/ip_local_port_range`
 */
export function sourcePortRange(text: string): PortRange {
  const [low = Number.NaN, high = Number.NaN] = text.trim().split(/\s+/).map(Number);
  if (HIGHEST - high >= LEAST) return { low: Math.max(high + 1, HIGHEST - MOST + 1), high: HIGHEST };
  if (low - LOWEST >= LEAST) return { low: Math.max(LOWEST, low - MOST), high: low - 1 };
  return DYNAMIC;
}
