import type { FindingExplanation, FindingSource } from '../../advice/findings/index.ts';
import { generalAdvice } from '../../advice/general.ts';
import { type PortGuide, protocolsOf, type Topic } from '../../advice/guide.ts';
import { describePort, type PortQuery } from '../../advice/lookup.ts';
import { rememberedService } from '../../advice/service.ts';
import { SOURCES, type SourceKey } from '../../advice/sources.ts';
import { STATE_MEANING, TOPICS } from '../../advice/topics.ts';
import { SEVERITY_WORDS, STATE_WORDS } from '../../advice/words.ts';
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
export function portCard({ port, protocol }: PortQuery, lastSeen: readonly Sighting[] | 'unreadable' = []): Card {
  const { service, guide, iana, protocolNote } = describePort(port, protocol);
  const note = protocolNote === undefined ? [] : [md`⚠️ ${protocolNote}`];
  if (!guide) {
    const registered = iana ? registeredAs(iana) : md`IANA has no service registered for it.`;
    const { rangeText, questions, commands, actions, sources } = generalAdvice(port);
    const find = md`Find the process: ${code(commands.linux)} on Linux, ${code(commands.windows)} on Windows.`;
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
        bullets(md`Find out`, questions.map(trusted)),
        bullets(md`What to do`, [find, ...actions.map(trusted)]),
        sourceSection(sources),
      ],
    };
  }
  const protocols = protocolsOf(guide, port).join(', ').toUpperCase();
  const ports = formatPorts([...guide.ports].sort((a, b) => a - b)).replaceAll(',', ', ');
  return {
    tone: TONES[guide.severity],
    title: md`Port ${port}: ${guide.service}`,
    lines: [
      ...note,
      trusted(guide.purpose),
      md`**On the internet?** ${facing(guide)}`,
      md`**Found open where nobody expects it:** ${SEVERITY_WORDS[guide.severity]}`,
    ],
    sections: [
      ...seenSection(lastSeen),
      bullets(md`Risks`, guide.risks.map(trusted)),
      bullets(md`What to do`, guide.actions.map(trusted)),
      sourceSection(guide.sources),
    ],
    footer: md`${protocols} ${ports} · reviewed ${guide.reviewed}`,
  };
}

function seenSection(sightings: readonly Sighting[] | 'unreadable'): Section[] {
  if (sightings === 'unreadable') {
    return [{ heading: md`Last seen here`, lines: [md`What this server last saw there cannot be read now.`] }];
  }
  if (sightings.length === 0) return [];
  const lines = sightings.map(({ host, state, service, at }) => {
    const [word, day] = [STATE_WORDS[state], at.slice(0, 10)];
    return service === undefined
      ? md`• **${host}**: ${word} (${day})`
      : md`• **${host}**: ${word}, ${rememberedService(service)} (${day})`;
  });
  return [{ heading: md`Last seen here`, lines }];
}

/** What a finding means, wherever it was found. */
export function findingCard({ id, severity, title, why, actions, source }: FindingExplanation): Card {
  return {
    tone: TONES[severity],
    title: trusted(title),
    lines: [md`**Severity:** ${SEVERITY_WORDS[severity]}`, trusted(why)],
    sections: [bullets(md`What to do`, actions.map(trusted)), { heading: md`Source`, lines: [sourceLink(source)] }],
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
    heading: trusted(heading),
    lines: text.split('\n').map(trusted),
  }));
  return {
    tone: 'info',
    title: trusted(topic.title),
    lines: [trusted(topic.summary)],
    sections: [...sections, sourceSection(topic.sources)],
  };
}

/** For /explain without an option: the states in a line each, and what else can be asked. */
export function overviewCard(): Card {
  return {
    tone: 'info',
    title: md`What do you want explained?`,
    // Too long for a field in some languages.
    lines: [
      md`A port: ${code('/explain port:22')}, or one of these topics: ${code('/explain topic:states')}`,
      ...TOPICS.map(({ id, summary }) => md`• **${id}**: ${trusted(summary)}`),
    ],
    sections: [
      {
        heading: md`The states`,
        lines: PORT_STATES.map((state) => md`**${STATE_WORDS[state]}**: ${trusted(STATE_MEANING[state])}`),
      },
    ],
  };
}

function bullets(heading: Markdown, items: readonly Markdown[]): Section {
  return { heading, lines: items.map((item) => md`• ${item}`) };
}

function sourceSection(keys: readonly SourceKey[]): Section {
  return {
    heading: md`Sources`,
    lines: keys.map((key) => sourceLink(SOURCES[key])),
  };
}

/** Titles of documents are the same in every language. */
export function sourceLink({ title, url }: FindingSource): Markdown {
  return md`[${typeof title === 'string' ? trusted(title) : title}](${trusted(url)})`;
}
