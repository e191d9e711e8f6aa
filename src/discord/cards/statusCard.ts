import { type Phrase, say } from '../../engine/phrase.ts';
import type { RecentError } from '../../observability/recentErrors.ts';
import type { Card, Section } from '../card.ts';
import { code, type Markdown, md } from '../markdown.ts';

/** What /status tells the managers of one server: nothing of other servers but sums, and no address of the bot's machine. */
export interface BotStatus {
  readonly version: string;
  readonly uptimeMs: number;
  /** How the engine sends. */
  readonly transport: string;
  /** Whether the bot's machine has an address of this family that reaches beyond itself. */
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly queue: { readonly here: QueueFigures; readonly all: QueueFigures };
  /** Of the gateway's last heartbeat; undefined when there was none yet. */
  readonly gatewayPingMs: number | undefined;
  readonly store: 'memory' | 'sqlite' | 'redis' | 'postgres';
  /** Of this server, latest first. */
  readonly errors: readonly RecentError[];
}

interface QueueFigures {
  readonly running: number;
  readonly waiting: number;
}

const ERRORS_SHOWN = 5;

const STORES: Readonly<Record<BotStatus['store'], Phrase | string>> = {
  memory: say`in memory, gone after a restart`,
  sqlite: say`a SQLite file`,
  redis: 'Redis',
  postgres: 'PostgreSQL',
};

const TEXT = {
  title: md`Status of Harbormaster`,
  bot: md`The bot`,
  queue: md`Scans`,
  view: md`Where it scans from`,
  errors: md`Last errors in this server`,
  noErrors: md`None since the start.`,
  forOperator: md`The operator finds each reference in the log.`,
  version: (version: string, uptime: Phrase) => md`Version ${version}, running for ${uptime}`,
  ping: (ms: number) => md`Discord answers in ${ms} ms`,
  noPing: md`Discord has not been timed yet`,
  store: (kind: BotStatus['store']) => md`Storage: ${STORES[kind]}`,
  here: ({ running, waiting }: QueueFigures) => md`This server: ${running} running, ${waiting} waiting`,
  all: ({ running, waiting }: QueueFigures) => md`All servers: ${running} running, ${waiting} waiting`,
  transport: (name: string) => md`Transport: ${name}`,
  family: (name: string, works: boolean) => (works ? md`${name}: works` : md`${name}: not on this machine`),
  error: ({ reference, at, name, code: why }: RecentError) =>
    md`${code(reference)} <t:${Math.floor(at / 1_000)}:R> ${code(name)} ${code(why)}`,
  more: (count: number) => md`And ${count} more.`,
} as const;

export function statusCard(status: BotStatus): Card {
  const { version, uptimeMs, transport, ipv4, ipv6, queue, gatewayPingMs, store, errors } = status;
  const lines = [
    TEXT.version(version, durationText(uptimeMs)),
    gatewayPingMs === undefined ? TEXT.noPing : TEXT.ping(Math.round(gatewayPingMs)),
    TEXT.store(store),
  ];
  const sections: Section[] = [
    { heading: TEXT.bot, lines },
    { heading: TEXT.queue, lines: [TEXT.here(queue.here), TEXT.all(queue.all)] },
    {
      heading: TEXT.view,
      lines: [TEXT.transport(transport), TEXT.family('IPv4', ipv4), TEXT.family('IPv6', ipv6)],
    },
    { heading: TEXT.errors, lines: errorLines(errors) },
  ];
  return { tone: errors.length > 0 ? 'notice' : 'info', title: TEXT.title, sections };
}

function errorLines(errors: readonly RecentError[]): readonly Markdown[] {
  if (errors.length === 0) return [TEXT.noErrors];
  const more = errors.length - ERRORS_SHOWN;
  return [...errors.slice(0, ERRORS_SHOWN).map(TEXT.error), ...(more > 0 ? [TEXT.more(more)] : []), TEXT.forOperator];
}

const MINUTE_MS = 60_000;

/** The two largest units, such as `3 d 4 h`. */
function durationText(ms: number): Phrase {
  const minutes = Math.floor(ms / MINUTE_MS);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24];
  if (days > 0) return say`${days} d ${hours} h`;
  if (hours > 0) return say`${hours} h ${minutes % 60} min`;
  return minutes > 0 ? say`${minutes} min` : say`less than a minute`;
}
