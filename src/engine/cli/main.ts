import type { ScanEnvironment } from '../scan.ts';
import type { ScannableAddress } from '../types.ts';
import { type Command, parseCommand } from './args.ts';
import { HELP } from './help.ts';
import { type Lookup, type Resolved, resolveTargets } from './resolve.ts';
import { endByInterrupt } from './signals.ts';

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

function watchStreams(leave: AbortController): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone, as with `| head`: nobody is left to tell. A socket says it in the second way.
    const gone = error.code === 'EPIPE' || error.code === 'ECONNRESET';
    if (!gone) complain(`Cannot write: ${error.message}`);
    leave.abort(gone ? DONE : FAILED);
  });
  // Nowhere is left to say that nobody reads the complaints.
  process.stderr.on('error', () => {});
}

const lookup: Lookup = async (name, options) => {
  const dns = await import('node:dns/promises');
  return dns.lookup(name, options);
};

/** The targets' addresses, or `undefined` when interrupted while a name was looked up. */
async function resolve({ targets, family }: Command, signal: AbortSignal): Promise<Resolved | undefined> {
  const resolving = resolveTargets(targets, family, lookup, complain);
  if (targets.every(({ kind }) => kind === 'addresses')) return resolving;
  const interrupted = new Promise<undefined>((settle) => {
    if (signal.aborted) settle(undefined);
    else signal.addEventListener('abort', () => settle(undefined), { once: true });
  });
  return Promise.race([resolving, interrupted]);
}

/** What the scan stands on, or `undefined` after saying why it cannot be had. */
async function prepareOrExplain(prepare: () => Promise<ScanEnvironment>): Promise<ScanEnvironment | undefined> {
  try {
    return await prepare();
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Carries out a command and resolves to the exit status. */
async function execute(command: Command, signal: AbortSignal): Promise<number> {
  const resolved = await resolve(command, signal);
  if (resolved === undefined) {
    complain('Interrupted before anything was scanned.');
    endByInterrupt();
    return signal.reason;
  }
  if (resolved.addresses.length === 0) return FAILED;
  const addresses = resolved.addresses.map((address) => address as ScannableAddress);
  const { prepare, run } = await import('./run.ts');
  const environment = await prepareOrExplain(() => prepare(command));
  if (environment === undefined) return FAILED;
  await run(command, { addresses, names: resolved.names }, environment, signal);
  if (signal.aborted) return signal.reason;
  return resolved.failed.length === 0 ? DONE : FAILED;
}

/**
 * Runs the command line and resolves to its exit status. Never rejects for what a person did.
 *
 * @param leave aborted, with the exit status as its reason, to end early with what was found
 */
export async function main(args: readonly string[], leave: AbortController): Promise<number> {
  watchStreams(leave);
  const command = parseCommand(args);
  if (!command.ok) {
    complain(`${command.problem.message.text}\nExample: ${command.problem.example}`);
    return WRONG_USAGE;
  }
  if (command.value === 'help') {
    process.stdout.write(HELP);
    return DONE;
  }
  return execute(command.value, leave.signal);
}
