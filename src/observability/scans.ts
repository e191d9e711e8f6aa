import type { Evidence } from '../probes/evidence.ts';
import type { Prober } from '../probes/run.ts';
import type { ScanService } from '../scans/types.ts';
import type { Metrics } from './metrics.ts';

/** A scan service that is counted. */
export function observeScans(scans: ScanService, metrics: Pick<Metrics, 'scan' | 'portsScanned'>): ScanService {
  return {
    ...scans,
    async run(job, options) {
      try {
        const ended = await scans.run(job, options);
        if (ended.outcome !== 'finished') {
          metrics.scan({ outcome: ended.outcome });
          return ended;
        }
        const { stopped, durationMs, groups } = ended.record;
        metrics.scan({ outcome: stopped === undefined ? 'finished' : 'stopped', durationMs });
        for (const { state, ports } of groups) metrics.portsScanned(state, countPorts(ports));
        return ended;
      } catch (error) {
        // Stopped before it began: the signal's reason is not an error.
        metrics.scan({ outcome: options.signal.aborted ? 'stopped' : 'failed' });
        throw error;
      }
    },
  };
}

/** How many ports a list as `formatPorts` writes it holds. */
function countPorts(ports: string): number {
  return ports.split(',').reduce((sum, item) => {
    const [first, last] = (item.match(/\d+/g) ?? []).map(Number);
    return first === undefined ? sum : sum + (last ?? first) - first + 1;
  }, 0);
}

/** A prober whose evidence is counted by the protocol that was understood, or `none`. */
export function observeProber(prober: Prober, metrics: Pick<Metrics, 'probe'>): Prober {
  return {
    async *probePorts(request, signal) {
      for await (const evidence of prober.probePorts(request, signal)) {
        metrics.probe({ protocol: protocolOf(evidence), seen: evidence.seen });
        yield evidence;
      }
    },
  };
}

function protocolOf({ facts, tls }: Evidence): string {
  return facts?.protocol ?? (tls ? 'tls' : 'none');
}
