import { createDial } from '../../src/probes/link.ts';
import { createProber, type Prober } from '../../src/probes/run.ts';

/** The real prober, over real sockets, with less patience: loopback answers at once, and silence need not be waited for. */
export function quickProber(): Prober {
  return createProber({
    dial: createDial({ timeoutMs: 500, maxBytes: 256 * 1_024 }),
    now: Date.now,
    limits: { listenMs: 60, briefMs: 30, helloMs: 200, portMs: 3_000 },
    onDefect: (error) => {
      throw error;
    },
  });
}
