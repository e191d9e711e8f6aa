import type { Target } from './targets.ts';

/** How names become addresses; rejects with a `code` like `dns.promises.lookup`. */
export type Lookup = (
  name: string,
  options: { readonly all: true; readonly family: 0 | 4 | 6 },
) => Promise<readonly { readonly address: string }[]>;

export interface Resolved {
  /** In the order of the command line, each once. */
  readonly addresses: readonly string[];
  /** The name an address was found by. */
  readonly names: ReadonlyMap<string, string>;
  /** Names without an address. */
  readonly failed: readonly string[];
}

/**
 * The addresses of the targets; of a name, the first one.
 *
 * @param lookup asked for names alone
 * @param tell gets a sentence for each name that has no address, or further ones that are left out
 */
export async function resolveTargets(
  targets: readonly Target[],
  family: 0 | 4 | 6,
  lookup: Lookup,
  tell: (sentence: string) => void,
): Promise<Resolved> {
  const names = new Map<string, string>();
  const failed: string[] = [];

  async function addressOf(name: string): Promise<readonly string[]> {
    try {
      const [first, ...others] = await lookup(name, { all: true, family });
      if (first === undefined) throw new Error('no address');
      const rest = others.map(({ address }) => address).join(', ');
      if (rest !== '') tell(`${name} has other addresses too, which are not scanned: ${rest}`);
      names.set(first.address, name);
      return [first.address];
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
      tell(`${name} does not resolve to an ${family === 0 ? 'IP' : `IPv${family}`} address${code}.`);
      failed.push(name);
      return [];
    }
  }

  const lists = await Promise.all(
    targets.map((target) => (target.kind === 'name' ? addressOf(target.name) : target.addresses)),
  );
  return { addresses: [...new Set(lists.flat())], names, failed };
}
