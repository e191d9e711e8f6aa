import { ApplicationCommandOptionType, ApplicationIntegrationType, InteractionContextType } from 'discord.js';
import { explainFinding, type FindingExplanation, findFindings } from '../src/advice/findings/index.ts';
import type { Topic } from '../src/advice/guide.ts';
import { findPorts, type PortQuery, resolveQuery } from '../src/advice/lookup.ts';
import { findTopics, topicById } from '../src/advice/topics.ts';
import { fromTable } from '../src/advice/words.ts';
import { findingCard, overviewCard, portCard, topicCard } from '../src/discord/cards/explainCards.ts';
import type { Command, CommandContext, Declaration } from '../src/discord/command.ts';
import { LIMITS } from '../src/discord/limits.ts';
import type { OptionValues } from '../src/discord/options.ts';
import { type Phrase, say } from '../src/engine/phrase.ts';
import { UserError } from '../src/errors.ts';
import type { Logger } from '../src/log.ts';
import { parseTarget } from '../src/policy/target.ts';
import type { Gate } from '../src/scans/gate.ts';
import type { ScanPermission } from '../src/scans/permission.ts';
import type { Sighting, Sightings } from '../src/storage/sightings.ts';

const data = {
  name: 'explain',
  description: 'Guidance without a scan: a port, a finding, or a topic such as what open, closed and filtered mean',
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: 'port',
      description: 'A port number or service name, such as 22 or redis',
      autocomplete: true,
      max_length: 100,
    },
    {
      type: ApplicationCommandOptionType.String,
      name: 'topic',
      description: 'A topic, such as states or outside-view',
      autocomplete: true,
      max_length: 100,
    },
    {
      type: ApplicationCommandOptionType.String,
      name: 'finding',
      description: 'Something that a scan found, such as redis-open',
      autocomplete: true,
      max_length: 100,
    },
  ],
} as const satisfies Declaration;

type Request =
  | { readonly asked: PortQuery }
  | { readonly topic: Topic }
  | { readonly finding: FindingExplanation }
  | { readonly overview: true };

export interface ExplainDeps {
  readonly sightings: Pick<Sightings, 'ofPort'>;
  readonly permission: Pick<ScanPermission, 'judge'>;
  readonly gate: Pick<Gate, 'decideAgain'>;
  readonly log: Pick<Logger, 'error'>;
}

/** Hosts shown with a port, and how many are looked through for those that may be shown. */
const HOSTS_SHOWN = 5;
const HOSTS_JUDGED = 50;

export function explainCommand({ sightings, permission, gate, log }: ExplainDeps): Command<Request> {
  /** What somebody may scan they may also hear of; the lists decide again, as for a scan. */
  async function lastSeen(context: CommandContext, port: number): Promise<readonly Sighting[]> {
    if (await permission.judge(context)) return [];
    const { guildId, userId } = context;
    const shown: Sighting[] = [];
    for (const sighting of (await sightings.ofPort(guildId, port)).slice(0, HOSTS_JUDGED)) {
      const target = parseTarget(sighting.host);
      if (!target.ok) continue;
      const decision = await gate.decideAgain({ guildId, userId, target: target.value, ports: [port] }, [
        sighting.address,
      ]);
      if (decision.allowed && shown.push(sighting) === HOSTS_SHOWN) break;
    }
    return shown;
  }

  return {
    data,
    parse,
    run: async (context, request) => {
      if ('asked' in request) {
        const { asked } = request;
        // Only TCP is scanned here.
        if (asked.protocol === 'udp') return { outcome: 'done', card: portCard(asked, []) };
        // The guidance needs no database.
        const seen = await lastSeen(context, asked.port).catch((err: unknown) => {
          log.error({ err }, 'what was last seen cannot be read');
          return 'unreadable' as const;
        });
        return { outcome: 'done', card: portCard(asked, seen) };
      }
      if ('finding' in request) return { outcome: 'done', card: findingCard(request.finding) };
      return { outcome: 'done', card: 'topic' in request ? topicCard(request.topic) : overviewCard() };
    },
    autocomplete: async ({ name, value }) => {
      if (name === 'port') {
        return findPorts(value, LIMITS.choices).map(({ label, value }) => ({ name: label, value }));
      }
      const found = name === 'topic' ? findTopics(value, LIMITS.choices) : findFindings(value, LIMITS.choices);
      return found.map(({ id, title }) => ({ name: fromTable(title), value: id }));
    },
  };
}

function parse(options: OptionValues): Request {
  const port = options.string('port');
  const topic = options.string('topic');
  const finding = options.string('finding');
  if ([port, topic, finding].filter((given) => given !== undefined).length > 1) {
    throw new UserError('one-question', say`Ask for a port, a topic or a finding: one at a time.`, {
      example: '/explain port:22',
    });
  }
  if (port !== undefined) return { asked: parsePort(port) };
  if (finding !== undefined) return { finding: parseFinding(finding) };
  if (topic !== undefined) return { topic: parseTopic(topic) };
  return { overview: true };
}

function parseFinding(text: string): FindingExplanation {
  const found = explainFinding(text.trim().toLowerCase());
  if (found) return found;
  const [near] = findFindings(text, 1);
  throw new UserError('unknown-finding', say`There is no such finding. Pick one of the suggestions while typing.`, {
    option: 'finding',
    example: near?.id ?? 'telnet',
  });
}

function parseTopic(topic: string): Topic {
  const found = topicById(topic.trim().toLowerCase());
  if (found) return found;
  const [near] = findTopics(topic, 1);
  throw new UserError('unknown-topic', say`There is no such topic. Pick one of the suggestions while typing.`, {
    option: 'topic',
    example: near?.id ?? 'states',
  });
}

function parsePort(raw: string): PortQuery {
  const text = raw.trim();
  const wrong = (code: string, message: Phrase, example: string) =>
    new UserError(code, message, { option: 'port', example });
  const range = /^(\d{1,5})\s*-\s*\d{1,5}$/.exec(text);
  if (range?.[1]) throw wrong('port-range', say`That is a range. Ask for one port at a time.`, range[1]);
  if (/[,;]/.test(text)) throw wrong('port-list', say`That is a list. Ask for one port at a time.`, '22');
  const asked = resolveQuery(text);
  if (asked) return asked;
  if (/^[-+]?\d+$/.test(text))
    throw wrong('bad-port', say`Port numbers go from 1 to 65535, without sign or leading zero.`, '22');
  const [near] = findPorts(text, 1);
  throw wrong(
    'unknown-service',
    say`That is neither a port number nor a service that is known here.`,
    near ? String(near.port) : 'ssh',
  );
}
