import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { createEnvironment } from '../src/engine/environment.ts';
import { scan } from '../src/engine/scan.ts';
import type { ScannableAddress } from '../src/engine/types.ts';
import { startBot } from '../test/e2e/harness.ts';
import { FORBIDDEN_ADDRESSES, hostileTarget } from '../test/helpers/hostileTargets.ts';
import { startDnsServer } from '../test/policy/dnsServer.ts';

/**
 * How long the bot takes to answer hosts that must not be scanned: the real bot in the local Discord, one after the other, from
 * dispatch to the finished reply. `node bench/answers.ts [COUNT]` prints milliseconds.
 */
const count = Number(process.argv[2] ?? 2_000);
const dns = await startDnsServer(
  Object.fromEntries(
    FORBIDDEN_ADDRESSES.map((address) => [
      `${address.replaceAll(/[.:]/g, '-')}.rebind.example.org`,
      address.includes(':') ? { AAAA: [address] } : { A: ['8.8.8.8', address] },
    ]),
  ),
);
const environment = await createEnvironment();
let scanned = 0;
const bot = await startBot(
  { DNS_SERVERS: dns.address, SCAN_PRIVATE_RANGES: '', TARGET_VERIFICATION: 'off', QUOTA_PER_USER: '999999999' },
  {
    engine(request, options) {
      scanned += 1;
      return scan({ ...request, addresses: ['127.0.0.1' as ScannableAddress] }, options, environment);
    },
  },
);
for (const target of ['*.rebind.example.org', 'allowed.example.org', '*.example.org', '8.8.8.8']) {
  await bot.run(`/targets add target:${target}`);
}
const times: { readonly ms: number; readonly value: string }[] = [];
for (const value of fc.sample(hostileTarget, count)) {
  // discord.js sends at most 50 requests a second and lets the rest wait; that is not what is measured.
  await delay(20);
  const options = [{ type: 3, name: 'host', value }];
  const startedAt = performance.now();
  await bot.finished(bot.sandbox.interact({ type: 2, data: { id: '1', name: 'scan', type: 1, options } }));
  times.push({ ms: performance.now() - startedAt, value });
}
times.sort((a, b) => a.ms - b.ms);
const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]?.ms.toFixed(1);
const over = times.filter(({ ms }) => ms > 100);
process.stdout.write(
  `${times.length} answers in ms: median ${at(0.5)}, 99 % ${at(0.99)}, 99.9 % ${at(0.999)}, worst ${at(1)}; ` +
    `over 100 ms: ${over.length}; scans: ${scanned}\n`,
);
for (const { ms, value } of over.slice(-5))
  process.stdout.write(`${ms.toFixed(0)} ms ${JSON.stringify(value.slice(0, 80))}\n`);
await bot.stop();
await dns.close();
