import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { report } from './child.ts';

/** More than the configuration allows: the load wants 100 scans that run, and room for the short ones. */
const SCANS_AT_ONCE = 150;
const QUOTA = 1_000_000_000;

const loaded = loadConfig(process.env);
if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
const app = createApp({
  ...loaded.config,
  scanConcurrency: SCANS_AT_ONCE,
  scanConcurrencyPerGuild: SCANS_AT_ONCE,
  quotas: { user: QUOTA, server: QUOTA, network: QUOTA, global: QUOTA },
});
await app.start();
report();
