import { usualService } from '../advice/usualService.ts';
import type { PortState } from '../engine/types.ts';
import type { ScanResult } from '../scans/result.ts';

/** What one run says of one port. `unknown`: it was not scanned, or could not be tested. */
export type CellState = 'open' | 'closed' | 'filtered' | 'unknown';

/** One port over all runs. */
export interface TimelineRow {
  readonly port: number;
  /** What was last seen behind it, else what usually is. May hold foreign text. */
  readonly service: string;
  /** One for each run. */
  readonly cells: readonly CellState[];
}

export interface Timeline {
  /** Canonical. */
  readonly host: string;
  /** When each run began, oldest first, in ISO 8601. */
  readonly runs: readonly string[];
  /** By port. */
  readonly rows: readonly TimelineRow[];
  /** Ports that were open at some time, too, and have no row. */
  readonly left: readonly number[];
}

/** More columns or rows could not be read on a phone. */
export const MAX_COLUMNS = 12;
export const MAX_ROWS = 12;

/**
 * The last runs of one host as rows: one for each port that was open in any of them. Where there are too many, those stay
 * that changed, then those that are open now.
 *
 * @param results newest first, at least one
 */
export function timelineOf(results: readonly ScanResult[]): Timeline {
  const runs = results.slice(0, MAX_COLUMNS).toReversed();
  const states = runs.map(({ verdicts }) => new Map(verdicts.map(({ port, state }) => [port, cellOf(state)])));
  const ports = [...new Set(runs.flatMap(({ open }) => open.map(({ port }) => port)))].sort((a, b) => a - b);
  const rows = ports.map(
    (port): TimelineRow => ({
      port,
      service: serviceOf(port, runs),
      cells: states.map((each) => each.get(port) ?? 'unknown'),
    }),
  );
  const kept = new Set(rows.toSorted((a, b) => interest(b) - interest(a)).slice(0, MAX_ROWS));
  return {
    host: runs[0]?.record.host ?? '',
    runs: runs.map(({ record }) => record.startedAt),
    rows: rows.filter((row) => kept.has(row)),
    left: rows.filter((row) => !kept.has(row)).map(({ port }) => port),
  };
}

function cellOf(state: PortState): CellState {
  if (state === 'error') return 'unknown';
  // UDP alone; the half that matters here is that something may be there.
  return state === 'open|filtered' ? 'filtered' : state;
}

function interest({ cells }: TimelineRow): number {
  const known = cells.filter((cell) => cell !== 'unknown');
  const changed = new Set(known).size > 1;
  return Number(changed) * 2 + Number(known.at(-1) === 'open');
}

function serviceOf(port: number, runs: readonly ScanResult[]): string {
  for (const { open } of runs.toReversed()) {
    const service = open.find((each) => each.port === port)?.service;
    if (service?.isRecognised) return service.text.text;
  }
  return usualService(port).text;
}
