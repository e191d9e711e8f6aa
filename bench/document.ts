import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ROWS } from './rows.ts';
import { HEADINGS, line, NOTHING } from './table.ts';

const METHOD = `## What is measured, and how

Every target is made for the run by \`test/lab\`: two network namespaces on one machine, joined by a veth pair or by a relay
between two TAP devices that adds delay, jitter, loss and a bottleneck. Each has 21 ports that answer (2 of the 3 in the
smallest set), and what every port really does is known. Scanner and target share the processors.

- **ours, nmap**: the median of the wall times from spawning the process to its exit, output written to a file, both through
  \`ip netns exec\`. The two take turns. \`nmap -Pn -n -T4\` with \`-sT\`, or \`-sS\` where that is written. Where nmap takes more
  than 20 s it runs once or twice; "> 60 s" means that it was cut there.
- **warm**: the median time of a scan within a running process, after three that do not count, against nmap's process.
- **ratio**: ours divided by nmap's. "free" rates are meant (\`--rate 1000000\`) unless a rate is written.
- **wrong / runs**: verdicts of ours that contradict the truth, in all runs together. An ICMP port unreachable called closed
  is wrong for the transports that see ICMP; connect(2) alone cannot tell it from a RST. Of the flaky ports those count that
  were not found.
- **packets**: packets towards the target, ours divided by nmap's (medians; on loopback half of the packets). At most 1.6 on
  targets that lose nothing.
- **peak/s**: most packets a second in any 100 ms of any run, exact where the relay counts them and sampled elsewhere. All
  packets count, also those that end a connection, where a rate bounds the SYNs; a rate that was set may be passed by a
  tenth. "at nmap's peak rate": held to 0.97 of nmap's median peak, and our median peak is below nmap's highest.
- **worst / median**: at most 3 on targets that lose packets, over at least 20 runs.
- **memory**: the highest resident memory of the whole process (VmHWM), verdicts not kept.

Again: \`npm run bench\` on Linux as root; \`npm run bench -- --only b-1000,e-1000 --transport ffi\` measures some rows anew.
`;

/** The first cells of a line of the table: the row and the transport. */
function cellsOf(text: string): readonly [string, string] {
  const [id = '', transport = ''] = text.replace(/^\| /, '').split(' | ');
  return [id, transport];
}

/** True when a line measured earlier is superseded by one of the new ones. */
function isReplaced(old: string, fresh: readonly string[]): boolean {
  const [id, transport] = cellsOf(old);
  return fresh.some((text) => {
    const [freshId, freshTransport] = cellsOf(text);
    return id === freshId && (transport === freshTransport || transport === NOTHING);
  });
}

function oldLines(path: string): string[] {
  if (!existsSync(path)) return [];
  const ids = new Set(ROWS.map(({ id }) => id));
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => text.startsWith('| ') && ids.has(cellsOf(text)[0]));
}

function position(text: string): number {
  const [id] = cellsOf(text);
  return ROWS.findIndex((row) => row.id === id);
}

/**
 * Writes the document: what the machine is, how it was measured, and the table. Rows measured earlier stay as they were,
 * with their date, unless they are among the new ones.
 */
export function writeDocument(path: string, machine: string, rows: readonly (readonly string[])[]): void {
  const fresh = rows.map(line);
  const kept = oldLines(path).filter((text) => !isReplaced(text, fresh));
  const body = [...kept, ...fresh].toSorted((a, b) => position(a) - position(b));
  const head = [line(HEADINGS), line(HEADINGS.map(() => '---'))];
  const text = `# Benchmarks\n\n${machine}\n\n${[...head, ...body].join('\n')}\n\n${METHOD}`;
  writeFileSync(path, text);
}
