/** How one cable treats packets. Times in milliseconds, loss from 0 to 1, the same in both directions. */
export interface LinkModel {
  /** Fixed delay one way. */
  readonly delayMs: number;
  /** Added to the delay one way, uniform between 0 and this. */
  readonly jitterMs: number;
  readonly loss: number;
  /** The narrowest place on the way to the target, or `null`. */
  readonly bottleneck: Bottleneck | null;
}

export interface Bottleneck {
  readonly packetsPerSecond: number;
  /** Packets that may wait; one more is dropped (drop-tail). */
  readonly queue: number;
}

export interface Direction {
  /** When the packet that arrives at `nowMs` comes out; `LOST` or `QUEUE_DROP` when it does not. */
  arrive(nowMs: number): number;
}

export const LOST = -1;
export const QUEUE_DROP = -2;

/**
 * One direction of the cable. The bottleneck is a server with a fixed service time: what waits is known from when it
 * will next be free, so no queue needs to be kept. Jitter is drawn for each packet alone, so packets may overtake.
 */
export function direction(model: LinkModel, random: () => number): Direction {
  const { bottleneck } = model;
  const serviceMs = bottleneck === null ? 0 : 1_000 / bottleneck.packetsPerSecond;
  const longestMs = bottleneck === null ? 0 : bottleneck.queue * serviceMs;
  let freeAt = 0;
  return {
    arrive(nowMs) {
      let departure = nowMs;
      if (bottleneck !== null) {
        const start = Math.max(nowMs, freeAt);
        if (start - nowMs > longestMs) return QUEUE_DROP;
        freeAt = start + serviceMs;
        departure = freeAt;
      }
      if (model.loss > 0 && random() < model.loss) return LOST;
      return departure + model.delayMs + (model.jitterMs > 0 ? random() * model.jitterMs : 0);
    },
  };
}
