import type { Measurement, Sample } from './measure.ts';
import { ratioFor } from './rows.ts';
import { median, sum } from './statistics.ts';

/** A row as the table shows it. Times in milliseconds; NaN where there is nothing to tell. */
export interface Assessment {
  readonly measurement: Measurement;
  readonly oursMs: number;
  readonly rivalMs: number;
  /** The rival was cut: its time, and so the ratio, are bounds. */
  readonly bound: boolean;
  readonly target: number | null;
  readonly ratio: number;
  readonly mistakes: number;
  readonly packetRatio: number;
  readonly peakPerSecond: number;
  readonly worstToMedian: number;
  /** What the row does not reach; empty when it does. */
  readonly shortfalls: readonly string[];
}

const MOST_PACKETS = 1.6;
const WORST_TO_MEDIAN = 3;
/** The spread of the times is judged over so many runs. */
const SPREAD_RUNS = 20;
/** A window of 100 ms may catch the bucket's depth twice. */
const BUDGET_SLACK = 1.1;
const SEES_ICMP: ReadonlySet<string> = new Set(['ffi', 'raw']);

function mistakesIn({ row, transport, ours }: Measurement): number {
  const count = (pick: (sample: Sample) => number) => sum(ours.map(pick));
  switch (row.accuracy.by) {
    case 'flaky':
      return count(({ score }) => score.flakyMissed);
    case 'missedOpen':
      return count(({ score }) => score.missedOpen);
    case 'falseOpen':
      return count(({ score }) => score.falseOpen);
    case 'strict':
      return count(({ score }) => (SEES_ICMP.has(transport) ? score.strictWrong : score.wrong));
    default:
      return count(({ score }) => score.wrong);
  }
}

function accuracyShortfalls(measurement: Measurement, mistakes: number): string[] {
  const { row, ours } = measurement;
  const { by, most } = row.accuracy;
  const examples = ours.flatMap(({ score }) => score.examples).slice(0, 2);
  const chances = sum(ours.map(({ score }) => score.flakyTotal));
  const share = by === 'flaky' ? mistakes / chances : mistakes;
  const others = sum(ours.map(({ score }) => score.wrong)) - (by === 'flaky' ? 0 : mistakes);
  return [
    ...(share > most ? [`${mistakes} ${by} (at most ${by === 'flaky' ? `${most * 100} %` : most})`, ...examples] : []),
    // Mistakes of another kind than the row is about are told all the same.
    ...(others > 0 && share <= most ? [`${others} other wrong verdicts`, ...examples] : []),
  ];
}

function trafficShortfalls(measurement: Measurement, packetRatio: number, peak: number): string[] {
  const { row, ours, rival, rate } = measurement;
  const rivalPeak = Math.max(...rival.map(({ peakPerSecond }) => peakPerSecond));
  // A rival that was cut has not sent all it would have.
  const comparable = !rival.some(({ cut }) => cut);
  const usualPeak = median(ours.map(({ peakPerSecond }) => peakPerSecond));
  const drops = sum(ours.map(({ queueDrops }) => queueDrops)) / sum(ours.map(({ packets }) => packets));
  return [
    ...(!row.lossy && comparable && packetRatio > MOST_PACKETS
      ? [`${packetRatio.toFixed(2)} × the rival's packets`]
      : []),
    ...(rate !== null && peak > rate * BUDGET_SLACK ? [`peak ${peak.toFixed(0)}/s over the budget of ${rate}/s`] : []),
    ...(row.rate === 'as-rival' && usualPeak > rivalPeak
      ? [`peak ${usualPeak.toFixed(0)}/s over the rival's highest, ${rivalPeak.toFixed(0)}/s`]
      : []),
    ...(row.queueDropShare !== null && drops > row.queueDropShare
      ? [`queue drops ${(drops * 100).toFixed(0)} % of what we sent`]
      : []),
  ];
}

function runShortfalls({ row, ours, peakMiB }: Measurement, worstToMedian: number): string[] {
  const hostFaults = ours.flatMap(({ hostFault }) => hostFault ?? []);
  const labFaults = new Set(ours.flatMap(({ labFaults }) => labFaults));
  const unsteady = row.lossy && ours.length >= SPREAD_RUNS && worstToMedian > WORST_TO_MEDIAN;
  const fat = row.memoryMiB !== null && (peakMiB ?? 0) > row.memoryMiB;
  return [
    ...(hostFaults.length > 0 ? [`${hostFaults[0]} (${hostFaults.length} runs)`] : []),
    ...[...labFaults].map((fault) => `lab: ${fault}`),
    ...(unsteady ? [`worst run ${worstToMedian.toFixed(1)} × the median`] : []),
    ...(fat ? [`${peakMiB?.toFixed(0)} MiB (at most ${row.memoryMiB})`] : []),
  ];
}

/** Holds what was measured against what the row asks. */
export function assess(measurement: Measurement): Assessment {
  const { row, ours, rival, transport, trouble } = measurement;
  const walls = (samples: readonly Sample[]) => samples.map(({ wallMs }) => wallMs);
  const packets = (samples: readonly Sample[]) => median(samples.map((sample) => sample.packets));
  const oursMs = median(walls(ours));
  const rivalMs = median(walls(rival));
  const ratio = oursMs / rivalMs;
  const target = ratioFor(row, transport);
  const mistakes = mistakesIn(measurement);
  const packetRatio = packets(ours) / packets(rival);
  const peakPerSecond = ours.length === 0 ? Number.NaN : Math.max(...ours.map((sample) => sample.peakPerSecond));
  const worstToMedian = Math.max(...walls(ours)) / oursMs;
  const shortfalls =
    trouble !== null
      ? [`cannot run: ${trouble}`]
      : [
          ...(target !== null && !(ratio <= target) ? [`ratio over ${target}`] : []),
          ...accuracyShortfalls(measurement, mistakes),
          ...trafficShortfalls(measurement, packetRatio, peakPerSecond),
          ...runShortfalls(measurement, worstToMedian),
        ];
  const bound = rival.some(({ cut }) => cut);
  const numbers = { oursMs, rivalMs, bound, target, ratio, mistakes, packetRatio, peakPerSecond, worstToMedian };
  return { measurement, ...numbers, shortfalls };
}
