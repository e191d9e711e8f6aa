import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEnvironment } from '../../src/engine/environment.ts';
import { scan } from '../../src/engine/scan.ts';
import type { ScannableAddress } from '../../src/engine/types.ts';
import { FORBIDDEN_ADDRESSES, hostileTarget } from '../helpers/hostileTargets.ts';
import { type DnsServer, startDnsServer } from '../policy/dnsServer.ts';
import { type Bot, startBot } from './harness.ts';

/** In every run of the suite. */
const TARGETS = 1_000;
/** A machine that tests something else at the same time is slow; what is measured is told in docs/benchmarks.md. */
const SLOWEST_MS = 3_000;

let bot: Bot;
let dns: DnsServer;
/** Every address that the engine was given. */
const scanned: string[] = [];

beforeAll(async () => {
  const records = FORBIDDEN_ADDRESSES.map((address) => {
    const name = `${address.replaceAll(/[.:]/g, '-')}.rebind.example.org`;
    return [name, address.includes(':') ? { AAAA: [address] } : { A: ['8.8.8.8', address] }] as const;
  });
  dns = await startDnsServer(Object.fromEntries(records));
  const environment = await createEnvironment();
  bot = await startBot(
    // Nothing but the public internet may be allowed, and every lure is on the list as far as it can be.
    { DNS_SERVERS: dns.address, SCAN_PRIVATE_RANGES: '', TARGET_VERIFICATION: 'off', QUOTA_PER_USER: '999999999' },
    {
      engine: (request, options) => {
        scanned.push(...request.addresses);
        // Nothing leaves this machine, whatever the test finds.
        return scan({ ...request, addresses: ['127.0.0.1' as ScannableAddress] }, options, environment);
      },
    },
  );
  for (const target of ['*.rebind.example.org', 'allowed.example.org', '*.example.org', '*.example.com', '8.8.8.8']) {
    await bot.run(`/targets add target:${target}`);
  }
});
afterAll(async () => {
  await bot?.stop();
  await dns?.close();
});

test(`${TARGETS} hostile targets through /scan: no packet, no crash, an answer to act on each time`, async () => {
  const slow: string[] = [];
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(hostileTarget, fc.constantFrom('member', 'admin'), async (value, as) => {
      asked += 1;
      const options = [
        { type: 3, name: 'host', value },
        { type: 3, name: 'ports', value: '22' },
      ];
      const startedAt = performance.now();
      const reply = await bot.finished(
        bot.sandbox.interact({ type: 2, data: { id: '1', name: 'scan', type: 1, options } }, { as }),
      );
      if (performance.now() - startedAt > SLOWEST_MS) slow.push(value);
      expect(reply.outcome, reply.text).toBe('refused');
      expect(reply.isPrivate).toBe(true);
      expect(reply.embed.title?.length).toBeGreaterThan(3);
      // What to do about it: another spelling, who can change it, or that nobody can.
      expect(reply.text).toMatch(/Try|Write|Name |can change|Nobody|Check|resolver|allowlist|scanned/);
      expect(reply.text).not.toMatch(/@everyone|<@|\]\(|:\/\/|secret|reference|\u202e/);
    }),
    { numRuns: TARGETS },
  );
  expect(asked).toBeGreaterThanOrEqual(TARGETS);
  expect(scanned).toEqual([]);
  expect(slow).toEqual([]);
}, 120_000);

test('the same way, an allowed target does reach the engine', async () => {
  dns.zone.set('allowed.example.org', { A: ['8.8.8.8'] });
  await bot.run('/scan host:allowed.example.org ports:22');
  expect(scanned).toEqual(['8.8.8.8']);
});
