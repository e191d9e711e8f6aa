import { listOf } from '../../../advice/words.ts';
import { say } from '../../../engine/phrase.ts';
import { formatPorts } from '../../../engine/ports/intervals.ts';
import type { ScanSummary } from '../../../engine/types.ts';
import type { ScanProgress } from '../../../scans/types.ts';
import type { Button, Card } from '../../card.ts';
import { type Markdown, md } from '../../markdown.ts';
import { durationText } from './durationText.ts';

const BAR_CELLS = 12;
const OPEN_SHOWN = 20;
/** Sooner a pace says nothing. */
const PACE_AFTER_MS = 1_000;

/** What a running or waiting scan shows: how far it is, what is open so far, and a way to end it. */
export function scanProgressCard(display: string, progress: ScanProgress): Card {
  if (progress.phase === 'queued') {
    return {
      tone: 'info',
      title: md`Waiting to scan ${display}`,
      lines: [md`Other scans are running. Place in the queue: ${progress.place}`],
      buttons: [cancelButton(progress.scanId)],
    };
  }
  const { summary, openPorts, lookingBehind } = progress.snapshot();
  const done = summary.total - summary.unprobed;
  const filled = Math.floor((done / summary.total) * BAR_CELLS);
  const { open, closed, filtered } = summary.counts;
  const shown = [...openPorts].sort((a, b) => a - b).slice(0, OPEN_SHOWN);
  const openList = listOf(formatPorts(shown).replaceAll(',', ', '), openPorts.length - shown.length);
  return {
    tone: 'info',
    title: md`Scanning ${display}`,
    lines: [
      md`${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)} ${done} of ${summary.total} ports`,
      md`${open} open, ${closed} closed, ${filtered} filtered so far`,
      ...paceOf(done, summary),
      ...(lookingBehind ? [md`Looking behind open ports: ${lookingBehind.done} of ${lookingBehind.of} done`] : []),
      ...(shown.length > 0 ? [md`Open: ${openList}`] : []),
    ],
    buttons: [cancelButton(progress.scanId)],
  };
}

function cancelButton(scanId: string): Button {
  return { label: say`Cancel`, style: 'danger', customId: `scan:cancel:${scanId}` };
}

/** How fast it goes, and how long it will take if it goes on so. */
function paceOf(done: number, { total, durationMs }: ScanSummary): Markdown[] {
  if (durationMs < PACE_AFTER_MS || done === 0 || done === total) return [];
  const perSecond = (done / durationMs) * 1_000;
  const shown = perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
  return [md`${shown} ports a second, about ${durationText(((total - done) / perSecond) * 1_000)} left`];
}
