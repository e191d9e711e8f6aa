import type { FindingExplanation } from '../../advice/findings/index.ts';
import { generalAdvice } from '../../advice/general.ts';
import { type PortGuide, protocolsOf, type Topic } from '../../advice/guide.ts';
import { describePort, type PortQuery } from '../../advice/lookup.ts';
import { SOURCES, type SourceKey } from '../../advice/sources.ts';
import { STATE_MEANING, TOPICS } from '../../advice/topics.ts';
import { formatPorts } from '../../engine/ports/intervals.ts';
import { PORT_STATES } from '../../engine/types.ts';
import type { Sighting } from '../../storage/sightings.ts';
import type { Card, Section, Tone } from '../card.ts';
import { code, type Markdown, md, trusted } from '../markdown.ts';

const TONES: Record<PortGuide['severity'], Tone> = {
  critical: 'danger',
  high: 'danger',
  medium: 'notice',
  low: 'notice',
  info: 'good',
};

/**
 * What is known about a port: the catalogue's guide, or its registered name and honest general advice. `lastSeen`: where
 * the server has seen it, newest first.
 */
export function portCard({ port, protocol }: PortQuery, lastSeen: readonly Sighting[] = []): Card {
  const { service, guide, iana, protocolNote } = describePort(port, protocol);
  const note = protocolNote === undefined ? [] : [md`⚠️ ${protocolNote}`];
  if (!guide) {
    const registered = iana ? registeredAs(iana) : md`IANA has no service registered for it.`;
    const { rangeText, questions, actions, sources } = generalAdvice(port);
    return {
      tone: 'info',
      title: md`Port ${port}: ${service}`,
      lines: [
        ...note,
        registered,
        trusted(rangeText),
        md`There is no guide for this port; what follows holds for every port.`,
      ],
      sections: [
        ...seenSection(lastSeen),
        bullets('Find out', questions),
        bullets('What to do', actions),
        sourceSection(sources),
      ],
    };
  }
  const protocols = protocolsOf(guide, port).join(' and ').toUpperCase();
  return {
    tone: TONES[guide.severity],
    title: md`Port ${port}: ${guide.service}`,
    lines: [
      ...note,
      trusted(guide.purpose),
      md`**On the internet?** ${facing(guide)}`,
      md`**Found open where nobody expects it:** ${guide.severity}`,
    ],
    sections: [
      ...seenSection(lastSeen),
      bullets('Risks', guide.risks),
      bullets('What to do', guide.actions),
      sourceSection(guide.sources),
    ],
    footer: md`${protocols} ${formatPorts([...guide.ports].sort((a, b) => a - b)).replaceAll(',', ', ')} · reviewed ${guide.reviewed}`,
  };
}

function seenSection(sightings: readonly Sighting[]): Section[] {
  if (sightings.length === 0) return [];
  const lines = sightings.map(({ host, state, service, at }) => {
    const what = service === undefined ? md`` : md`, ${service}`;
    return md`• **${host}**: ${state}${what} (${at.slice(0, 10)})`;
  });
  return [{ heading: md`Last seen here`, lines }];
}

/** What a finding means, wherever it was found. */
export function findingCard({ id, severity, title, why, actions, source }: FindingExplanation): Card {
  return {
    tone: TONES[severity],
    title: md`${title}`,
    lines: [md`**Severity:** ${severity}`, trusted(why)],
    sections: [
      bullets('What to do', actions),
      { heading: md`Source`, lines: [md`[${trusted(source.title)}](${trusted(source.url)})`] },
    ],
    footer: md`${id}`,
  };
}

function registeredAs({ name, description }: { name: string; description: string }): Markdown {
  const more = description && description.toLowerCase() !== name.toLowerCase();
  return more ? md`IANA registered it as ${name}: ${description}.` : md`IANA registered it as ${name}.`;
}

function facing({ facing, condition }: PortGuide): Markdown {
  if (facing === 'yes') return md`Yes, that is what it is for.`;
  return facing === 'no' ? md`No.` : md`Only under a condition: ${trusted(condition ?? '')}`;
}

export function topicCard(topic: Topic): Card {
  const sections = topic.sections.map(({ heading, text }) => ({
    heading: md`${heading}`,
    lines: text.split('\n').map(trusted),
  }));
  return {
    tone: 'info',
    title: md`${topic.title}`,
    lines: [trusted(topic.summary)],
    sections: [...sections, sourceSection(topic.sources)],
  };
}

/** For /explain without an option: the states in a line each, and what else can be asked. */
export function overviewCard(): Card {
  return {
    tone: 'info',
    title: md`What do you want explained?`,
    lines: [md`A port: ${code('/explain port:22')}, or one of these topics: ${code('/explain topic:states')}`],
    sections: [
      { heading: md`Topics`, lines: TOPICS.map(({ id, summary }) => md`**${id}**: ${trusted(summary)}`) },
      {
        heading: md`The states`,
        lines: PORT_STATES.map((state) => md`**${state}**: ${trusted(STATE_MEANING[state])}`),
      },
    ],
  };
}

function bullets(heading: string, items: readonly string[]): Section {
  return { heading: md`${heading}`, lines: items.map((item) => md`• ${trusted(item)}`) };
}

function sourceSection(keys: readonly SourceKey[]): Section {
  return {
    heading: md`Sources`,
    lines: keys.map((key) => md`[${trusted(SOURCES[key].title)}](${trusted(SOURCES[key].url)})`),
  };
}
