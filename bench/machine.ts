import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** nmap's version, `null` when it is not installed. */
export function nmapVersion(): string | null {
  const { stdout, error } = spawnSync('nmap', ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return error === undefined ? (/Nmap version (\S+)/.exec(stdout)?.[1] ?? null) : null;
}

/** One sentence on what this was measured with. */
export function describeMachine(date: string): string {
  const cores = cpus();
  const [load = 0] = loadavg();
  return (
    `Last measured on ${date}: ${cores.length} × ${cores[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
    `Linux ${release()}, Node ${process.versions.node}, nmap ${nmapVersion() ?? 'missing'}; load before the run ${load.toFixed(2)}.`
  );
}
