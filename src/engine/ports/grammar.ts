import type { Parsed, Problem } from '../parsed.ts';
import { type Phrase, say } from '../phrase.ts';
import type { Protocol } from '../types.ts';
import { countPorts, expandIntervals, type Interval, mergeIntervals, type PortList } from './intervals.ts';
import { readItem } from './item.ts';
import { quote, visible } from './quote.ts';

/** Discord's option text is at most 6,000 characters; nobody writes half of this by hand. */
const MAX_TEXT = 4_000;

const GENERAL_EXAMPLE = '22,80,8000-8010,https,@mail';

function problem(code: string, message: Phrase, example: string = GENERAL_EXAMPLE): Problem {
  return { code, message, example };
}

/** What is wrong with the characters themselves, before any item is read; `undefined` when all are printable ASCII. */
function characterProblem(text: string): Problem | undefined {
  if (text.includes(';')) {
    return problem('semicolon', say`Semicolons do not separate ports. Use commas or blanks.`, '22,80');
  }
  const strange = /[^\x20-\x7e\t]/u.exec(text);
  if (strange === null) return undefined;
  const character = strange[0];
  if (/\p{Nd}|\p{No}|\p{Nl}/u.test(character)) {
    return problem(
      'foreign-digit',
      say`${quote(text)} holds a digit outside 0 to 9. Type the port with plain digits.`,
      '22',
    );
  }
  if (/\p{Pd}|\u2212/u.test(character)) {
    return problem(
      'dash',
      say`${visible(character)} is a dash, not a hyphen. Write ranges with a plain hyphen.`,
      '1-1024',
    );
  }
  if (/\p{C}|\p{Z}|\p{M}|\p{Default_Ignorable_Code_Point}/u.test(character)) {
    return problem(
      'invisible',
      say`There is an invisible character (${visible(character)}) at character ${strange.index + 1}. Type the list anew.`,
    );
  }
  return problem('foreign-character', say`${quote(text)} holds the character ${visible(character)}. Use plain ASCII.`);
}

/** The items of a list, or the problem with an empty place between commas. */
function splitItems(text: string): Parsed<readonly string[]> {
  const items: string[] = [];
  for (const part of text.split(',')) {
    const words = part.match(/[^ \t]+/g);
    if (words === null) {
      return {
        ok: false,
        problem: problem(
          'empty-item',
          say`Something is missing beside a comma in ${quote(text)}. Put a port there.`,
          '22,80',
        ),
      };
    }
    items.push(...words);
  }
  return { ok: true, value: items };
}

/** What is wrong with a text before its items are looked at. */
function textProblem(text: string): Problem | undefined {
  if (text.length > MAX_TEXT) {
    const message = say`The list has ${text.length} characters, the most is ${MAX_TEXT}. Ranges and presets make it shorter.`;
    return problem('too-long', message);
  }
  if (/^[ \t]*$/.test(text)) return problem('empty', say`No ports are named. Name at least one port, range or preset.`);
  return characterProblem(text);
}

/** What both readers share; `protocols` are those a list may name. */
function readList(text: string, maxPorts: number, protocols: readonly Protocol[]): Parsed<PortList> {
  const wrong = textProblem(text);
  if (wrong !== undefined) return { ok: false, problem: wrong };
  const items = splitItems(text);
  if (!items.ok) return items;
  const intervals: Record<Protocol, Interval[]> = { tcp: [], udp: [] };
  for (const item of items.value) {
    const read = readItem(item, protocols);
    if (!read.ok) return read;
    intervals[read.value.protocol].push(...read.value.intervals);
  }
  const tcp = mergeIntervals(intervals.tcp);
  const udp = mergeIntervals(intervals.udp);
  const count = countPorts(tcp) + countPorts(udp);
  if (count > maxPorts) {
    const message = say`That is ${count} ports, the most at once is ${maxPorts}. Ask for fewer, or in parts.`;
    return { ok: false, problem: problem('too-many-ports', message, maxPorts < 7 ? '443' : '@mail') };
  }
  return { ok: true, value: { tcp: expandIntervals(tcp), udp: expandIntervals(udp) } };
}

/**
 * Reads a list of TCP ports: numbers 1 to 65535, ranges `1-1024`, service names and presets such as `@web` (upper and
 * lower case are one), separated by commas or blanks; a number, range or name may carry `/tcp`. The value is sorted,
 * each port once. Runs in time linear in the text, however large the ranges in it are.
 *
 * @param options.maxPorts most distinct ports to accept
 */
export function parsePorts(text: string, options: { readonly maxPorts: number }): Parsed<readonly number[]> {
  const list = readList(text, options.maxPorts, ['tcp']);
  return list.ok ? { ok: true, value: list.value.tcp } : list;
}

/**
 * Reads a list of ports of both protocols: as {@link parsePorts}, and a number, range or name may carry `/udp` instead
 * (`53/udp`, `1-100/udp`, `dns/udp`; a name then means the ports it has over UDP). Without one it is TCP, as presets are.
 *
 * @param options.maxPorts most distinct ports to accept, both protocols together
 */
export function parsePortList(text: string, options: { readonly maxPorts: number }): Parsed<PortList> {
  return readList(text, options.maxPorts, ['tcp', 'udp']);
}
