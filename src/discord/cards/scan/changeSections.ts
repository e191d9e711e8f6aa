import { type Comparison, compareScans, isUnchanged } from '../../../scans/compare.ts';
import type { ScanResult } from '../../../scans/result.ts';
import type { Section } from '../../card.ts';
import { type Markdown, md } from '../../markdown.ts';
import { MARKS } from './adviceSections.ts';

/** What changed since an earlier result of the same host. */
export function changeSections(before: ScanResult, after: ScanResult): Section[] {
  const changes = compareScans(before, after);
  if (changes.compared === 0) return [];
  const since = before.record.startedAt.slice(0, 16).replace('T', ' ');
  const lines = isUnchanged(changes) ? [md`Nothing changed.`] : changeLines(changes);
  return [{ heading: md`Since ${since} UTC`, lines }];
}

function changeLines(changes: Comparison): Markdown[] {
  const { opened, closed, filtered, otherStates, services, newFindings, goneFindings, address } = changes;
  return [
    ...(address ? [md`• Another address: ${address.before}, now ${address.after}`] : []),
    ...[...opened, ...closed, ...filtered, ...otherStates].map(
      ({ port, before, after }) => md`• **${port}/tcp** was ${before}, is **${after}** now`,
    ),
    ...services.map(({ port, before, after }) => md`• **${port}/tcp** was ${before}, is **${after}** now`),
    ...newFindings.map(({ severity, title, ports }) => md`• New: ${MARKS[severity]} ${title} (${ports.join(', ')})`),
    ...goneFindings.map(({ title, ports }) => md`• Gone: ${title} (${ports.join(', ')})`),
  ];
}
