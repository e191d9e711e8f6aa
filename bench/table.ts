import type { Assessment } from './assess.ts';

export const HEADINGS = [
  'row',
  'transport',
  'what',
  'target',
  'ours',
  'nmap',
  'ratio',
  'wrong / runs',
  'packets',
  'peak/s',
  'worst / median',
  'met',
  'measured',
] as const;

/** Where there is nothing to tell. */
export const NOTHING = '–';

function number(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : NOTHING;
}

/** Three significant digits, in seconds from one second on. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return NOTHING;
  return ms >= 1_000 ? `${Number((ms / 1_000).toPrecision(3))} s` : `${Number(ms.toPrecision(3))} ms`;
}

function target({ measurement: { row }, target: ratio }: Assessment): string {
  const memory = row.memoryMiB === null ? [] : [`≤ ${row.memoryMiB} MiB`];
  const by = {
    wrong: 'wrong',
    strict: 'wrong',
    missedOpen: 'missed',
    falseOpen: 'false open',
    flaky: 'missed',
    open: 'wrong',
  };
  const { most, by: kind } = row.accuracy;
  const mistakes = `${kind === 'flaky' ? `≤ ${most * 100} %` : most === 0 ? '0' : `≤ ${most}`} ${by[kind]}`;
  return [...(ratio === null ? [] : [`≤ ${ratio}`]), ...memory, ...(row.kind === 'memory' ? [] : [mistakes])].join(
    ', ',
  );
}

function ours({ measurement: { row, peakMiB, ours: samples, rate }, oursMs }: Assessment): string {
  const memory =
    peakMiB === null || samples.length === 0 || row.kind === 'in-process' ? [] : [`${number(peakMiB, 0)} MiB`];
  const perPort = row.kind === 'growth' ? [`${number((oursMs * 1_000) / (row.hosts * row.ports), 0)} µs a port`] : [];
  return [duration(oursMs), ...perPort, ...memory, ...(rate === null ? [] : [`≤ ${rate}/s`])].join(', ');
}

/** The cells of one row. */
export function cells(assessment: Assessment, date: string): string[] {
  const { measurement, rivalMs, bound, ratio, packetRatio, peakPerSecond, worstToMedian, shortfalls } = assessment;
  const { row, transport, rivalName, ours: samples, rival } = measurement;
  const runs = rival.length > 0 && rival.length < samples.length && rivalMs > 20_000 ? ` (${rival.length} runs)` : '';
  const scan = rivalName.endsWith('-sS') ? ' (-sS)' : '';
  return [
    row.id,
    transport === '' ? NOTHING : transport,
    row.what,
    target(assessment),
    ours(assessment),
    rival.length === 0 ? NOTHING : `${bound ? '> ' : ''}${duration(rivalMs)}${runs}${scan}`,
    Number.isFinite(ratio) ? `${bound ? '< ' : ''}${Number(ratio.toPrecision(2))}` : NOTHING,
    row.kind === 'memory' ? NOTHING : `${assessment.mistakes} / ${samples.length}`,
    number(packetRatio, 2),
    number(peakPerSecond, 0),
    number(worstToMedian, 2),
    shortfalls.length === 0 ? '✓' : `✗ ${shortfalls.join('; ')}`,
    date,
  ];
}

/** A Markdown table row. */
export function line(row: readonly string[]): string {
  return `| ${row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
