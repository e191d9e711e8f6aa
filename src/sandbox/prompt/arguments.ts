/** What the command line asks for. */
export interface Arguments {
  readonly as: string;
  readonly server: string;
  /** The command to run; undefined for the page and the prompt. */
  readonly line: string | undefined;
  /** Of the page; undefined for the usual one. */
  readonly port: number | undefined;
  /** Whether the page is opened in the browser. */
  readonly open: boolean;
}

export type ParsedArguments =
  | { readonly ok: true; readonly arguments: Arguments }
  | { readonly ok: false; readonly problem: string };

export const USAGE = `Usage: npm run sandbox -- [--as NAME] [--server 1|2] ['/command option:value']
       npm run sandbox -- [--open] [--port N]

Without a command: a page for the browser, at the address that is printed, and a prompt (type :help there).
  --open        opens the page in the browser
  --port N      where the page is (default 4400, or any free port when that is taken)
  --as NAME     who types: owner, admin, member, outsider, secondOwner (default admin)
  --server N    where: 1 is Harbor Ops, 2 is Second Harbor (default 1)`;

const FLAGS: Readonly<Record<string, 'as' | 'server' | 'port'>> = {
  '--as': 'as',
  '--server': 'server',
  '--port': 'port',
};

/** Reads flags up to the command; the words of a command that nobody quoted are put together again. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const values = { as: 'admin', server: '1', port: '' };
  let open = false;
  const words = [...argv];
  while (words[0]?.startsWith('-')) {
    const [flag = '', inline] = (words.shift() ?? '').split(/=(.*)/s, 2);
    if (flag === '--open' && inline === undefined) {
      open = true;
      continue;
    }
    const name = FLAGS[flag];
    if (name === undefined) return { ok: false, problem: `There is no flag ${flag}.` };
    const value = inline ?? words.shift();
    if (!value) return { ok: false, problem: `${flag} needs a value.` };
    values[name] = value;
  }
  if (values.server !== '1' && values.server !== '2') return { ok: false, problem: '--server takes 1 or 2.' };
  const port = values.port === '' ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    return { ok: false, problem: '--port takes 1 to 65535.' };
  if (words.length > 0 && (open || port !== undefined))
    return { ok: false, problem: '--open and --port are for the page; a command gets none.' };
  return {
    ok: true,
    arguments: {
      as: values.as,
      server: values.server,
      port,
      open,
      line: words.length > 0 ? words.join(' ') : undefined,
    },
  };
}
