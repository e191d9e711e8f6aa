import { type Phrase, say } from '../../engine/phrase.ts';
import type { AllowlistEntry } from '../../policy/entry.ts';
import { visibleText } from '../../safeText.ts';
import type { ImportProblem } from '../../targets/importFile.ts';
import type { ChangedEntry, ImportPlan } from '../../targets/importPlan.ts';
import type { Confirmed } from '../../targets/imports.ts';
import type { Card } from '../card.ts';
import type { Answer } from '../command.ts';
import { code, type Markdown, md, mdCounted } from '../markdown.ts';
import { notice } from './notices.ts';
import { ruleWords, withNote } from './targetCards.ts';

/** Lines of each kind in a reply; longer lists go into the attachment whole. */
const FIRST_LINES = 10;
/** Text of one line in an attachment, in graphemes. */
const FILE_LINE = 1_000;

/** @param isConfirmation a preview that answers the button is a second one: the list has changed since the first */
export function importAnswer(result: Confirmed, isConfirmation: boolean): Answer {
  switch (result.outcome) {
    case 'problems':
      return { outcome: 'refused', card: problemsCard(result.problems) };
    case 'preview':
      return { outcome: isConfirmation ? 'refused' : 'done', card: previewCard(result, isConfirmation) };
    case 'nothing-to-do':
      return { outcome: 'done', card: nothingToDoCard(result.plan) };
    case 'applied':
      return { outcome: 'done', card: importedCard(result.plan) };
    case 'gone': {
      const hint = say`It waits for ten minutes, not over a restart, and is done once. Import the file again.`;
      return { outcome: 'refused', card: notice(say`This import has expired`, hint), unknownId: true };
    }
    case 'not-yours':
      return {
        outcome: 'refused',
        card: notice(say`Not your import`, say`Only who gave the file can confirm or cancel it.`),
        unknownId: true,
      };
  }
}

export function cancelledAnswer(outcome: 'cancelled' | 'gone' | 'not-yours'): Answer {
  return outcome === 'cancelled' ? { outcome: 'done', card: cancelledCard() } : importAnswer({ outcome }, true);
}

/** Nothing was stored: what is wrong on which line, and what would work. */
function problemsCard(problems: readonly ImportProblem[]): Card {
  const name = 'import-problems.txt';
  const count = problems.length;
  return {
    tone: 'refused',
    title: mdCounted(
      count,
      md`Nothing was imported: ${count} problem in the file`,
      md`Nothing was imported: ${count} problems in the file`,
    ),
    lines: [
      ...firstLines(problems, problemLine, name),
      md`The list is as it was. Correct the file and import it again.`,
    ],
    attachment: {
      name,
      always: problems.some(({ line }) => line !== undefined),
      content: () => `${problems.map(problemText).join('\n')}\n`,
    },
  };
}

function firstLines<T>(items: readonly T[], lineOf: (item: T) => Markdown, fileName: string): readonly Markdown[] {
  const left = items.length - FIRST_LINES;
  return [...items.slice(0, FIRST_LINES).map(lineOf), ...(left > 0 ? [md`…and ${left} more in ${fileName}`] : [])];
}

/** One line of a file. Most text is plain, and thousands of lines of it need no look at every grapheme. */
function fileLine(text: string): string {
  return /^[\x20-\x7e“”…]*$/.test(text) ? text.trim().slice(0, FILE_LINE) : visibleText(text, FILE_LINE);
}

function problemLine({ line, message, example }: ImportProblem): Markdown {
  const words = md`${message} Try: ${code(example, 100)}`;
  return line === undefined ? words : md`Line ${line}: ${words}`;
}

function problemText({ line, message, example }: ImportProblem): string {
  const place = line === undefined ? '' : `Line ${line}: `;
  return fileLine(`${place}${message.text} Try: ${typeof example === 'string' ? example : example.text}`);
}

interface Shown {
  readonly id: string;
  readonly plan: ImportPlan;
  readonly replace: boolean;
}

/** What an import would do, with the buttons to do it or not. `isStale`: the list changed since the last preview. */
function previewCard({ id, plan, replace }: Shown, isStale: boolean): Card {
  return {
    tone: 'notice',
    title: isStale ? md`The list has changed meanwhile: look again` : md`Import this?`,
    lines: [
      ...(isStale ? [md`Nothing was stored. This is what the import would do now.`] : []),
      md`**${countWords(plan, replace)}**. Nothing is stored yet; you have ten minutes.`,
      ...effectLines(plan),
      ...plan.warnings.slice(0, FIRST_LINES).map((warning) => md`⚠️ ${warning}`),
    ],
    ...planParts(plan, 'import-preview.txt'),
    buttons: [
      { label: say`Confirm`, style: plan.removed.length > 0 ? 'danger' : 'primary', customId: `targets:confirm:${id}` },
      { label: say`Cancel`, style: 'secondary', customId: `targets:cancel:${id}` },
    ],
  };
}

function importedCard(plan: ImportPlan): Card {
  return {
    tone: 'good',
    title: md`Imported`,
    lines: [md`**${countWords(plan, plan.removed.length > 0)}**.`, ...effectLines(plan)],
    ...planParts(plan, 'import.txt'),
  };
}

function nothingToDoCard(plan: ImportPlan): Card {
  return {
    tone: 'info',
    title: md`Nothing to import`,
    lines: [md`The list says all of it already (${plan.unchanged} unchanged).`],
  };
}

function cancelledCard(): Card {
  return { tone: 'info', title: md`Import cancelled`, lines: [md`The list is as it was.`] };
}

function countWords({ added, changed, unchanged, removed }: ImportPlan, replace: boolean): Phrase {
  const counts = say`${added.length} new, ${changed.length} changed, ${unchanged} unchanged`;
  return replace ? say`${counts}, ${removed.length} removed` : counts;
}

/** What must not be overlooked in a long list. */
function effectLines({ changed, removed }: ImportPlan): readonly Markdown[] {
  const isDeny = ({ effect }: AllowlistEntry) => effect === 'deny';
  const lifted = [
    ...changed.filter(({ before, entry }) => isDeny(before) && !isDeny(entry)).map(({ entry }) => entry),
    ...removed.filter(isDeny),
  ];
  const names = lifted.slice(0, FIRST_LINES).map((entry) => md`⚠️ No longer denied: ${code(entry.pattern)}`);
  const left = lifted.length - names.length;
  return left > 0
    ? [
        ...names,
        mdCounted(left, md`⚠️ …and ${left} more is no longer denied`, md`⚠️ …and ${left} more are no longer denied`),
      ]
    : names;
}

/** The first lines of each kind, and the file with all of them when there are more. */
function planParts(plan: ImportPlan, name: string): Required<Pick<Card, 'sections' | 'attachment'>> {
  const { added, changed, removed } = plan;
  const always = [added, changed, removed].some(({ length }) => length > FIRST_LINES);
  return {
    sections: [
      { heading: md`New`, lines: firstLines(added, entryLine, name) },
      { heading: md`Changed`, lines: firstLines(changed, changedLine, name) },
      { heading: md`Removed`, lines: firstLines(removed, entryLine, name) },
    ],
    attachment: { name, always, content: () => planText(plan) },
  };
}

function entryLine(entry: AllowlistEntry): Markdown {
  return withNote(md`${code(entry.pattern)}: ${ruleWords(entry)}`, entry);
}

function changedLine({ before, entry }: ChangedEntry): Markdown {
  const isRule = ruleWords(before).text !== ruleWords(entry).text;
  return isRule ? md`${entryLine(entry)} (was: ${ruleWords(before)})` : md`${entryLine(entry)} (note or end changed)`;
}

function planText({ added, changed, removed }: ImportPlan): string {
  const text = (kind: string, entry: AllowlistEntry, more = '') =>
    fileLine(`${kind} ${entry.pattern}: ${ruleWords(entry).text} ${entry.note ?? ''}${more}`);
  const lines = [
    ...added.map((entry) => text('new', entry)),
    ...changed.map(({ before, entry }) =>
      text('changed', entry, ` (was: ${ruleWords(before).text} ${before.note ?? ''})`),
    ),
    ...removed.map((entry) => text('removed', entry)),
  ];
  return `${lines.join('\n')}\n`;
}
