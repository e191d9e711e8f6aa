import type { AddressInfo, Server } from 'node:net';
import { developmentServer, oldSshServer, openRedisServer, tidyWebServer } from './services.ts';
import { type SilentPorts, startSilentPorts } from './silentPorts.ts';

/** Something to scan: where it is, and which of its ports are worth a look. */
export interface DemoTarget {
  readonly name: 'tidy' | 'careless' | 'silent';
  readonly host: string;
  /** Ports that something is to be seen on, and one where nothing is. */
  readonly ports: readonly number[];
}

export interface DemoTargets {
  readonly targets: readonly DemoTarget[];
  /** The smallest network that holds them all, as an allowlist takes it. */
  readonly network: string;
  stop(): Promise<void>;
}

/** Tried one after the other, until one is free: another sandbox may run on the same machine. */
const NETWORKS: readonly string[] = Array.from({ length: 8 }, (_, index) => `127.0.${index + 1}`);
/** A port where nothing listens. */
const CLOSED_PORT = 8443;
const SILENT_PORTS: readonly number[] = [2049, 3306, 5432, 5900, 6379, 8000, 8080, 9200, 11211, 27017];
/** Fewer than this, and somebody else has the address. */
const LEAST_SILENT_PORTS = 5;

/** Binds the first port that can be had; privileged ones often cannot. */
async function listen(server: Server, host: string, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    const bound = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host, port }, () => resolve(true));
    });
    if (bound) {
      server.unref();
      return (server.address() as AddressInfo).port;
    }
  }
  throw new Error(`None of the ports ${ports.join(', ')} of ${host} can be had.`);
}

interface Started {
  readonly target: DemoTarget;
  readonly servers: readonly Server[];
  readonly silent?: SilentPorts;
}

async function startTidy(host: string): Promise<Started> {
  const server = tidyWebServer();
  const port = await listen(server, host, [80, 8080]);
  return { target: { name: 'tidy', host, ports: [22, port, CLOSED_PORT] }, servers: [server] };
}

async function startCareless(host: string): Promise<Started> {
  const servers = [oldSshServer(), openRedisServer(), developmentServer()];
  const wanted = [
    [22, 2222],
    [6379, 6380],
    [5173, 5174],
  ];
  const ports: number[] = [];
  for (const [index, server] of servers.entries()) ports.push(await listen(server, host, wanted[index] ?? []));
  return { target: { name: 'careless', host, ports: [...ports, CLOSED_PORT] }, servers };
}

async function startSilent(host: string): Promise<Started> {
  const server = tidyWebServer();
  const silent = await startSilentPorts(host, SILENT_PORTS);
  if (silent.ports.length < LEAST_SILENT_PORTS) {
    await silent.stop();
    throw new Error(`The ports of ${host} are taken.`);
  }
  const port = await listen(server, host, [80, 8081]);
  return { target: { name: 'silent', host, ports: [port, CLOSED_PORT, ...silent.ports] }, servers: [server], silent };
}

async function stopAll(started: readonly Started[]): Promise<void> {
  for (const { servers, silent } of started) {
    for (const server of servers) {
      server.close();
      if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function')
        server.closeAllConnections();
    }
    await silent?.stop();
  }
}

/** Whether an address is this machine's: macOS has 127.0.0.1 alone unless told otherwise. */
async function startIn(network: string): Promise<readonly Started[]> {
  const started: Started[] = [];
  const starters = [startTidy, startCareless, startSilent];
  try {
    for (const [index, start] of starters.entries()) started.push(await start(`${network}.${index + 2}`));
    return started;
  } catch (error) {
    await stopAll(started);
    throw error;
  }
}

/**
 * Three hosts on loopback to scan: a tidy web server, a careless machine, and one whose firewall seems to drop most of
 * what it gets. Where this machine has 127.0.0.1 alone, there are none, and `targets` is empty.
 */
export async function startDemoTargets(): Promise<DemoTargets> {
  for (const network of NETWORKS) {
    const started = await startIn(network).catch(() => null);
    if (!started) continue;
    return {
      targets: started.map(({ target }) => target),
      network: `${network}.0/24`,
      stop: () => stopAll(started),
    };
  }
  return { targets: [], network: '127.0.0.0/24', stop: async () => {} };
}
