import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { findProgram } from '../../helpers/redisProcess.ts';

/** Debian keeps servers out of the PATH of users, and PostgreSQL's programs in a folder for each version. */
const POSTGRESQL = '/usr/lib/postgresql';
const foldersOf = (root: string): readonly string[] => {
  try {
    return readdirSync(root).map((version) => `${root}/${version}/bin`);
  } catch {
    return [];
  }
};
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', ...foldersOf(POSTGRESQL)];

/** The full path of a program; undefined when it is not installed. */
export const findServer = (name: string): string | undefined => findProgram(name, FOLDERS);

/** The full path of a program that must be there. */
export function server(name: string): string {
  const path = findServer(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

/** One line that names the Debian package when one of these programs is not installed; undefined when all are. */
export function missingPrograms(debianPackage: string, ...programs: readonly string[]): string | undefined {
  const missing = programs.filter((name) => findServer(name) === undefined);
  return missing.length === 0 ? undefined : `${missing.join(', ')} is not installed (Debian package ${debianPackage})`;
}

export const isRoot = process.getuid?.() === 0;

/** For servers that cannot be started by anybody else. */
export const missingRoot = (): string | undefined => (isRoot ? undefined : 'only root can start it');

/** Runs a program to its end, within 10 s; what it wrote, also to standard error. */
export function said(program: string, ...args: readonly string[]): string {
  const { stdout, stderr, error } = spawnSync(server(program), args, { encoding: 'utf8', timeout: 10_000 });
  if (error) throw error;
  return stdout + stderr;
}

/** The first group of `pattern` in what a program says of itself. */
export function versionIn(pattern: RegExp, program: string, ...args: readonly string[]): string {
  const text = said(program, ...args);
  const version = pattern.exec(text)?.[1];
  if (version === undefined) throw new Error(`${program} names no version: ${text.slice(0, 200)}`);
  return version;
}

export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** What a server of this name runs as: itself when we are root and there is such a user, `nobody` otherwise; else ourselves. */
export function accountOf(name: string): Account {
  if (!isRoot) return {};
  const users = readFileSync('/etc/passwd', 'utf8');
  const entry = [name, 'nobody']
    .map((user) => new RegExp(`^${user}:[^:]*:(\\d+):(\\d+):`, 'm').exec(users))
    .find(Boolean);
  return entry ? { uid: Number(entry[1]), gid: Number(entry[2]) } : {};
}
