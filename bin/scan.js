#!/usr/bin/env node
// The command line with a fast start. Plain JavaScript on purpose: Node keeps the compiled, type-stripped form of every
// module it loads after the cache is on, so only this file must do without (a TypeScript entry costs 40 ms each time).
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// V8 takes what lives as long as a packet is under way for long-lived, and would collect it only with the old.
setFlagsFromString('--no-allocation-site-pretenuring');
// Not in a directory others may write to.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compile'));
await import('../src/engine/cli.ts');
