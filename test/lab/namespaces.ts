import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** Names of our namespaces are this, the maker's process id, the bed and `s` (scanner) or `t` (target). */
const PREFIX = 'hmlab';
const DIRECTORY = '/run/netns';
const COMMAND_LIMIT_MS = 10_000;
/** Rounds of killing what runs in a namespace that goes away. */
const KILL_ROUNDS = 3;

export function namespaceName(bed: string, side: 's' | 't'): string {
  return `${PREFIX}-${process.pid}-${bed}-${side}`;
}

export function namespacePath(name: string): string {
  return `${DIRECTORY}/${name}`;
}

/** Runs a command to its end, with `input` on its standard input. Throws with what it said when it fails. */
export function run(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    encoding: 'utf8',
    timeout: COMMAND_LIMIT_MS,
  });
  if (error !== undefined) throw new Error(`${command}: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** Several `ip` commands in one process; in a namespace when one is named. */
export function ip(namespace: string | null, commands: readonly string[]): void {
  run('ip', [...(namespace === null ? [] : ['-n', namespace]), '-batch', '-'], `${commands.join('\n')}\n`);
}

export function inNamespace(namespace: string, command: string, args: readonly string[], input = ''): string {
  return run('ip', ['netns', 'exec', namespace, command, ...args], input);
}

/** Ends what still runs in the namespace and removes it. Never throws: it is also for what a crash left half made. */
export function removeNamespace(name: string): void {
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8', timeout: COMMAND_LIMIT_MS });
    const pids = (stdout ?? '').split('\n').filter((line) => line !== '');
    if (pids.length === 0) break;
    for (const pid of pids) end(Number(pid));
  }
  spawnSync('ip', ['netns', 'del', name], { timeout: COMMAND_LIMIT_MS });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function ours(): string[] {
  try {
    return readdirSync(DIRECTORY).filter((name) => name.startsWith(`${PREFIX}-`));
  } catch {
    // No namespace was ever named here.
    return [];
  }
}

/** Removes the namespaces of makers that are no longer there. */
export function removeStaleNamespaces(): void {
  for (const name of ours()) if (!isAlive(Number(name.split('-')[1]))) removeNamespace(name);
}

/** Why the lab cannot be built here, `null` when it can. */
export function whyNoLab(): string | null {
  if (process.platform !== 'linux') return 'The lab needs Linux.';
  if (process.getuid?.() !== 0) return 'The lab needs root, for network namespaces.';
  for (const tool of ['ip', 'nft']) {
    if (spawnSync(tool, ['-V'], { timeout: COMMAND_LIMIT_MS }).error !== undefined) return `The lab needs ${tool}.`;
  }
  return null;
}
