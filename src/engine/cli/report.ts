import type { PortResult, ScanSummary } from '../types.ts';

/** Turns verdicts into output; every method gives whole lines, or nothing. */
export interface Report {
  /** What to print as soon as a verdict falls. */
  verdict(result: PortResult): string;
  /** True when {@link settle} has something to print. */
  due(): boolean;
  /** What to print of hosts that are finished. */
  settle(summary: ScanSummary): string;
  /** The rest, once. */
  end(summary: ScanSummary): string;
}

/** One JSON object a line in a fixed order of keys, then one line with the summary. */
export function jsonReport(): Report {
  return {
    verdict({ address, port, protocol, state, reason, rttMs, attempts, confidence, sender }) {
      const keys = { address, port, protocol, state, reason, rttMs, attempts, confidence, sender };
      return `${JSON.stringify(keys)}\n`;
    },
    due: () => false,
    settle: () => '',
    end: (summary) => `${JSON.stringify({ summary })}\n`,
  };
}
