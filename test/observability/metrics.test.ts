import { describe, expect, test } from 'vitest';
import { createMetrics, type Metrics } from '../../src/observability/metrics.ts';

const start = (process = false, pingMs?: number): Metrics =>
  createMetrics({
    names: () => ['scan', 'scan:rescan'],
    queue: () => ({ running: 3, waiting: 7 }),
    gatewayPingMs: () => pingMs,
    process,
  });
const ENDED = { name: 'scan', outcome: 'done', acknowledgedMs: 20, durationMs: 3_000, ageMs: 40 } as const;

describe('what Prometheus reads', () => {
  test('an interaction: counted, timed in seconds', async () => {
    const metrics = start();
    metrics.interaction(ENDED);
    const text = await metrics.text();
    expect(text).toContain('harbormaster_interactions_total{name="scan",outcome="done"} 1');
    expect(text).toContain('harbormaster_interaction_acknowledgement_seconds_sum 0.02');
    expect(text).toContain('harbormaster_interaction_duration_seconds_sum 3');
    expect(text).toContain('harbormaster_interaction_age_on_receipt_seconds_sum 0.04');
  });

  test('a made-up name is not a label of its own', async () => {
    const metrics = start();
    for (const name of ['scan:drop"} 1\nx', 'constructor', '__proto__', ''])
      metrics.interaction({ ...ENDED, name, outcome: 'refused' });
    const text = await metrics.text();
    expect(text).toContain('harbormaster_interactions_total{name="unknown",outcome="refused"} 4');
    expect(text).not.toContain('drop');
  });

  test('without an acknowledgement none is timed; a clock that runs behind gives no negative age', async () => {
    const metrics = start();
    metrics.interaction({ ...ENDED, acknowledgedMs: undefined, ageMs: -500 });
    const text = await metrics.text();
    expect(text).toContain('harbormaster_interaction_acknowledgement_seconds_count 0');
    expect(text).toContain('harbormaster_interaction_age_on_receipt_seconds_sum 0');
  });

  test('scans, ports, probes, Discord', async () => {
    const metrics = start(false, 42);
    metrics.scan({ outcome: 'finished', durationMs: 2_000 });
    metrics.scan({ outcome: 'refused' });
    metrics.portsScanned('open', 3);
    metrics.probe({ protocol: 'ssh', seen: 'answered' });
    metrics.discordResponse({ route: 'callback', status: 404 });
    metrics.discordRateLimited('shared');
    metrics.discordInvalidRequests();
    metrics.gateway('resumed');
    const text = await metrics.text();
    for (const line of [
      'harbormaster_scans_total{outcome="finished"} 1',
      'harbormaster_scans_total{outcome="refused"} 1',
      'harbormaster_scan_duration_seconds_count 1',
      'harbormaster_ports_scanned_total{state="open"} 3',
      'harbormaster_probes_total{protocol="ssh",seen="answered"} 1',
      'harbormaster_discord_responses_total{route="callback",status="404"} 1',
      'harbormaster_discord_rate_limited_total{scope="shared"} 1',
      'harbormaster_discord_invalid_request_warnings_total 1',
      'harbormaster_discord_gateway_events_total{event="resumed"} 1',
      'harbormaster_scans_running 3',
      'harbormaster_scans_waiting 7',
      'harbormaster_gateway_ping_seconds 0.042',
    ])
      expect(text).toContain(`${line}\n`);
  });

  test('a ping that is not known is no zero', async () => {
    expect(await start().text()).toContain('harbormaster_gateway_ping_seconds Nan\n');
  });

  test('names and units follow the conventions: counters end in _total, times are seconds', async () => {
    const text = await start().text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }));
    expect(types.length).toBeGreaterThan(12);
    for (const { name, type } of types) {
      expect(name).toMatch(/^harbormaster_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
  });

  test('the process: memory, event-loop lag; two bots do not share anything', async () => {
    const [one, two] = [start(true), start(true)];
    one.interaction(ENDED);
    const text = await one.text();
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'process_cpu_seconds_total',
    ])
      expect(text).toMatch(new RegExp(`^${name} [\\d.e-]+$`, 'm'));
    expect(await two.text()).not.toContain('harbormaster_interactions_total{');
  });
});
