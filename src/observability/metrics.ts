import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';

/** What Prometheus reads. Every label has a fixed set of values: nothing foreign, no host, no id. */
export interface Metrics {
  /** @param name as the commands declare it; any other is counted as `unknown` */
  interaction(ended: {
    readonly name: string;
    readonly outcome: 'done' | 'refused' | 'failed';
    /** From when this process received it to the answered acknowledgement; undefined when there was none. */
    readonly acknowledgedMs: number | undefined;
    readonly durationMs: number;
    /** How old it was on receipt, by the time in its id. */
    readonly ageMs: number;
  }): void;
  /** @param ended with the duration when it ran */
  scan(ended: { readonly outcome: ScanOutcomeLabel; readonly durationMs?: number }): void;
  portsScanned(state: string, count: number): void;
  probe(seen: { readonly protocol: string; readonly seen: string }): void;
  discordResponse(response: { readonly route: DiscordRoute; readonly status: number }): void;
  discordRateLimited(scope: 'global' | 'user' | 'shared'): void;
  discordInvalidRequests(): void;
  gateway(event: GatewayEvent): void;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

export type ScanOutcomeLabel = 'finished' | 'stopped' | 'cancelled' | 'refused' | 'unresolved' | 'busy' | 'failed';
export type DiscordRoute = 'callback' | 'webhook' | 'other';
export type GatewayEvent = 'reconnecting' | 'resumed' | 'ready' | 'closed';

export interface MetricsOptions {
  /** Of all commands and their buttons, such as `scan` and `scan:rescan`; asked when the first interaction has ended. */
  readonly names: () => readonly string[];
  /** Asked when Prometheus asks. */
  readonly queue: () => { readonly running: number; readonly waiting: number };
  /** Milliseconds of the gateway's last heartbeat; undefined before the first. */
  readonly gatewayPingMs: () => number | undefined;
  /** Besides ours those of the process: memory, CPU, event-loop lag, garbage collection. */
  readonly process: boolean;
}

/** Fine up to the 3 seconds that Discord waits. */
const ACKNOWLEDGE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3];
/** From a private answer at once to the 15 minutes of a token. */
const REPLY_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 900];
const SCAN_BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 900];
const UNKNOWN = 'unknown';
const MS_PER_SECOND = 1_000;

/** A registry of its own: nothing global, so that two bots in one process do not count for each other. */
export function createMetrics({ names, queue, gatewayPingMs, process }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  let known: ReadonlySet<string> | undefined;
  if (process) collectDefaultMetrics({ register: registry });
  const counts = createCounters(registers);
  const times = createHistograms(registers);
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read() ?? Number.NaN);
      },
    });
  gauge('harbormaster_scans_running', 'Scans that run now.', () => queue().running);
  gauge('harbormaster_scans_waiting', 'Scans that wait for a place.', () => queue().waiting);
  gauge('harbormaster_gateway_ping_seconds', "Round trip of the gateway's last heartbeat.", () => {
    const ms = gatewayPingMs();
    return ms === undefined ? undefined : ms / MS_PER_SECOND;
  });

  return {
    interaction({ name, outcome, acknowledgedMs, durationMs, ageMs }) {
      known ??= new Set(names());
      counts.interactions.inc({ name: known.has(name) ? name : UNKNOWN, outcome });
      if (acknowledgedMs !== undefined) times.acknowledged.observe(acknowledgedMs / MS_PER_SECOND);
      times.replied.observe(durationMs / MS_PER_SECOND);
      times.age.observe(Math.max(0, ageMs) / MS_PER_SECOND);
    },
    scan({ outcome, durationMs }) {
      counts.scans.inc({ outcome });
      if (durationMs !== undefined) times.scanned.observe(durationMs / MS_PER_SECOND);
    },
    portsScanned: (state, count) => counts.ports.inc({ state }, count),
    probe: (labels) => counts.probes.inc(labels),
    discordResponse: ({ route, status }) => counts.responses.inc({ route, status }),
    discordRateLimited: (scope) => counts.rateLimited.inc({ scope }),
    discordInvalidRequests: () => counts.invalid.inc(),
    gateway: (event) => counts.gateway.inc({ event }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function createCounters(registers: Registry[]) {
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter<Label>({ name: `harbormaster_${name}_total`, help, labelNames, registers });
  return {
    interactions: counter('interactions', 'Commands and buttons that were answered.', 'name', 'outcome'),
    scans: counter('scans', 'Scans by how they ended.', 'outcome'),
    ports: counter('ports_scanned', 'Ports with a verdict, by state.', 'state'),
    probes: counter('probes', 'Open ports that were looked behind.', 'protocol', 'seen'),
    responses: counter('discord_responses', "Answers of Discord's REST API.", 'route', 'status'),
    rateLimited: counter('discord_rate_limited', 'Requests that had to wait for a rate limit.', 'scope'),
    invalid: new Counter({
      name: 'harbormaster_discord_invalid_request_warnings_total',
      help: 'Warnings of many invalid requests; 10,000 in 10 minutes ban the address.',
      registers,
    }),
    gateway: counter('discord_gateway_events', 'Changes of the gateway connection.', 'event'),
  };
}

function createHistograms(registers: Registry[]) {
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `harbormaster_${name}_seconds`, help, buckets, registers });
  return {
    acknowledged: histogram(
      'interaction_acknowledgement',
      'From the receipt of an interaction to its acknowledgement.',
      ACKNOWLEDGE_BUCKETS,
    ),
    age: histogram(
      'interaction_age_on_receipt',
      "Age of an interaction on receipt, by its id: Discord's clock against this machine's.",
      ACKNOWLEDGE_BUCKETS,
    ),
    replied: histogram('interaction_duration', 'From the receipt of an interaction to its last word.', REPLY_BUCKETS),
    scanned: histogram('scan_duration', 'Of scans that ran, with the look behind open ports.', SCAN_BUCKETS),
  };
}
