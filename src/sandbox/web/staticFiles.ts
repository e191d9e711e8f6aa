import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectModules } from './modules.ts';

export interface StaticFile {
  readonly type: string;
  readonly body: Buffer;
}

const FOLDER = join(import.meta.dirname, 'page');
const OTHERS: Readonly<Record<string, string>> = {
  'style.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/**
 * Everything that the page consists of, by path: a closed list, made once. The HTML names every module, so that the
 * browser fetches them side by side instead of finding them one after the other.
 */
export function readStaticFiles(): ReadonlyMap<string, StaticFile> {
  const modules = collectModules(FOLDER, 'main.js');
  const preload = modules.map(({ path }) => `<link rel="modulepreload" href="${path}">`).join('\n    ');
  const html = readFileSync(join(FOLDER, 'index.html'), 'utf8').replace('<!-- modules -->', preload);
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: Buffer.from(html) }],
    ...Object.entries(OTHERS).map(
      ([name, type]) => [`/${name}`, { type, body: readFileSync(join(FOLDER, name)) }] as const,
    ),
    ...modules.map(
      ({ path, text }) => [path, { type: 'text/javascript; charset=utf-8', body: Buffer.from(text) }] as const,
    ),
  ]);
}
