import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCommands } from '../../commands/index.ts';
import { CATALOGUE } from '../../src/advice/catalogue/index.ts';
import { explainFinding, FINDING_KINDS } from '../../src/advice/findings/index.ts';
import { TOPICS } from '../../src/advice/topics.ts';
import type { Card } from '../../src/discord/card.ts';
import { findingCard, overviewCard, portCard, topicCard } from '../../src/discord/cards/explainCards.ts';
import { helpCard } from '../../src/discord/cards/helpCard.ts';
import { scanCard } from '../../src/discord/cards/scan/scanCard.ts';
import { localised } from '../../src/discord/localised.ts';
import { inLanguage, type Markdown } from '../../src/discord/markdown.ts';
import { renderCard } from '../../src/discord/render.ts';
import { readPorts } from '../../src/engine/ports/intervals.ts';
import { LANGUAGES } from '../../src/i18n/languages.ts';
import { expectAccepted } from '../discord/accepted.ts';
import { anyScanRecord } from '../helpers/scanRecords.ts';

/** Discord counts names, descriptions and values of a command, each in its longest language. */
const MAX_COMMAND_LENGTH = 8_000;

const commands = createCommands({ maxPorts: 1_024 } as Parameters<typeof createCommands>[0]);
const declarations = commands.map(({ data }) => localised(data, LANGUAGES));

function textsOf(node: unknown): { name: string[]; description: string[] }[] {
  if (typeof node !== 'object' || node === null) return [];
  const { name, description, name_localizations, description_localizations, options } = node as Record<string, unknown>;
  const own = {
    name: [String(name), ...Object.values((name_localizations as object) ?? {})],
    description: [String(description), ...Object.values((description_localizations as object) ?? {})],
  };
  return [own, ...(Array.isArray(options) ? options.flatMap(textsOf) : [])];
}

test.each(declarations.map((declaration) => [declaration.name, declaration] as const))(
  '/%s fits in every language',
  (_name, declaration) => {
    let length = 0;
    for (const { name, description } of textsOf(declaration)) {
      for (const text of name) expect(text).toMatch(/^[-_\p{Ll}\p{Lo}\p{N}]{1,32}$/u);
      for (const text of description) expect(text.length, text).toBeLessThanOrEqual(100);
      length += Math.max(...name.map((text) => text.length)) + Math.max(...description.map((text) => text.length));
    }
    expect(length).toBeLessThanOrEqual(MAX_COMMAND_LENGTH);
  },
);

describe.each(LANGUAGES.all.map((translator) => [translator.locale, translator] as const))(
  '%s',
  (_locale, translator) => {
    const whole = (card: Card, what: string) => {
      const message = renderCard(card, translator);
      expectAccepted(message);
      const [embed] = message.embeds;
      const said = (lines: readonly Markdown[]) => lines.map((line) => inLanguage(line, translator)).join('\n');
      const sections = (card.sections ?? []).filter(({ lines }) => lines.length > 0);
      expect(embed?.title, what).toBe(inLanguage(card.title, translator));
      expect(embed?.description ?? '', what).toBe(said(card.lines ?? []));
      expect(embed?.fields?.map(({ value }) => value) ?? [], what).toEqual(sections.map(({ lines }) => said(lines)));
      expect(message.files, what).toEqual([]);
    };

    test('every guide, topic and finding fits into a reply, whole', () => {
      for (const { ports } of CATALOGUE)
        whole(portCard({ port: ports[0] ?? 1, protocol: undefined }), `port ${ports[0]}`);
      for (const topic of TOPICS) whole(topicCard(topic), topic.id);
      for (const { id } of FINDING_KINDS) {
        const finding = explainFinding(id);
        if (finding) whole(findingCard(finding), id);
      }
      whole(overviewCard(), 'overview');
      whole(helpCard(declarations, true), 'help');
    });

    test('any result fits into a message that Discord takes, and loses no port', () => {
      fc.assert(
        fc.property(anyScanRecord, (record) => {
          const message = renderCard(scanCard(record, 'mine'), translator);
          expectAccepted(message);
          const shown = JSON.stringify([message.embeds, message.files.map(({ attachment }) => attachment.toString())]);
          const numbers = new Set(shown.match(/\d+/g));
          for (const { ports } of record.groups) {
            for (const port of readPorts(ports) ?? []) {
              if (!numbers.has(String(port))) expect(isInRange(shown, port), `port ${port}`).toBe(true);
            }
          }
        }),
        { numRuns: 8 },
      );
    });
  },
);

function isInRange(shown: string, port: number): boolean {
  return [...shown.matchAll(/(\d+)-(\d+)/g)].some(([, from, to]) => Number(from) <= port && port <= Number(to));
}
