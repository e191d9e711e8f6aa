import { createHost } from './host.ts';
import { type Allot, createAllot, type Ports } from './places.ts';
import type { Case, Place, Service } from './service.ts';

/** A case that answers now. */
export interface Standing {
  readonly service: Service;
  readonly case: Case;
  readonly place: Place;
}

export interface Street {
  readonly standing: readonly Standing[];
  /** What could not be started, by its product. */
  readonly failed: ReadonlyMap<string, unknown>;
  /** Ends all of it; idempotent. */
  close(): Promise<void>;
}

interface Opened {
  readonly standing: readonly Standing[];
  close(): Promise<void>;
}

async function open(service: Service, allot: Allot): Promise<Opened> {
  const places = new Map<string, Place>();
  for (const one of service.cases) places.set(one.name, await allot(one));
  const host = createHost(places);
  try {
    await service.start(host);
  } catch (error) {
    await host.close();
    throw error;
  }
  return {
    standing: service.cases.map((one) => ({ service, case: one, place: host.placeOf(one.name) })),
    close: host.close,
  };
}

/** Starts services, all at the same time. One that does not start takes nothing from the others. */
export async function openStreet(services: readonly Service[], ports: Ports): Promise<Street> {
  const allot = createAllot(ports);
  const settled = await Promise.allSettled(services.map((service) => open(service, allot)));
  const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.flatMap((one, index): [string, unknown][] =>
    one.status === 'rejected' ? [[services[index]?.product ?? '', one.reason]] : [],
  );
  return {
    standing: opened.flatMap(({ standing }) => standing),
    failed: new Map(failed),
    close: async () => void (await Promise.all(opened.map(({ close }) => close()))),
  };
}
