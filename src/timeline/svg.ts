import { element, textElement, type XmlAttributes } from '../exports/xmlText.ts';
import { visibleText } from '../safeText.ts';
import type { CellState, Timeline, TimelineRow } from './timeline.ts';
import { dayOf, WORDS } from './words.ts';

/** Discord shows it about half as wide on a phone: nothing is smaller than 20 here. */
export const WIDTH = 800;
const MARGIN = 28;
const GRID_LEFT = 250;
const GRID_RIGHT = WIDTH - MARGIN;
const HEAD = 164;
const ROW = 60;
const BAR = 34;
const FOOT = 76;
const LEFT_LINE = 34;

/** Own background, so that it looks the same in a light and a dark client. Text has at least 7:1 on it (WCAG 2.2, 1.4.6). */
const COLOURS = {
  ground: '#14171f',
  panel: '#1b202b',
  text: '#f2f4f8',
  quiet: '#b4bccb',
  line: '#394255',
  // Okabe and Ito's orange and sky blue, which colour-blind eyes tell apart, and a grey.
  open: '#e69f00',
  onOpen: '#1a1200',
  closed: '#56b4e9',
  filtered: '#8b94a7',
} as const;

/** Widths of the words in a bar at 20 px, measured once, with some room: nothing is measured when a picture is made. */
const WORD_WIDTHS: Readonly<Record<CellState, number>> = { open: 62, closed: 76, filtered: 86, unknown: 0 };
const LABEL_WIDTH = 88;

/** The timeline as SVG, {@link WIDTH} wide. Pure; the same timeline gives the same text. */
export function timelineSvg(timeline: Timeline): string {
  const { rows, runs, left } = timeline;
  const gridBottom = HEAD + rows.length * ROW;
  const height = gridBottom + (left.length > 0 ? LEFT_LINE : 0) + FOOT;
  const step = (GRID_RIGHT - GRID_LEFT) / runs.length;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      'font-family': 'Inter',
    },
    [
      textElement('title', {}, `${WORDS.title}: ${shown(timeline.host)}`),
      hatching(),
      element('rect', { width: WIDTH, height, rx: 20, fill: COLOURS.ground }),
      ...header(timeline),
      ...columns(runs, step, gridBottom),
      ...rows.flatMap((row, i) => rowElements(row, HEAD + i * ROW, step)),
      ...(left.length > 0 ? [text(MARGIN, gridBottom + 28, 20, COLOURS.quiet, WORDS.left(left))] : []),
      ...legend(height - 32),
    ],
  );
}

function hatching(): string {
  const stripes = element('path', { d: 'M0 12L12 0M-3 3L3 -3M9 15L15 9', stroke: COLOURS.filtered, 'stroke-width': 3 });
  const pattern = { id: 'filtered', width: 12, height: 12, patternUnits: 'userSpaceOnUse' };
  return element('defs', {}, [element('pattern', pattern, [stripes])]);
}

function header({ host, runs }: Timeline): string[] {
  const scans = WORDS.scans(runs.length, dayOf(runs[0] ?? ''), dayOf(runs.at(-1) ?? ''));
  return [
    text(MARGIN, 52, 34, COLOURS.text, middleCut(shown(host), 38), { 'font-weight': 600 }),
    text(MARGIN, 88, 22, COLOURS.quiet, `${WORDS.title}: ${scans}`),
  ];
}

/** A line for each run; its day and time where there is room, the last one always. */
function columns(runs: readonly string[], step: number, bottom: number): string[] {
  let free = Number.POSITIVE_INFINITY;
  return runs
    .map((at, i) => ({ at, x: GRID_LEFT + step * (i + 0.5) }))
    .reverse()
    .flatMap(({ at, x }) => {
      const line = element('path', {
        d: `M${round(x)} ${HEAD - 8}V${bottom}`,
        stroke: COLOURS.line,
        'stroke-width': 2,
      });
      if (x + LABEL_WIDTH / 2 > free) return [line];
      free = x - LABEL_WIDTH / 2;
      const middle = { 'text-anchor': 'middle' };
      return [
        line,
        text(x, HEAD - 38, 20, COLOURS.text, dayOf(at), middle),
        text(x, HEAD - 16, 20, COLOURS.quiet, at.slice(11, 16), middle),
      ];
    });
}

function rowElements({ port, service, cells }: TimelineRow, top: number, step: number): string[] {
  const middle = top + ROW / 2;
  return [
    text(MARGIN, middle - 2, 26, COLOURS.text, String(port), { 'font-weight': 600 }),
    text(MARGIN, middle + 22, 20, COLOURS.quiet, cut(shown(service), 18)),
    ...spansOf(cells).flatMap(({ state, from, to }) =>
      bar(state, { x: GRID_LEFT + step * from + 3, y: middle - BAR / 2, width: step * (to - from) - 6 }),
    ),
  ];
}

interface Span {
  readonly state: CellState;
  readonly from: number;
  readonly to: number;
}

/** Neighbours with the same state are one bar. */
function spansOf(cells: readonly CellState[]): readonly Span[] {
  const spans: Span[] = [];
  for (const [i, state] of cells.entries()) {
    const last = spans.at(-1);
    if (last?.state === state) spans[spans.length - 1] = { ...last, to: i + 1 };
    else spans.push({ state, from: i, to: i + 1 });
  }
  return spans;
}

/** Open is full, closed is a frame, filtered is hatched, unknown is dotted: each can be told without its colour. */
function bar(state: CellState, { x, y, width }: { x: number; y: number; width: number }): string[] {
  const box = { x: round(x), y: round(y), width: round(width), height: BAR, rx: 8 };
  const word = WORD_WIDTHS[state] < width ? [wordIn(state, x + width / 2, y + BAR / 2 + 7)] : [];
  switch (state) {
    case 'open':
      return [element('rect', { ...box, fill: COLOURS.open }), ...word];
    case 'closed':
      return [element('rect', { ...box, fill: COLOURS.panel, stroke: COLOURS.closed, 'stroke-width': 3 }), ...word];
    case 'filtered': {
      const framed = { stroke: COLOURS.filtered, 'stroke-width': 2 };
      const behind = WORD_WIDTHS.filtered - 8;
      const plate = { x: round(x + width / 2 - behind / 2), y: round(y + 3), width: behind, height: BAR - 6 };
      return [
        element('rect', { ...box, fill: COLOURS.panel }),
        element('rect', { ...box, fill: 'url(#filtered)', ...framed }),
        ...(word.length > 0 ? [element('rect', { ...plate, fill: COLOURS.panel })] : []),
        ...word,
      ];
    }
    case 'unknown': {
      const dots = { 'stroke-width': 5, 'stroke-linecap': 'round', 'stroke-dasharray': '0 13' };
      const d = `M${round(x + 6)} ${round(y + BAR / 2)}H${round(x + width - 4)}`;
      return [element('path', { d, stroke: COLOURS.filtered, ...dots })];
    }
  }
}

function wordIn(state: CellState, x: number, y: number): string {
  const colour = state === 'open' ? COLOURS.onOpen : state === 'closed' ? COLOURS.closed : COLOURS.text;
  return text(x, y, 20, colour, WORDS.states[state], { 'text-anchor': 'middle', 'font-weight': 600 });
}

/** Where each sample begins. */
const LEGEND: readonly (readonly [CellState, number])[] = [
  ['open', MARGIN],
  ['closed', 194],
  ['filtered', 378],
  ['unknown', 572],
];
const SAMPLE = 52;

function legend(y: number): string[] {
  return LEGEND.flatMap(([state, x]) => [
    ...bar(state, { x, y: y - BAR / 2, width: SAMPLE }),
    text(x + SAMPLE + 12, y + 7, 22, COLOURS.text, WORDS.states[state]),
  ]);
}

function text(x: number, y: number, size: number, fill: string, content: string, more: XmlAttributes = {}): string {
  return textElement('text', { x: round(x), y: round(y), 'font-size': size, fill, ...more }, content);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Foreign text with what the font has: anything else would be an empty box. */
function shown(foreign: string): string {
  return visibleText(foreign, 100).replace(/[^\u0020-\u007e\u00a0-\u024f\u0370-\u04ff…–·]/gu, '?');
}

function cut(content: string, max: number): string {
  return content.length <= max ? content : `${content.slice(0, max - 1).trimEnd()}…`;
}

/** Both ends of a name say more than its middle. */
function middleCut(content: string, max: number): string {
  if (content.length <= max) return content;
  const half = Math.floor((max - 1) / 2);
  return `${content.slice(0, half)}…${content.slice(-half)}`;
}
