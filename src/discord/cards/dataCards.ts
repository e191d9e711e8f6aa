import { type Phrase, say } from '../../engine/phrase.ts';
import type { Card } from '../card.ts';
import { type Markdown, md } from '../markdown.ts';

/** Discord takes files of 10 MiB; the rest of the message needs some room. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024 - 64 * 1024;

/**
 * JSON for a file that somebody opens in a terminal or an editor: what is invisible or changes the reading direction is
 * escaped. It can only stand inside strings, so the value stays the same.
 */
export function fileJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u007f-\u009f]/gu,
    (character) => character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** What the repositories keep, by their names. */
const PARTS: ReadonlyMap<string, Phrase> = new Map([
  ['allowlist', say`the allowlist`],
  ['settings', say`the settings`],
  ['ownership', say`proofs that targets are yours`],
  ['scans', say`results of scans`],
  ['sightings', say`what was last seen on each port`],
  ['openReplies', say`replies that still wait for an answer`],
  ['interruptedScans', say`scans that a restart cut off`],
  ['quotas', say`quota counters (they go by themselves within the hour)`],
  ['audit', say`the audit log`],
  ['people', say`who is behind the ids in the audit log`],
]);

function partWords(name: string): Phrase {
  return PARTS.get(name) ?? say`${name}`;
}

export interface DataFile {
  readonly text: string;
  /** Parts that had no room in the file. */
  readonly leftOut: readonly string[];
}

/**
 * One JSON document of all parts; the largest give way until it fits into a file, and it says which did.
 *
 * @param about what the document says of itself; not empty
 */
export function dataFile(
  about: Readonly<Record<string, unknown>>,
  parts: Readonly<Record<string, unknown>>,
  maxBytes = MAX_FILE_BYTES,
): DataFile {
  const kept = new Map(Object.entries(parts).map(([name, part]) => [name, fileJson(part ?? null, 1)]));
  const leftOut: string[] = [];
  for (;;) {
    const members = [...kept].map(([name, json]) => `${fileJson(name)}: ${json}`);
    const head = fileJson(leftOut.length > 0 ? { ...about, leftOut } : about).slice(0, -1);
    const text = `${head},\n"data": {\n${members.join(',\n')}\n}}\n`;
    if (Buffer.byteLength(text) <= maxBytes || kept.size === 0) return { text, leftOut };
    const [largest = ''] = [...kept].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    kept.delete(largest);
    leftOut.push(largest);
  }
}

export function dataExportCard(title: Markdown, { text, leftOut }: DataFile): Card {
  const missing = leftOut.map(
    (name) => md`⚠️ Left out, because it did not fit into one file of Discord: ${partWords(name)}`,
  );
  const audit = leftOut.includes('audit') ? [md`The audit log in parts: /audit export`] : [];
  return {
    tone: leftOut.length > 0 ? 'notice' : 'good',
    title,
    lines: [
      ...missing,
      ...audit,
      leftOut.length > 0
        ? md`The rest is in harbormaster-data.json, which only you see.`
        : md`Everything is in harbormaster-data.json, which only you see.`,
    ],
    attachment: { name: 'harbormaster-data.json', always: true, content: () => text },
  };
}

/** @param done what became of each part, in sentences for this person */
export function mineDeletedCard(done: readonly Phrase[]): Card {
  return {
    tone: 'good',
    title: md`Your data in this server was deleted`,
    lines: [
      ...done.map((sentence) => md`${sentence}`),
      md`Messages in channels (shared results, an audit channel) are kept by Discord, not by this bot.`,
    ],
  };
}

/** @param parts names of all that would go */
export function confirmDeleteCard(id: string, parts: readonly string[], minutes: number): Card {
  return {
    tone: 'danger',
    title: md`Delete everything of this server?`,
    lines: [
      md`What goes, for good:`,
      ...parts.map((part) => md`• ${partWords(part)}`),
      md`Nothing can be scanned afterwards until targets are allowed again. There is no way back.`,
      md`To keep a copy, first: /data export scope:server`,
    ],
    footer: md`This question is for you alone and ends in ${minutes} minutes.`,
    buttons: [
      { label: say`Delete everything`, style: 'danger', customId: `data:confirm:${id}` },
      { label: say`Keep it`, style: 'secondary', customId: `data:cancel:${id}` },
    ],
  };
}

export function serverDeletedCard(): Card {
  return {
    tone: 'good',
    title: md`Everything of this server was deleted`,
    lines: [md`The allowlist is empty, so nothing can be scanned. The next thing that happens begins a new audit log.`],
  };
}
