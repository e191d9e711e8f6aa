import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { asJson } from '../json.ts';

/** Where the page finds modules of packages. */
export const PACKAGES = '/packages/';

/** A module as the browser gets it. */
export interface ServedModule {
  /** Path in its URL. */
  readonly path: string;
  readonly text: string;
}

/** An import or an export from elsewhere that begins a line or follows another statement: not one in a comment. */
const SPECIFIER = /((?:^|;)\s*(?:import|export)\b(?:[\w\s{},*$]*\bfrom)?\s*)(["'])([^"'\n]+)\2/gm;
/** As a browser chooses among the targets of `exports`. */
const CONDITIONS: readonly string[] = ['browser', 'import', 'default'];

function targetOf(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported;
  const conditions = asJson(exported);
  for (const [condition, target] of Object.entries(conditions))
    if (CONDITIONS.includes(condition)) return targetOf(target);
  return undefined;
}

interface Package {
  readonly name: string;
  readonly folder: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

function findPackage(name: string, from: string): Package {
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    try {
      const manifest = asJson(JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')));
      return { name, folder: join(folder, name), manifest };
    } catch {
      // Not there; the next folder up may have it.
    }
  }
  throw new Error(`The package ${name} is not installed. Run npm ci.`);
}

/** Packages are below `/packages/`, each version for itself; what has no name is ours. */
function pathOf({ name, folder, manifest }: Package, file: string): string {
  const inside = relative(folder, file).split(sep).join('/');
  return name === '' ? `/${inside}` : `${PACKAGES}${name}@${manifest.version}/${inside}`;
}

interface Found {
  readonly home: Package;
  readonly file: string;
  readonly path: string;
}

function resolveBare(specifier: string, from: string): Found {
  const [, name = '', rest = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier) ?? [];
  const home = findPackage(name, from);
  const target = targetOf(asJson(home.manifest.exports)[`.${rest}`]);
  if (target === undefined) throw new Error(`${name} exports no .${rest}`);
  const file = join(home.folder, target);
  return { home, file, path: pathOf(home, file) };
}

/**
 * A module of ours and all that it needs, with bare specifiers replaced by URLs: a browser has no node_modules, and an
 * import map would be an inline script. Nothing else, of our folder or of the packages, is served.
 *
 * @param folder where the module is; its URL is `/` and its name
 */
export function collectModules(folder: string, entry: string): readonly ServedModule[] {
  const modules = new Map<string, ServedModule>();
  const visit = (path: string, file: string, home: Package): void => {
    if (modules.has(path)) return;
    const source = readFileSync(file, 'utf8');
    modules.set(path, { path, text: '' });
    const text = source.replaceAll(SPECIFIER, (_all, keyword: string, quote: string, specifier: string) => {
      const isRelative = specifier.startsWith('.');
      const next = isRelative ? join(dirname(file), specifier) : '';
      const found = isRelative ? { home, file: next, path: pathOf(home, next) } : resolveBare(specifier, file);
      visit(found.path, found.file, found.home);
      return `${keyword}${quote}${found.path}${quote}`;
    });
    // The maps are not served.
    modules.set(path, { path, text: text.replace(/^\/\/# sourceMappingURL=.*$/m, '') });
  };
  const home = { name: '', folder, manifest: {} };
  visit(`/${entry}`, join(folder, entry), home);
  return [...modules.values()];
}
