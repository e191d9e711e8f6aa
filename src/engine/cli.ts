import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// The engine alone, under the authority of whoever runs it. Loading is the larger part of a short scan, so the modules'
// compiled form is kept from one run to the next (a quarter of the start; not in a directory others may write to).
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compile'));
const { main } = await import('./cli/main.ts');

process.exitCode = await main(process.argv.slice(2));
