/** What the command line asks for. */
export interface Arguments {
  readonly as: string;
  readonly server: string;
  /** The command to run; undefined for the prompt. */
  readonly line: string | undefined;
}

export type ParsedArguments =
  | { readonly ok: true; readonly arguments: Arguments }
  | { readonly ok: false; readonly problem: string };

export const USAGE = `Usage: npm run sandbox -- [--as NAME] [--server 1|2] ['/command option:value']

Without a command: a prompt (type :help there).
  --as NAME     who types: owner, admin, member, outsider, secondOwner (default admin)
  --server N    where: 1 is Harbor Ops, 2 is Second Harbor (default 1)`;

const FLAGS: Readonly<Record<string, 'as' | 'server'>> = { '--as': 'as', '--server': 'server' };

/** Reads flags up to the command; the words of a command that nobody quoted are put together again. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const values = { as: 'admin', server: '1' };
  const words = [...argv];
  while (words[0]?.startsWith('-')) {
    const [flag = '', inline] = (words.shift() ?? '').split(/=(.*)/s, 2);
    const name = FLAGS[flag];
    if (name === undefined) return { ok: false, problem: `There is no flag ${flag}.` };
    const value = inline ?? words.shift();
    if (!value) return { ok: false, problem: `${flag} needs a value.` };
    values[name] = value;
  }
  if (values.server !== '1' && values.server !== '2') return { ok: false, problem: '--server takes 1 or 2.' };
  return { ok: true, arguments: { ...values, line: words.length > 0 ? words.join(' ') : undefined } };
}
