/** What the relay saw in one direction since it was last asked. */
export interface DirectionCounters {
  /** Packets that entered. */
  readonly packets: number;
  readonly lost: number;
  /** Dropped because the bottleneck's queue was full. */
  readonly queueDrops: number;
  /** The far side did not take the packet: the lab has failed. */
  readonly refused: number;
  /** Most packets a second in any of the consecutive windows of {@link WINDOW_MS}. */
  readonly peakPerSecond: number;
}

export interface RelayCounters {
  readonly toTarget: DirectionCounters;
  readonly toScanner: DirectionCounters;
  /** Longest time in milliseconds by which a packet left after it was due. */
  readonly worstLateMs: number;
}

export const WINDOW_MS = 100;

/** Counts one direction. */
export interface Meter {
  arrived(nowMs: number): void;
  lost(): void;
  queueDropped(): void;
  refused(): void;
  /** What was counted since the last call. */
  take(): DirectionCounters;
}

export function meter(): Meter {
  let packets = 0;
  let lost = 0;
  let queueDrops = 0;
  let refused = 0;
  let mostInWindow = 0;
  let inWindow = 0;
  let windowEndsAt = 0;
  return {
    arrived(nowMs) {
      packets += 1;
      if (nowMs >= windowEndsAt) {
        windowEndsAt = nowMs + WINDOW_MS;
        inWindow = 0;
      }
      inWindow += 1;
      if (inWindow > mostInWindow) mostInWindow = inWindow;
    },
    lost() {
      lost += 1;
    },
    queueDropped() {
      queueDrops += 1;
    },
    refused() {
      refused += 1;
    },
    take() {
      const taken = { packets, lost, queueDrops, refused, peakPerSecond: (mostInWindow * 1_000) / WINDOW_MS };
      packets = lost = queueDrops = refused = mostInWindow = inWindow = windowEndsAt = 0;
      return taken;
    },
  };
}
