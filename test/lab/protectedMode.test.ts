import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findServer, isRoot, missingPrograms } from './services/programs.ts';

const redis = findServer('redis-server');
const why =
  missingPrograms('redis-server', 'redis-server') ??
  missingPrograms('util-linux iproute2', 'unshare', 'ip') ??
  (isRoot ? undefined : 'only root can make a network namespace');

/** An address that is nobody's (RFC 5737), in a namespace that ends with the shell. */
const ADDRESS = '192.0.2.1';
const SCRIPT = `
  ip link set lo up && ip address add ${ADDRESS}/32 dev lo
  "$1" --bind ${ADDRESS} --port 6379 --save '' --dir /tmp >/dev/null &
  "$2" "$3" ${ADDRESS} 6379
  kill -9 $!
`;

// Redis in protected mode answers 127.0.0.0/8 as if the mode were off, so that it must be asked from another address.
test.skipIf(why !== undefined)(`Redis in protected mode${why === undefined ? '' : `: ${why}`}`, () => {
  const inside = join(import.meta.dirname, 'services/inside.ts');
  // The namespace of processes takes the server with it, also when this is cut short.
  const args = [
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    'sh',
    '-c',
    SCRIPT,
    'sh',
    redis ?? '',
    process.execPath,
    inside,
  ];
  const { evidence, products, findings } = JSON.parse(
    execFileSync('unshare', args, { encoding: 'utf8', timeout: 15_000, killSignal: 'SIGKILL' }),
  );
  expect(evidence.facts).toMatchObject({ protocol: 'redis', answer: 'protected-mode', openToStrangers: false });
  expect(products[0]).toMatchObject({ product: 'Redis' });
  expect(findings).toEqual(['database-reachable']);
});
