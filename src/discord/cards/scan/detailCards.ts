import type { Finding } from '../../../advice/findings/index.ts';
import { SEVERITY_WORDS } from '../../../advice/words.ts';
import { say } from '../../../engine/phrase.ts';
import type { OpenPort, ScanResult, Verdict } from '../../../scans/result.ts';
import type { Button, Card, Section } from '../../card.ts';
import { type Markdown, md, trusted } from '../../markdown.ts';
import { portCard, sourceLink } from '../explainCards.ts';
import { MARKS } from './adviceSections.ts';
import { openLine, quietLine } from './portLines.ts';

const FINDINGS_PER_PAGE = 3;
const PORTS_PER_PAGE = 30;

type Page = Pick<Card, 'lines' | 'sections'>;

/** Everything about a result, a page at a time: findings in full, then every port. @param page from 0, cut to what there is */
export function detailCard(result: ScanResult, page: number): Card {
  const pages = pagesOf(result);
  const shown = Math.min(Math.max(0, page), pages.length - 1);
  const { display, id, address, startedAt } = result.record;
  return {
    tone: 'info',
    title: md`Details: ${display}`,
    ...pages[shown],
    footer: md`Page ${shown + 1} of ${pages.length} · ${address} · ${startedAt.slice(0, 16).replace('T', ' ')} UTC`,
    buttons: turners(id, shown, pages.length),
  };
}

function turners(id: string, page: number, count: number): Button[] {
  const back: Button = { label: say`Back`, style: 'secondary', customId: `scan:page:${id}.${page - 1}` };
  const next: Button = { label: say`Next`, style: 'secondary', customId: `scan:page:${id}.${page + 1}` };
  return [...(page > 0 ? [back] : []), ...(page + 1 < count ? [next] : [])];
}

function pagesOf({ findings, verdicts, open }: ScanResult): Page[] {
  const openByPort = new Map(open.map((each) => [each.port, each]));
  const line = (verdict: Verdict) => lineOf(verdict, openByPort.get(verdict.port));
  const pages: Page[] = [
    ...chunks(findings, FINDINGS_PER_PAGE).map((some) => ({ sections: some.map(findingInFull) })),
    ...chunks(verdicts, PORTS_PER_PAGE).map((some) => ({ lines: some.map(line) })),
  ];
  return pages.length > 0 ? pages : [{ lines: [md`No port has a verdict.`] }];
}

function lineOf(verdict: Verdict, open: OpenPort | undefined): Markdown {
  return open ? openLine(open) : quietLine(verdict);
}

function findingInFull({ id, severity, title, ports, seen, why, actions, source }: Finding): Section {
  return {
    heading: md`${MARKS[severity]} ${title} (${ports.join(', ')})`,
    lines: [
      md`**${SEVERITY_WORDS[severity]}** · ${seen}`,
      trusted(why),
      ...actions.map((action) => md`→ ${trusted(action)}`),
      md`${sourceLink(source)} · ${id}`,
    ],
  };
}

/** One open port of a result: what was found there, then what is known of such ports. */
export function openPortCard(result: ScanResult, { port, usualPort, service }: OpenPort): Card {
  const guide = portCard({ port: usualPort, protocol: undefined });
  const findings = result.findings.filter(({ ports }) => ports.includes(port));
  const seen = service ? [md`Seen there: **${service.text}**`] : [];
  return {
    ...guide,
    title: md`Port ${port} on ${result.record.display}`,
    lines: [...seen, ...(guide.lines ?? [])],
    sections: [...findings.map(findingInFull), ...(guide.sections ?? [])],
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
