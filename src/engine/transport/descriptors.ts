import { readdirSync, readFileSync } from 'node:fs';

/** The share of the free descriptors one scan may take: the rest of the process, and other scans, need some too. */
const SHARE = 0.6;
const MOST = 12_000;
/** Where the system does not say; Node raises its soft limit to the hard one at start, so this is modest. */
const UNKNOWN = 1_000;

/**
 * How many sockets a scan may have open at once: a share of the process's free file descriptors by
 * proc_pid_limits(5), at least 1. A guess for planning only: running out is handled where it happens.
 */
export function descriptorBudget(): number {
  try {
    const softLimit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (softLimit === undefined) return UNKNOWN;
    const free = Number(softLimit) - readdirSync('/proc/self/fd').length;
    return Math.min(MOST, Math.max(1, Math.floor(free * SHARE)));
  } catch {
    return UNKNOWN;
  }
}
