import type { PortState, Suspicion } from '../engine/types.ts';
import type { Topic } from './guide.ts';
import { exposureTopics } from './topics/exposure.ts';
import { probeTopics } from './topics/probes.ts';
import { serviceTopics } from './topics/services.ts';
import { stateTopics } from './topics/states.ts';

export { REASON_MEANING } from './topics/reasons.ts';

/** Every topic, in the order in which to offer them. */
export const TOPICS: readonly Topic[] = [...stateTopics, ...exposureTopics, ...probeTopics, ...serviceTopics];

/** What to know before believing the verdicts on a host, by what the engine noticed. */
export const SUSPICION_MEANING: Readonly<Record<Suspicion, string>> = {
  'answers-everything':
    'Nearly every port accepts connections. A proxy, a tarpit or a honeypot may be greeting on behalf of the host, so open ports mean little here.',
  'syn-proxy': 'A proxy in front of the host finishes every handshake. Ports where it then hung up count as closed.',
  'rst-rate-limited': 'The host limits how often it refuses, so the scan kept to its pace.',
  'icmp-rate-limited': 'The host limits its ICMP errors, so the scan kept to its pace.',
  'stopped-answering':
    'The host stopped answering in mid-scan, as with a firewall that bans scanners. Silence after that proves little.',
};

/** What a state means in terms of security: a phrase of at most 90 characters. */
export const STATE_MEANING: Readonly<Record<PortState, string>> = {
  open: 'a service accepts connections: attack surface, fine if needed and secured',
  'open|filtered': 'UDP only, nothing came back: a service that ignores strangers, or a firewall',
  closed: 'nothing listens, low risk, but the host answers and a new service would show at once',
  filtered: 'no usable answer, usually a firewall drops it: good for ports you do not use',
  error: 'the scanner could not test it: says nothing about the host',
};

/** The same as sentences. */
export const STATE_SENTENCE: Readonly<Record<PortState, string>> = {
  open: sentence(STATE_MEANING.open),
  'open|filtered': sentence(STATE_MEANING['open|filtered']),
  closed: sentence(STATE_MEANING.closed),
  filtered: sentence(STATE_MEANING.filtered),
  error: sentence(STATE_MEANING.error),
};

function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}

const MAX_QUERY_LENGTH = 100;

const topicsById: ReadonlyMap<string, Topic> = new Map(TOPICS.map((topic) => [topic.id, topic]));

/** The topic with exactly this id. */
export function topicById(id: string): Topic | undefined {
  return topicsById.get(id);
}

/**
 * Topics that fit what somebody has typed so far: by id, then title, then summary, then body. An empty text gives all
 * of them. At most `limit`, each once; does not throw.
 */
export function findTopics(text: string, limit: number): readonly Topic[] {
  if (!(limit >= 1) || text.length > MAX_QUERY_LENGTH * 4) return [];
  const query = text.trim().toLowerCase().slice(0, MAX_QUERY_LENGTH);
  const found = new Set<Topic>();
  for (const matches of matchersFor(query)) {
    for (const topic of TOPICS) if (matches(topic)) found.add(topic);
  }
  return [...found].slice(0, Math.floor(limit));
}

function matchersFor(query: string): readonly ((topic: Topic) => boolean)[] {
  const asId = query.replaceAll(' ', '-');
  return [
    (topic) => topic.id === asId,
    (topic) => topic.id.startsWith(asId),
    (topic) => topic.title.toLowerCase().includes(query),
    (topic) => topic.summary.toLowerCase().includes(query),
    (topic) => topic.sections.some(({ heading, text }) => `${heading} ${text}`.toLowerCase().includes(query)),
  ];
}
