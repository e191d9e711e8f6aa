import { ApplicationCommandOptionType, ApplicationIntegrationType, InteractionContextType } from 'discord.js';
import type { Topic } from '../src/advice/guide.ts';
import { findPorts, resolvePort } from '../src/advice/lookup.ts';
import { findTopics, topicById } from '../src/advice/topics.ts';
import { overviewCard, portCard, topicCard } from '../src/discord/cards/explainCards.ts';
import type { Command, Declaration } from '../src/discord/command.ts';
import { LIMITS } from '../src/discord/limits.ts';
import type { OptionValues } from '../src/discord/options.ts';
import { UserError } from '../src/errors.ts';

const data = {
  name: 'explain',
  description: 'Guidance without a scan: a port, or a topic such as what open, closed and filtered mean',
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
  ],
} as const satisfies Declaration;

type Request = { readonly port: number } | { readonly topic: Topic } | { readonly overview: true };

export function explainCommand(): Command<Request> {
  return {
    data,
    parse,
    run: async (_context, request) => {
      if ('port' in request) return { outcome: 'done', card: portCard(request.port) };
      return { outcome: 'done', card: 'topic' in request ? topicCard(request.topic) : overviewCard() };
    },
    autocomplete: async ({ name, value }) =>
      name === 'port'
        ? findPorts(value, LIMITS.choices).map(({ port, label }) => ({ name: label, value: String(port) }))
        : findTopics(value, LIMITS.choices).map(({ id, title }) => ({ name: title, value: id })),
  };
}

function parse(options: OptionValues): Request {
  const port = options.string('port');
  const topic = options.string('topic');
  if (port !== undefined && topic !== undefined) {
    throw new UserError('port-and-topic', 'Ask for a port or for a topic, not for both.', {
      example: '/explain port:22',
    });
  }
  if (port !== undefined) return { port: parsePort(port) };
  if (topic === undefined) return { overview: true };
  const found = topicById(topic.trim().toLowerCase());
  if (found) return { topic: found };
  const [near] = findTopics(topic, 1);
  throw new UserError('unknown-topic', 'There is no such topic. Pick one of the suggestions while typing.', {
    option: 'topic',
    example: near?.id ?? 'states',
  });
}

function parsePort(raw: string): number {
  const text = raw.trim();
  const wrong = (code: string, message: string, example: string) =>
    new UserError(code, message, { option: 'port', example });
  const range = /^(\d{1,5})\s*-\s*\d{1,5}$/.exec(text);
  if (range?.[1]) throw wrong('port-range', 'That is a range. Ask for one port at a time.', range[1]);
  if (/[,;]/.test(text)) throw wrong('port-list', 'That is a list. Ask for one port at a time.', '22');
  const port = resolvePort(text.replace(/\/(?:tcp|udp)$/i, ''));
  if (port !== undefined) return port;
  if (/^[-+]?\d+$/.test(text))
    throw wrong('bad-port', 'Port numbers go from 1 to 65535, without sign or leading zero.', '22');
  const [near] = findPorts(text, 1);
  throw wrong(
    'unknown-service',
    'That is neither a port number nor a service that is known here.',
    near ? String(near.port) : 'ssh',
  );
}
