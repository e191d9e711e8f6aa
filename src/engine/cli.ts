import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { abortOnSignals } from './cli/signals.ts';

// The engine alone, under the authority of whoever runs it. Signals are caught before anything else is loaded. Loading
// is the larger part of a short scan, so the modules' compiled form is kept from one run to the next (a quarter of the
// start; not in a directory others may write to).
const leave = new AbortController();
abortOnSignals(leave);
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compile'));
const { main } = await import('./cli/main.ts');

process.exitCode = await main(process.argv.slice(2), leave);
