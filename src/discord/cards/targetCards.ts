import type { admit } from '../../policy/decide.ts';
import { type AllowlistEntry, isExpired } from '../../policy/entry.ts';
import type { Pinned } from '../../policy/resolve.ts';
import type { Target } from '../../policy/target.ts';
import type { Card } from '../card.ts';
import { code, type Markdown, md } from '../markdown.ts';
import { refusalLines } from './notices.ts';

/** Of an ISO 8601 time, up to the minute. */
const MINUTE_SHOWN = 16;

function rule({ ports, expiresAt }: AllowlistEntry): string {
  const on = ports === undefined ? 'all ports' : `ports ${ports.replaceAll(',', ', ')}`;
  // The end first: a long list of ports may be cut.
  return expiresAt === undefined ? on : `until ${expiresAt.slice(0, MINUTE_SHOWN).replace('T', ' ')} UTC, ${on}`;
}

export function addedCard(
  entry: AllowlistEntry,
  display: string,
  before: AllowlistEntry | undefined,
  warning: string | undefined,
): Card {
  return {
    tone: warning ? 'notice' : 'good',
    title: before ? md`Changed: ${display}` : md`Added: ${display}`,
    lines: [
      md`Everybody who may use /scan here can now scan ${code(entry.pattern)}: ${rule(entry)}.`,
      ...(before ? [md`Before: ${rule(before)}.`] : []),
      ...(entry.note ? [md`Note: ${entry.note}`] : []),
      ...(warning ? [md`⚠️ ${warning}`] : []),
      ...(entry.pattern.startsWith('*.')
        ? [md`It allows the names below it, not ${code(entry.pattern.slice(2))} itself.`]
        : []),
    ],
  };
}

export function removedCard(entry: AllowlistEntry): Card {
  return {
    tone: 'good',
    title: md`Removed: ${entry.pattern}`,
    lines: [md`It was allowed on ${rule(entry)}.`, ...(entry.note ? [md`Note: ${entry.note}`] : [])],
  };
}

export function listCard(entries: readonly AllowlistEntry[], nowMs: number): Card {
  if (entries.length === 0) {
    return {
      tone: 'notice',
      title: md`The allowlist is empty`,
      lines: [
        md`Nothing can be scanned in this server. Allow a first target: ${code('/targets add target:example.com')}`,
      ],
    };
  }
  const sorted = [...entries].sort((a, b) => a.pattern.localeCompare(b.pattern, 'en', { numeric: true }));
  return {
    tone: 'info',
    title: entries.length === 1 ? md`1 target may be scanned` : md`${entries.length} targets may be scanned`,
    lines: sorted.map((entry) => entryLine(entry, nowMs)),
    attachment: {
      name: 'targets.txt',
      content: () =>
        `${sorted.map((entry) => `${entry.pattern}\t${rule(entry)}\tadded ${entry.addedAt}`).join('\n')}\n`,
    },
  };
}

function entryLine(entry: AllowlistEntry, nowMs: number): Markdown {
  const expired = isExpired(entry, nowMs) ? md` **expired**,` : md``;
  const note = entry.note ? md` · ${entry.note}` : md``;
  return md`${code(entry.pattern)}:${expired} ${rule(entry)}${note}`;
}

/** Which rule decides about a host, and what it resolves to. `pinned` is there when the allowlist allows it. */
export function checkCard(target: Target, decision: ReturnType<typeof admit>, pinned: Pinned | undefined): Card {
  if (!decision.allowed) {
    return {
      tone: 'refused',
      title: md`Would be refused: ${target.display}`,
      lines: refusalLines(decision.refusal),
      footer: md`Rule: ${decision.refusal.code}`,
    };
  }
  const allowing = decision.entries.map((entry) => md`Allowed by the entry ${code(entry.pattern)}: ${rule(entry)}.`);
  if (!pinned?.ok) {
    const why = pinned?.reason === 'refused' ? pinned.refusal.message : (pinned?.message ?? '');
    return {
      tone: 'refused',
      title: md`Would be refused: ${target.display}`,
      lines: [...allowing, md`But: ${why}`],
      footer: md`Rule: ${pinned?.reason === 'refused' ? pinned.refusal.code : (pinned?.code ?? '')}`,
    };
  }
  const resolves =
    target.kind === 'name'
      ? [md`It resolves to ${[pinned.address, ...pinned.others].join(', ')}; all may be scanned.`]
      : [];
  return { tone: 'good', title: md`Would be scanned: ${target.display}`, lines: [...allowing, ...resolves] };
}
