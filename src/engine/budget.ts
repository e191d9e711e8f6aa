import { createTokenBucket, type TokenBucket } from './core/bucket.ts';

export interface BudgetConfig {
  /** Most packets a second of the whole process. */
  readonly packetsPerSecond: number;
  /** Most packets a second to one destination network (IPv4 /24, IPv6 /48). */
  readonly networkPacketsPerSecond: number;
  /** Most sockets open at once. */
  readonly sockets: number;
}

/** One scan's part in the budget. */
export interface Claim {
  /** When one more packet to this network may leave: `nowMs` or later. */
  readyAtMs(network: string, nowMs: number): number;
  /** Takes it; ask first. */
  take(network: string, nowMs: number): void;
  /** How many sockets this scan may have open: an equal share. */
  sockets(): number;
  opened(): void;
  closed(): void;
  /** True while other scans hold sockets. */
  othersOpen(): boolean;
  /** The scan is over. */
  leave(): void;
}

/** What all scans of a process share, fairly: packets a second, and sockets. */
export interface Budget {
  join(): Claim;
}

/** A scan that has not asked for so long needs no share of the rate. */
const IDLE_MS = 100;
const MOST_NETWORKS = 4_096;

export function createBudget(config: BudgetConfig): Budget {
  const process = createTokenBucket(config.packetsPerSecond);
  const networks = new Map<string, TokenBucket>();
  const members = new Set<{ askedAtMs: number; open: number; readonly bucket: TokenBucket }>();

  function network(name: string): TokenBucket {
    const known = networks.get(name);
    if (known !== undefined) return known;
    const made = createTokenBucket(config.networkPacketsPerSecond);
    networks.set(name, made);
    return made;
  }

  function active(nowMs: number): number {
    let count = 0;
    for (const member of members) if (nowMs - member.askedAtMs < IDLE_MS) count += 1;
    return Math.max(1, count);
  }

  return {
    join() {
      const member = {
        askedAtMs: Number.NEGATIVE_INFINITY,
        open: 0,
        bucket: createTokenBucket(config.packetsPerSecond),
      };
      members.add(member);
      return {
        readyAtMs(name, nowMs) {
          member.askedAtMs = nowMs;
          member.bucket.setRate(config.packetsPerSecond / active(nowMs));
          return Math.max(process.readyAtMs(nowMs), network(name).readyAtMs(nowMs), member.bucket.readyAtMs(nowMs));
        },
        take(name, nowMs) {
          process.take(nowMs);
          network(name).take(nowMs);
          member.bucket.take(nowMs);
        },
        sockets: () => Math.max(1, Math.floor(config.sockets / members.size)),
        opened() {
          member.open += 1;
        },
        closed() {
          member.open -= 1;
        },
        othersOpen() {
          for (const other of members) if (other !== member && other.open > 0) return true;
          return false;
        },
        leave() {
          members.delete(member);
          // A name a scan would only grow.
          if (members.size === 0 || networks.size > MOST_NETWORKS) networks.clear();
        },
      };
    },
  };
}
