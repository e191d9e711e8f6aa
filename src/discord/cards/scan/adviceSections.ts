import type { Finding } from '../../../advice/findings/index.ts';
import type { Severity } from '../../../advice/guide.ts';
import { hardeningTips, type Tip, type UnknownPorts } from '../../../advice/tips.ts';
import { usualService } from '../../../advice/usualService.ts';
import { listOf, SEVERITY_WORDS } from '../../../advice/words.ts';
import type { Phrase } from '../../../engine/phrase.ts';
import type { OpenPort, ScanResult } from '../../../scans/result.ts';
import type { Section } from '../../card.ts';
import { code, type Markdown, md, mdCounted, trusted } from '../../markdown.ts';

export const MARKS: Record<Severity, string> = { critical: '🔴', high: '🔴', medium: '🟠', low: '🟡', info: '🟢' };

/** Findings and tips together. */
const SHOWN = 5;
const ACTIONS_SHOWN = 2;
const PORTS_NAMED = 3;
const UNKNOWN_PORTS_NAMED = 6;
const ALSO_NAMED = 8;
const OTHER_PORTS = md`Other open ports`;
const LISTENERS = code('ss -ltnp');

/** True when the reply does not tell everything that was found. */
export function hasMoreFindings({ findings, answersEverything }: ScanResult): boolean {
  return !answersEverything && folded(findings).length > SHOWN;
}

const keyOf = ({ id, title }: Finding) => `${id} ${title.text}`;

/** The same thing on several ports is one piece of advice. */
function folded(findings: readonly Finding[]): readonly Finding[] {
  const byTitle = new Map<string, Finding>();
  for (const finding of findings) {
    const key = keyOf(finding);
    const known = byTitle.get(key);
    byTitle.set(key, known ? { ...known, ports: [...new Set([...known.ports, ...finding.ports])] } : finding);
  }
  return [...byTitle.values()];
}

/** What was found, worst first, then what is worth doing about open ports without a finding: five pieces of advice at most. */
export function adviceSections(result: ScanResult): Section[] {
  const { findings, open, answersEverything } = result;
  if (open.length === 0) return [{ heading: md`What to do`, lines: [quietTip(result)] }];
  if (answersEverything) return [];
  const shown = folded(findings).slice(0, SHOWN);
  const said = new Set(shown.map(keyOf));
  // As many as the file has beyond those.
  const left = findings.filter((finding) => !said.has(keyOf(finding))).length;
  const more = left > 0 ? [{ heading: md`…and ${left} more`, lines: [md`All of it is in the attached file.`] }] : [];
  return [...shown.map(findingSection), ...more, ...tipSection(result, SHOWN - shown.length)];
}

function findingSection({ severity, title, ports, seen, actions }: Finding): Section {
  return {
    heading: md`${MARKS[severity]} ${title} (${portList(ports)})`,
    lines: [
      md`**${SEVERITY_WORDS[severity]}** · ${seen}`,
      ...actions.slice(0, ACTIONS_SHOWN).map((action) => md`→ ${trusted(action)}`),
    ],
  };
}

function tipSection({ open, findings }: ScanResult, limit: number): Section[] {
  const judged = new Set(findings.flatMap(({ ports }) => ports));
  const unjudged = open.filter(({ port }) => !judged.has(port));
  if (unjudged.length === 0) return [];
  if (limit < 1) return [{ heading: md`Also open, without a finding`, lines: [md`${namesOf(unjudged)}`] }];
  // Nobody knows what closes at once, so no service's advice fits.
  const usual = new Map(unjudged.map(({ port, usualPort, closesAtOnce }) => [port, closesAtOnce ? 0 : usualPort]));
  const ports = unjudged.map(({ port }) => port);
  const { tips, more } = hardeningTips(ports, limit, (port) => usual.get(port) ?? port);
  const lines = tips.map(tipLine);
  const rest = more > 0 ? [md`…and ${more} more: ${'/explain port:…'} tells what to do for each.`] : [];
  const heading = findings.length > 0 ? md`For the other open ports` : md`What to do, worst first`;
  return [{ heading, lines: [...lines, ...rest] }];
}

function namesOf(open: readonly OpenPort[]): Phrase {
  const names = open.slice(0, ALSO_NAMED).map(({ port }) => `${port} ${usualService(port).text}`);
  return listOf(names.join(', '), open.length - ALSO_NAMED);
}

function tipLine(tip: Tip | UnknownPorts): Markdown {
  const { ports } = tip;
  if (tip.service !== undefined) return md`**${tip.service}** (${portList(ports)}): ${trusted(tip.text)}`;
  const list = listOf(ports.slice(0, UNKNOWN_PORTS_NAMED).join(', '), ports.length - UNKNOWN_PORTS_NAMED);
  const advice = mdCounted(
    ports.length,
    md`Find out who needs port ${list} (${LISTENERS}); close what nobody claims.`,
    md`Find out who needs ports ${list} (${LISTENERS}); close what nobody claims.`,
  );
  return md`**${OTHER_PORTS}** (${portList(ports)}): ${advice}`;
}

function portList(ports: readonly number[]): string {
  const shown = ports.slice(0, PORTS_NAMED).join(', ');
  return ports.length > PORTS_NAMED ? `${shown}…` : shown;
}

/** With nothing open there is one quiet line; "nothing to do" only when that is known. */
function quietTip({ record, verdicts }: ScanResult): Markdown {
  const untested = record.unprobed + verdicts.filter(({ state }) => state === 'error').length;
  if (untested > 0) return md`Scan again: ${untested} of ${record.unprobed + verdicts.length} ports were not tested.`;
  if (verdicts.every(({ state }) => state === 'filtered')) {
    if (record.vantage === 'this-host') return md`Check the firewall of this machine, and that the address is right.`;
    return md`Check that the host is up and the address is right. A firewall that hides it looks just like this.`;
  }
  return md`Nothing: none of these ports is open.`;
}
