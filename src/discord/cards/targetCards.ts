import { type Phrase, say } from '../../engine/phrase.ts';
import { type AllowlistEntry, isExpired } from '../../policy/entry.ts';
import type { Refusal } from '../../policy/refusal.ts';
import type { Target } from '../../policy/target.ts';
import { visibleText } from '../../safeText.ts';
import type { Checked } from '../../targets/check.ts';
import type { ExportedList } from '../../targets/exportFile.ts';
import type { Card } from '../card.ts';
import { code, type Markdown, md, mdCounted } from '../markdown.ts';
import { notice, refusalLines } from './notices.ts';

/** Of an ISO 8601 time, up to the minute. */
const MINUTE_SHOWN = 16;

const isDeny = ({ effect }: AllowlistEntry) => effect === 'deny';

/** What an entry says besides its pattern and note. */
export function ruleWords(entry: AllowlistEntry): Phrase {
  const { ports, expiresAt } = entry;
  const on = ports === undefined ? say`all ports` : portsWords(ports);
  const rule = isDeny(entry) ? say`denied on ${on}` : on;
  // The end first: a long list of ports may be cut.
  return expiresAt === undefined ? rule : say`until ${expiresAt.slice(0, MINUTE_SHOWN).replace('T', ' ')} UTC, ${rule}`;
}

/** @param ports as `formatPorts` writes them */
function portsWords(ports: string): Phrase {
  return /^\d+$/.test(ports) ? say`port ${ports}` : say`ports ${ports.replaceAll(',', ', ')}`;
}

/** What an entry was, for a sentence about its change. */
function beforeWords(before: AllowlistEntry, after: AllowlistEntry): Markdown {
  if (isDeny(before) && !isDeny(after)) return md`**Changed: was denied** (${ruleWords(before)}). It is allowed now.`;
  if (!isDeny(before) && isDeny(after)) return md`**Changed: was allowed** (${ruleWords(before)}). It is denied now.`;
  return md`Before: ${ruleWords(before)}.`;
}

export function putCard(
  entry: AllowlistEntry,
  display: string,
  before: AllowlistEntry | undefined,
  { warning, needsProof }: { readonly warning: Phrase | undefined; readonly needsProof: boolean },
): Card {
  return {
    tone: warning || needsProof || (before && isDeny(before) && !isDeny(entry)) ? 'notice' : 'good',
    title: before ? md`Changed: ${display}` : isDeny(entry) ? md`Denied: ${display}` : md`Added: ${display}`,
    lines: [
      isDeny(entry)
        ? md`${code(entry.pattern)}: ${ruleWords(entry)}, whatever other entries allow.`
        : needsProof
          ? md`${code(entry.pattern)}: ${ruleWords(entry)}. It can be scanned once it is verified:`
          : md`Everybody who may use /scan here can now scan ${code(entry.pattern)}: ${ruleWords(entry)}.`,
      ...(needsProof ? [code(`/targets verify target:${verifiable(entry.pattern)}`)] : []),
      ...(before ? [beforeWords(before, entry)] : []),
      ...(entry.note ? [md`Note: ${entry.note}`] : []),
      ...(warning ? [md`⚠️ ${warning}`] : []),
      ...belowWords(entry),
    ],
  };
}

function belowWords(entry: AllowlistEntry): readonly Markdown[] {
  if (!entry.pattern.startsWith('*.')) return [];
  const name = code(entry.pattern.slice(2));
  return isDeny(entry)
    ? [md`It denies the names below it, not ${name} itself.`]
    : [md`It allows the names below it, not ${name} itself.`];
}

/** @param left what is on the list now */
export function removedCard(entry: AllowlistEntry, left: readonly AllowlistEntry[]): Card {
  const name = code(entry.pattern);
  const was = md`${name} is off the list. It said: ${ruleWords(entry)}.`;
  const open = isDeny(entry) ? [md`What other entries allow of it may be scanned from now on.`] : [];
  return {
    tone: 'good',
    title: md`Removed: ${entry.pattern}`,
    lines: [was, ...open, ...(entry.note ? [md`Note: ${entry.note}`] : []), ...nothingLeft(left)],
  };
}

function nothingLeft(entries: readonly AllowlistEntry[]): readonly Markdown[] {
  if (entries.some((entry) => !isDeny(entry))) return [];
  return [md`⚠️ Nothing can be scanned in this server now. Allow a target: ${code('/targets add target:example.com')}`];
}

/** What was to be removed is not there. */
export function notListedCard(canonical: string): Card {
  return {
    ...notice(say`Not on the list`),
    lines: [
      md`There is no entry ${code(canonical)}. Entries are removed as they were added; ${code('/targets list')} shows them.`,
    ],
  };
}

/** @param isReadable false for an entry whose pattern no longer parses */
export function listCard(
  entries: readonly AllowlistEntry[],
  nowMs: number,
  isReadable: (entry: AllowlistEntry) => boolean,
): Card {
  if (entries.length === 0) {
    return {
      tone: 'notice',
      title: md`The allowlist is empty`,
      lines: [
        md`Nothing can be scanned in this server. Allow a first target: ${code('/targets add target:example.com')}`,
      ],
    };
  }
  const byName = entries.toSorted((a, b) => a.pattern.localeCompare(b.pattern, 'en', { numeric: true }));
  // Deny entries first: they beat the others, and the end of a long list is cut.
  const sorted = [...byName.filter(isDeny), ...byName.filter((entry) => !isDeny(entry))];
  return {
    tone: 'info',
    title: countWords(entries),
    lines: sorted.map((entry) => entryLine(entry, nowMs, isReadable(entry))),
    attachment: {
      name: 'targets.txt',
      content: () => `${sorted.map(fileLine).join('\n')}\n`,
    },
  };
}

function countWords(entries: readonly AllowlistEntry[]): Markdown {
  const denied = entries.filter(isDeny).length;
  const allowed = entries.length - denied;
  const may = mdCounted(allowed, md`${allowed} target may be scanned`, md`${allowed} targets may be scanned`);
  return denied === 0 ? may : md`${may}, ${denied} denied`;
}

function entryLine(entry: AllowlistEntry, nowMs: number, readable: boolean): Markdown {
  const name = code(entry.pattern);
  const rule = readable ? md`${ruleWords(entry)}` : brokenWords(entry);
  return withNote(isExpired(entry, nowMs) ? md`${name}: **expired**, ${rule}` : md`${name}: ${rule}`, entry);
}

/** The line, and the note of the entry that it is about. */
export function withNote(line: Markdown, { note }: AllowlistEntry): Markdown {
  return note ? md`${line} · ${note}` : line;
}

function brokenWords(entry: AllowlistEntry): Markdown {
  return isDeny(entry)
    ? md`**cannot be read**, so nothing is scanned here; remove it by this text: ${ruleWords(entry)}`
    : md`**cannot be read**, so it allows nothing; remove it by this text: ${ruleWords(entry)}`;
}

function fileLine(entry: AllowlistEntry): string {
  return `${visibleText(entry.pattern)}\t${ruleWords(entry).text}\tadded ${entry.addedAt}`;
}

/** Which rule decides about a host, and what it resolves to. */
export function checkCard(target: Target, checked: Checked): Card {
  const allowing = checked.allowing.map(
    (entry) => md`Allowed by the entry ${code(entry.pattern)}: ${ruleWords(entry)}.`,
  );
  switch (checked.outcome) {
    case 'refused':
      return wouldBeRefused(
        target,
        [...allowing, ...refusedLines(checked.refusal, allowing.length > 0)],
        checked.refusal.code,
      );
    case 'unresolved':
      return wouldBeRefused(target, [...allowing, md`But: ${checked.message}`], checked.code);
    case 'allowed':
      return {
        tone: 'good',
        title: md`Would be scanned: ${target.display}`,
        lines: [
          ...allowing,
          ...checked.denying.map((entry) => md`Except by the deny entry ${code(entry.pattern)}: ${ruleWords(entry)}.`),
          ...(checked.addresses.length > 0
            ? [md`It resolves to ${checked.addresses.join(', ')}; all may be scanned.`]
            : []),
        ],
      };
  }
}

function refusedLines(refusal: Refusal, isAllowed: boolean): Markdown[] {
  const [first, ...others] = refusalLines(refusal);
  return first && isAllowed ? [md`But: ${first}`, ...others] : refusalLines(refusal);
}

function wouldBeRefused(target: Target, lines: readonly Markdown[], rule: string): Card {
  return { tone: 'refused', title: md`Would be refused: ${target.display}`, lines, footer: md`Rule: ${rule}` };
}

export function exportCard({ csv, count, unreadable }: ExportedList): Card {
  const names = unreadable.map((entry) => md`Left out, because it cannot be read: ${code(entry.pattern)}`);
  return {
    tone: names.length > 0 ? 'notice' : 'info',
    title: mdCounted(count, md`${count} entry in targets.csv`, md`${count} entries in targets.csv`),
    lines: [md`Change the file and give it to ${code('/targets import')}, here or in another server.`, ...names],
    attachment: { name: 'targets.csv', always: true, content: () => csv },
  };
}

/** A range is verified address by address. */
function verifiable(pattern: string): string {
  return pattern.includes('/') ? '<address>' : pattern;
}
