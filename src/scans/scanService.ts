import { randomBytes } from 'node:crypto';
import { formatPorts } from '../engine/ports/intervals.ts';
import type { ScanJob } from './gate.ts';
import { type JobQueue, QueueFull } from './queue.ts';
import { createScanRun, type ScanRunDeps } from './scanRun.ts';
import type { RunOptions, ScanOutcome, ScanService } from './types.ts';

export interface ScanServiceDeps extends ScanRunDeps {
  readonly queue: JobQueue;
}

interface Running {
  readonly job: ScanJob;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** The way from an accepted request to a kept result; knows nothing of Discord. */
export function createScanService(deps: ScanServiceDeps): ScanService {
  const { gate, queue } = deps;
  const scan = createScanRun(deps);
  const running = new Map<string, Running>();

  async function runQueued(
    id: string,
    job: ScanJob,
    options: RunOptions,
    controller: AbortController,
  ): Promise<ScanOutcome> {
    const { onProgress, stillMay } = options;
    const { signal } = controller;
    let waited = false;
    const onPlace = (place: number) => {
      waited = true;
      onProgress({ phase: 'queued', scanId: id, place });
    };
    const work = async () => {
      const revoked = waited ? await stillMay?.() : undefined;
      return revoked ? scan.refuse(job, revoked) : scan.run(id, job, onProgress, controller);
    };
    try {
      return await queue.run(job.guildId, work, { signal, onPlace, userId: job.userId });
    } catch (error) {
      if (signal.aborted && signal.reason === 'cancelled') return { outcome: 'cancelled' };
      if (!(error instanceof QueueFull)) throw error;
      await scan.recordRefused(job, 'queue-full');
      return { outcome: 'busy', scope: error.scope };
    }
  }

  return {
    async run(job, options) {
      const refusal = await gate.precheck(job);
      if (refusal) return scan.refuse(job, refusal);
      const id = randomBytes(12).toString('base64url');
      const { canonical: host, display } = job.target;
      await options.onAccepted?.({ id, host, display, ports: formatPorts(job.ports) });
      const controller = new AbortController();
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      running.set(id, { job, controller, ended });
      const pass = () => controller.abort(options.signal.reason);
      options.signal.addEventListener('abort', pass, { once: true });
      if (options.signal.aborted) pass();
      try {
        return await runQueued(id, job, options, controller);
      } finally {
        options.signal.removeEventListener('abort', pass);
        running.delete(id);
        end();
      }
    },
    cancel(guildId, scanId, allowed) {
      const found = running.get(scanId);
      if (!found || found.job.guildId !== guildId) return 'unknown';
      if (!allowed(found.job.userId)) return 'not-yours';
      found.controller.abort('cancelled');
      return 'cancelled';
    },
    async cancelAll(guildId) {
      const mine = [...running.values()].filter(({ job }) => job.guildId === guildId);
      for (const { controller } of mine) controller.abort('cancelled');
      await Promise.all(mine.map(({ ended }) => ended));
    },
  };
}
