import { readFileSync } from 'node:fs';
import type { ScannableAddress } from '../types.ts';

/** How long one reading of the table is believed: resolving takes a second a try, answers come within milliseconds. */
const BELIEVED_MS = 50;
/** The entry's link address is known (linux/if_arp.h). */
const ATF_COM = 0x2;

/** The IPv4 addresses of an ARP table in the form of proc_net(5) `/proc/net/arp` whose link address is not known. */
export function incompleteNeighbours(table: string): Set<string> {
  const incomplete = new Set<string>();
  for (const line of table.split('\n').slice(1)) {
    const [address, , flags] = line.trim().split(/\s+/);
    if (address && flags && (Number(flags) & ATF_COM) === 0) incomplete.add(address);
  }
  return incomplete;
}

/**
 * Tells whether the kernel still looks for an IPv4 neighbour's link address by ARP (RFC 826). Also true for some time
 * after it has given up, which the table does not tell apart; false for IPv6, and where there is no such table.
 *
 * @param now monotonic milliseconds
 */
export function createNeighbours(
  now: () => number,
  read: () => string = () => readFileSync('/proc/net/arp', 'utf8'),
): (address: ScannableAddress) => boolean {
  let incomplete = new Set<string>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  return (address) => {
    if (now() - readAtMs > BELIEVED_MS) {
      readAtMs = now();
      try {
        incomplete = incompleteNeighbours(read());
      } catch {
        incomplete = new Set();
        readAtMs = Number.POSITIVE_INFINITY;
      }
    }
    return incomplete.has(address);
  };
}
