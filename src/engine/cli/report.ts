import { formatPorts } from '../ports/intervals.ts';
import { serviceNameOf } from '../ports/services.ts';
import type { PortResult, ScanSummary } from '../types.ts';

/** Up to this many ports each get a line of their own, whatever their state. */
const FEW_PORTS = 10;

/** Turns verdicts into output: `verdict` as they fall, `end` once; both give whole lines, or nothing. */
export interface Report {
  verdict(result: PortResult): string;
  end(summary: ScanSummary): string;
}

/** One JSON object a line in a fixed order of keys, then one line with the summary. */
export function jsonReport(): Report {
  return {
    verdict({ address, port, protocol, state, reason, rttMs, attempts }) {
      return `${JSON.stringify({ address, port, protocol, state, reason, rttMs, attempts })}\n`;
    },
    end: (summary) => `${JSON.stringify({ summary })}\n`,
  };
}

function portLine({ port, protocol, state, reason, rttMs }: PortResult): string {
  const rtt = rttMs === null ? '' : ` ${rttMs.toFixed(1)} ms`;
  return `${port}/${protocol} ${state} ${serviceNameOf(port) ?? '-'} ${reason}${rtt}\n`;
}

/** One line for each state and reason, with the count and the ports as ranges. */
function foldedLines(results: readonly PortResult[]): string {
  const groups = Map.groupBy(results, ({ state, reason }) => `${state} ${reason}`);
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, group]) => `${group.length} ${name}: ${formatPorts(group.map(({ port }) => port))}\n`)
    .join('');
}

function count(amount: number, thing: string): string {
  return `${amount} ${thing}${amount === 1 ? '' : 's'}`;
}

function summaryLine({ address, total, counts, complete, unprobed, attempts, durationMs }: ScanSummary): string {
  const states = Object.entries(counts).map(([state, number]) => `${number} ${state}`);
  const left = complete ? '' : `; interrupted, ${unprobed} without a verdict`;
  const time = `${(durationMs / 1000).toFixed(2)} s`;
  return `${address}: ${count(total, 'port')} in ${time}, ${count(attempts, 'attempt')}: ${states.join(', ')}${left}\n`;
}

/**
 * Lines for people. Of a long list only open ports get a line, as soon as they are found; the others are folded into
 * ranges at the end. A short list is printed whole and in order at the end.
 */
export function textReport(total: number): Report {
  const few = total <= FEW_PORTS;
  const kept: PortResult[] = [];
  return {
    verdict(result) {
      if (!few && result.state === 'open') return portLine(result);
      kept.push(result);
      return '';
    },
    end(summary) {
      const rest = few
        ? kept
            .toSorted((a, b) => a.port - b.port)
            .map(portLine)
            .join('')
        : foldedLines(kept);
      return rest + summaryLine(summary);
    },
  };
}
