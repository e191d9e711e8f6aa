import { embedLength } from 'discord.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { historyCard } from '../../src/discord/cards/historyCards.ts';
import { LIMITS } from '../../src/discord/limits.ts';
import { renderCard } from '../../src/discord/render.ts';
import { changesOf } from '../../src/scans/history.ts';
import { readResult } from '../../src/scans/result.ts';
import { anyScanRecord } from '../helpers/scanRecords.ts';

test('any ten scans of a host fit into a message, and whatever has no room is in the file', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyScanRecord, { minLength: 1, maxLength: 12 }), async (records) => {
      const results = records.map(readResult);
      const changes = await changesOf(results, 10);
      const entries = changes.flatMap((each, i) => {
        const result = results[i];
        return result ? [{ result, changes: each }] : [];
      });
      const card = historyCard({ display: 'example.com', entries, kept: 12, days: 100, picture: undefined });
      const { embeds, files } = renderCard(card);
      const [embed] = embeds;
      if (!embed) throw new Error('no embed');
      expect(embedLength(embed)).toBeLessThanOrEqual(LIMITS.embedTotal);
      expect(embed.description?.length).toBeLessThanOrEqual(LIMITS.embedDescription);
      expect(JSON.stringify(embed)).not.toMatch(/@everyone|@here|<@|\]\(|https?:\/\/evil|\|\||```/);
      expect(embed.description?.match(/<t:\d+:f>/g)?.length === entries.length || files.length === 1).toBe(true);
      const text = files[0]?.attachment.toString() ?? '';
      if (files.length > 0) for (const { result } of entries) expect(text).toContain(result.record.startedAt);
    }),
    { numRuns: 20, seed: 11 },
  );
});
