import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Place } from '../test/lab/services/service.ts';

const execute = promisify(execFile);

/** What nmap said of one port. */
export interface NmapAnswer {
  /** Its words for the service: name, product, version, further words. */
  readonly service: string;
  readonly product: string;
  /** Names of the scripts that had something to say. */
  readonly scripts: readonly string[];
  readonly wallMs: number;
  /** It was ended before it was done. */
  readonly cut: boolean;
}

const ENTITIES = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
]);

function attribute(element: string, name: string): string {
  const value = new RegExp(` ${name}="([^"]*)"`).exec(element)?.[1] ?? '';
  return value.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => ENTITIES.get(entity) ?? entity);
}

/** Reads what `-oX -` wrote of one host with one port. */
function readXml(xml: string): Pick<NmapAnswer, 'service' | 'product' | 'scripts'> {
  const element = /<service [^>]*>/.exec(xml)?.[0] ?? '';
  // A name from a table of ports was not seen.
  const isSeen = attribute(element, 'method') === 'probed';
  const words = isSeen ? ['name', 'product', 'version', 'extrainfo', 'ostype'].map((it) => attribute(element, it)) : [];
  const product = isSeen ? [attribute(element, 'product'), attribute(element, 'version')].join(' ').trim() : '';
  const scripts = [...xml.matchAll(/<script id="([^"]+)"/g)].map(([, id = '']) => id);
  return { service: words.join(' '), product: product || (words[0] ?? ''), scripts };
}

/** Runs nmap on one open port: `flags` beside `-Pn -n`. */
export async function askNmap(
  { address, port }: Place,
  flags: readonly string[],
  limitMs: number,
): Promise<NmapAnswer> {
  const startedAt = performance.now();
  const args = [...flags, '-Pn', '-n', '-oX', '-', '-p', `${port}`, address];
  const { stdout, cut } = await execute('nmap', args, { timeout: limitMs, maxBuffer: 64 * 1024 * 1024 }).then(
    (done) => ({ stdout: done.stdout, cut: false }),
    (error: { readonly stdout?: string; readonly killed?: boolean }) => {
      if (error.killed !== true) throw error;
      return { stdout: error.stdout ?? '', cut: true };
    },
  );
  return { ...readXml(stdout), wallMs: performance.now() - startedAt, cut };
}
