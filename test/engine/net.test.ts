import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { isSelfConnected, outcomeOfError } from '../../src/engine/net.ts';
import type { Outcome } from '../../src/engine/transport.ts';
import { listen, OWN_HOST, refusingPort } from './loopback.ts';

const ENGINE = join(import.meta.dirname, '../../src/engine');

describe('outcomeOfError', () => {
  it.each<[string | undefined, Outcome, Outcome]>([
    ['ECONNREFUSED', 'conn-refused', 'conn-refused'],
    ['ECONNRESET', 'syn-ack', 'syn-ack'],
    ['EPIPE', 'syn-ack', 'syn-ack'],
    ['ENOPROTOOPT', 'admin-prohibited', 'admin-prohibited'],
    ['EINVAL', 'no-route', 'no-route'],
    ['EHOSTUNREACH', 'host-unreach', 'no-route'],
    ['ENETUNREACH', 'net-unreach', 'no-route'],
    ['EACCES', 'admin-prohibited', 'local-firewall'],
    ['EPERM', 'local-firewall', 'local-firewall'],
    ['EMFILE', 'no-descriptor', 'no-descriptor'],
    ['ENFILE', 'no-descriptor', 'no-descriptor'],
    ['EADDRNOTAVAIL', 'no-source-port', 'no-source-port'],
    ['ENOBUFS', 'no-buffer', 'no-buffer'],
    ['ENOMEM', 'no-buffer', 'no-buffer'],
    ['EAGAIN', 'no-buffer', 'no-buffer'],
    ['ETIMEDOUT', 'gave-up', 'gave-up'],
    ['EPROTO', 'unexpected', 'unexpected'],
    [undefined, 'unexpected', 'unexpected'],
  ])('%s: %s from the network, %s from the call itself', (code, remote, local) => {
    expect(outcomeOfError(code, false)).toBe(remote);
    expect(outcomeOfError(code, true)).toBe(local);
  });
});

describe('isSelfConnected', () => {
  it('knows a socket that is joined to itself', async () => {
    const port = await refusingPort();
    const socket = connect({ host: OWN_HOST, port, localAddress: OWN_HOST, localPort: port });
    await once(socket, 'connect');
    expect(isSelfConnected(socket)).toBe(true);
    socket.destroy();
  });

  it('and one that is not', async () => {
    const listener = await listen();
    const socket = connect({ host: OWN_HOST, port: listener.port });
    await once(socket, 'connect');
    expect(isSelfConnected(socket)).toBe(false);
    socket.destroy();
    await listener.close();
  });
});

describe('when the process really runs out of descriptors', () => {
  /** Believes in a thousand descriptors where the shell allows forty. */
  const program = `
    import { netTransport } from '${ENGINE}/net.ts';
    import { scan } from '${ENGINE}/scan.ts';
    const transport = (...all) => ({ ...netTransport(...all), capacity: 1000 });
    const ports = Array.from({ length: 300 }, (_, index) => 20_000 + index);
    const scanning = scan({ address: '${OWN_HOST}', ports }, { packetsPerSecond: 100_000 }, {
      transport: (address, report, now) =>
        transport(address, (settlement) => { seen.add(settlement.outcome); report(settlement); }, now),
      now: () => performance.now(),
    });
    const seen = new Set();
    for await (const _ of scanning);
    process.stdout.write(JSON.stringify({ seen: [...seen].sort(), summary: scanning.summary() }));
  `;

  it('no port gets a wrong verdict', async () => {
    const shell = ['-c', 'ulimit -n 40 && exec "$0" --input-type=module -e "$1"', process.execPath, program];
    const child = spawn('/bin/sh', shell, { stdio: ['ignore', 'pipe', 'inherit'] });
    const { seen, summary } = JSON.parse(await text(child.stdout));
    expect(seen).toEqual(['conn-refused', 'no-descriptor']);
    expect(summary).toMatchObject({ counts: { open: 0, closed: 300, filtered: 0, error: 0 }, attempts: 300 });
  });
});
