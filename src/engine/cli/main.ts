import { scan } from '../scan.ts';
import type { ScannableAddress } from '../types.ts';
import { type Command, HELP, parseCommand } from './args.ts';
import { jsonReport, textReport } from './report.ts';

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;
/** The shell's 128 + SIGINT. */
const INTERRUPTED = 130;

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The address to scan, or `undefined` after saying why there is none. */
async function resolve({ host, isAddress, family }: Command): Promise<string | undefined> {
  if (isAddress) return host;
  const { lookup } = await import('node:dns/promises');
  try {
    const [first, ...others] = await lookup(host, { all: true, family });
    const rest = others.map(({ address }) => address).join(', ');
    if (rest !== '') complain(`${host} has other addresses too, which are not scanned: ${rest}`);
    return first?.address;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    complain(`${host} does not resolve to an ${family === 0 ? 'IP' : `IPv${family}`} address${code}.`);
    return undefined;
  }
}

/** Scans and prints until done, or until the signal's reason says with which status to leave. */
async function run({ ports, json, options }: Command, address: string, signal: AbortSignal): Promise<number> {
  const report = json ? jsonReport() : textReport(ports.length);
  const scanning = scan({ address: address as ScannableAddress, ports }, { ...options, signal });
  for await (const result of scanning) {
    const lines = report.verdict(result);
    if (lines !== '') process.stdout.write(lines);
  }
  process.stdout.write(report.end(scanning.summary()));
  return signal.aborted ? signal.reason : DONE;
}

/** Runs the command line and resolves to its exit status. Never rejects for what a person did. */
export async function main(args: readonly string[]): Promise<number> {
  const leave = new AbortController();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone, as with `| head`: nobody is left to tell. A socket says it in the second way.
    const gone = error.code === 'EPIPE' || error.code === 'ECONNRESET';
    if (!gone) complain(`Cannot write: ${error.message}`);
    leave.abort(gone ? DONE : FAILED);
  });
  const command = parseCommand(args);
  if (!command.ok) {
    complain(`${command.problem.message}\nExample: ${command.problem.example}`);
    return WRONG_USAGE;
  }
  if (command.value === 'help') {
    process.stdout.write(HELP);
    return DONE;
  }
  const address = await resolve(command.value);
  if (address === undefined) return FAILED;
  // Caught once, and only now: before there is nothing to print, and a second signal ends the process the hard way.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => leave.abort(INTERRUPTED));
  return run(command.value, address, leave.signal);
}
