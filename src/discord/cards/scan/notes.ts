import { SUSPICION_MEANING } from '../../../advice/topics.ts';
import { counted, type Phrase, say } from '../../../engine/phrase.ts';
import { parseTarget } from '../../../policy/target.ts';
import type { Vantage } from '../../../policy/vantage.ts';
import type { ScanResult } from '../../../scans/result.ts';
import type { ScanRecord } from '../../../storage/scanRecords.ts';
import { code, type Markdown, md, trusted } from '../../markdown.ts';

export const STOPPED: Record<NonNullable<ScanRecord['stopped']>, Phrase> = {
  cancelled: say`Cancelled`,
  revoked: say`Stopped because the target was taken off the allowlist`,
  shutdown: say`Stopped because the bot is restarting`,
  deadline: say`Stopped because Discord allows a reply 15 minutes`,
};

/** Why this was not the view from outside. */
const VANTAGE_NOTES: Record<Vantage, Phrase> = {
  'this-host': say`Seen from the machine itself: the bot runs on it, and no firewall outside it stood between.`,
  'same-network': say`Seen from inside: the bot is in the same network, and a firewall at its edge was not passed.`,
  'private-network': say`Seen from inside: this address is not on the internet.`,
  'own-public-address': say`Seen from inside: this is the bot's own public address, and its router may have turned the packets round.`,
};

/** What changes how the rest is read; it stands first so that it is never cut. */
export function warningsOf({ record }: ScanResult, isKept: boolean): Markdown[] {
  const warnings: Markdown[] = [];
  if (record.stopped) warnings.push(md`⚠️ ${STOPPED[record.stopped]}: ${leftOver(record)}.`);
  for (const suspicion of record.suspicions ?? []) warnings.push(md`⚠️ ${trusted(SUSPICION_MEANING[suspicion])}`);
  if (record.warning) warnings.push(md`⚠️ ${imitation(record.host, record.warning)}`);
  if (record.skippedPorts) {
    warnings.push(md`⚠️ Not scanned, because the allowlist does not permit them: ${spaced(record.skippedPorts)}`);
  }
  if (!isKept) warnings.push(md`⚠️ The result could not be kept: it cannot be shared or repeated by a button.`);
  return warnings;
}

function leftOver({ unprobed }: ScanRecord): Phrase {
  if (unprobed === 0) return say`not every open port was looked behind`;
  return counted(unprobed, say`${unprobed} port has no verdict`, say`${unprobed} ports have no verdict`);
}

/** A record keeps the English words; the name tells the rest. */
function imitation(host: string, words: string): Phrase | string {
  const target = parseTarget(host);
  return (target.ok && target.value.kind === 'name' && target.value.warning) || words;
}

/** What else there is to know about the host and about where it was seen from. */
export function notesOf({ record, verdicts, address }: ScanResult): Markdown[] {
  const notes = silenceNote(verdicts, record);
  if (record.notProbed && !record.stopped)
    notes.push(md`Not looked behind: ${spaced(record.notProbed)}. Scan fewer ports at once to see more.`);
  if (record.otherAddresses.length > 0)
    notes.push(md`The name has other addresses too: ${record.otherAddresses.join(', ')}`);
  const { vantage = address.tier === 'private' ? 'private-network' : undefined } = record;
  if (vantage) {
    notes.push(md`👁 ${VANTAGE_NOTES[vantage]} For an attacker's view: ${code('/explain topic:outside-view')}`);
  }
  return notes;
}

/** Silence on every port has two readings, and the states alone do not tell them apart. */
function silenceNote(verdicts: ScanResult['verdicts'], { status, vantage }: ScanRecord): Markdown[] {
  if (status === 'down') return [md`The host is down: the network says there is no such machine.`];
  const silent = verdicts.length > 0 && verdicts.every(({ state }) => state === 'filtered');
  if (silent && vantage === 'this-host') return [md`No port answered: the firewall of this machine drops everything.`];
  return silent ? [md`No port answered: a firewall drops everything from here, or the host is down.`] : [];
}

export function spaced(ports: string): string {
  return ports.replaceAll(',', ', ');
}
