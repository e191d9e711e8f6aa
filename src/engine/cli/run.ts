import { once } from 'node:events';
import { createEnvironment } from '../environment.ts';
import { type ScanEnvironment, scan } from '../scan.ts';
import type { Scan, ScannableAddress } from '../types.ts';
import type { Command } from './args.ts';
import type { Bar, Standing } from './bar.ts';
import { jsonReport, type Report } from './report.ts';

/** How often finished hosts are looked for, and the speed is measured. */
const SAMPLE_MS = 1_000;
/** A little more than the bar's own pause, or every other tick would come too early for it. */
const TICK_MS = 105;

/** With so much that a pipe's reader has not taken, no more verdicts are taken: the scan waits, not the memory grows. */
const MOST_UNTAKEN_BYTES = 256 * 1024;

/** What to scan, and the names that led there. */
export interface Resolution {
  readonly addresses: readonly ScannableAddress[];
  readonly names: ReadonlyMap<string, string>;
}

async function makeReport({ json, ports, options }: Command, { addresses, names }: Resolution): Promise<Report> {
  if (json) return jsonReport();
  const { manyHostsReport, oneHostReport } = await import('./text.ts');
  const portsPerHost = ports.tcp.length + ports.udp.length;
  const choices = { addresses, portsPerHost, names, deadlineMs: options.deadlineMs };
  return addresses.length === 1 ? oneHostReport(choices) : manyHostsReport(choices);
}

/** What the bar shows, kept from the verdicts; the speed comes from looking at the summary now and then. */
function watch(scanning: Scan, total: number, deadlineMs: number | undefined) {
  const startedAtMs = performance.now();
  let decided = 0;
  let open = 0;
  let sample = { atMs: startedAtMs, attempts: 0 };
  let packetsPerSecond: number | null = null;
  return {
    count(state: string): void {
      decided += 1;
      if (state === 'open') open += 1;
    },
    sample(): void {
      const atMs = performance.now();
      if (atMs - sample.atMs < SAMPLE_MS) return;
      const { attempts } = scanning.summary();
      packetsPerSecond = ((attempts - sample.attempts) / (atMs - sample.atMs)) * 1_000;
      sample = { atMs, attempts };
    },
    standing: (): Standing => {
      const elapsedMs = performance.now() - startedAtMs;
      return { decided, total, open, packetsPerSecond, elapsedMs, deadlineMs };
    },
  };
}

async function makeBar(json: boolean, standing: () => Standing): Promise<Bar | undefined> {
  if (json || !process.stderr.isTTY) return undefined;
  const { createBar } = await import('./bar.ts');
  return createBar(process.stderr, standing, () => performance.now());
}

/** Takes the verdicts to the report and what it gives to standard output, around the bar. */
async function print(
  scanning: Scan,
  report: Report,
  total: number,
  { json, options }: Command,
  signal: AbortSignal,
): Promise<void> {
  const watching = watch(scanning, total, options.deadlineMs);
  const bar = await makeBar(json, watching.standing);

  let unwritten = '';
  let flushing = false;
  function flush(): void {
    flushing = false;
    if (unwritten === '') return;
    bar?.clear();
    process.stdout.write(unwritten);
    unwritten = '';
  }
  /** Verdicts fall in bunches, and each write to a pipe is a system call of its own. */
  function write(text: string): void {
    unwritten += text;
    if (flushing) return;
    flushing = true;
    setImmediate(flush);
  }

  let settledAtMs = performance.now();
  function tick(): void {
    if (report.due() && performance.now() - settledAtMs >= SAMPLE_MS) {
      write(report.settle(scanning.summary()));
      settledAtMs = performance.now();
    }
    if (bar === undefined) return;
    watching.sample();
    bar.draw();
  }

  const ticking = json ? undefined : setInterval(tick, TICK_MS).unref();
  try {
    for await (const result of scanning) {
      watching.count(result.state);
      write(report.verdict(result));
      // A reader that has gone, or an interrupt, ends the scan; what is left is then written without waiting.
      if (process.stdout.writableLength > MOST_UNTAKEN_BYTES) {
        await once(process.stdout, 'drain', { signal }).catch(() => {});
      }
    }
  } finally {
    clearInterval(ticking);
    flush();
    bar?.clear();
  }
  write(report.settle(scanning.summary()) + report.end(scanning.summary()));
  flush();
}

/**
 * What a command's scan stands on.
 *
 * @throws Error, with a sentence for a person, when the transport asked for cannot run here
 */
export function prepare({ transport, options }: Command): Promise<ScanEnvironment> {
  const { packetsPerSecond } = options;
  return createEnvironment({ transport, packetsPerSecond, networkPacketsPerSecond: packetsPerSecond });
}

/** Scans and prints until done, or until the signal aborts. */
export async function run(
  command: Command,
  resolution: Resolution,
  environment: ScanEnvironment,
  signal: AbortSignal,
): Promise<void> {
  const report = await makeReport(command, resolution);
  const { ports, options } = command;
  const request = { addresses: resolution.addresses, ports: ports.tcp, udpPorts: ports.udp };
  const scanning = scan(request, { ...options, signal }, environment);
  await print(scanning, report, resolution.addresses.length * (ports.tcp.length + ports.udp.length), command, signal);
}
