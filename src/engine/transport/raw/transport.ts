import { createTable } from '../../table.ts';
import type { ScannableAddress } from '../../types.ts';
import { createNeighbours } from '../neighbours.ts';
import { outcomeOfLocalError } from '../outcomes.ts';
import type { Opening, Outcome, Settlement, Transport } from '../transport.ts';
import type { Destination } from './destination.ts';
import type { Flight, ScanEnd } from './flight.ts';
import { SEND_BATCH } from './outbox.ts';
import type { Wire } from './wire.ts';

/** An attempt is a few numbers; so many are more than any path holds. */
const CAPACITY = 30_000;

/** Something that never left. */
interface Failure {
  readonly attempt: number;
  readonly outcome: Outcome;
}

/** One scan's attempts over the wire; connections and datagrams go by `inner`, which reports to the same ear. */
export function createTransport(
  wire: Wire,
  inner: Transport,
  report: (settlement: Settlement) => void,
  now: () => number,
): Transport {
  /** Attempts by number; one that failed before it could be queued has no flight. */
  const live = createTable<Flight | null>();
  const destinations = new Map<ScannableAddress, Destination>();
  const failures: Failure[] = [];
  let destroyed = false;
  wire.join();

  function tellFailures(): void {
    for (const { attempt, outcome } of failures.splice(0)) {
      const flight = live.get(attempt);
      if (!live.delete(attempt)) continue;
      if (flight != null) wire.drop(flight);
      report({ attempt, outcome, rttMs: 0, sender: null });
    }
  }

  /** Told later, since nothing is reported from within a call. */
  function fail(attempt: number, address: string, code: string): void {
    const outcome = outcomeOfLocalError(code, address);
    if (failures.push({ attempt, outcome }) === 1) setImmediate(tellFailures);
  }

  const end: ScanEnd = {
    landed({ attempt }, outcome, rttMs, sender) {
      live.delete(attempt);
      report({ attempt, outcome, rttMs, sender });
    },
    failed: ({ attempt, destination }, code) => fail(attempt, destination.name, code),
  };

  function destinationOf(address: ScannableAddress): Destination | string {
    const known = destinations.get(address);
    if (known !== undefined) return known;
    const found = wire.take(address);
    if (typeof found !== 'string') destinations.set(address, found);
    return found;
  }

  function launch({ attempt, address, port }: Opening): Flight | string {
    const destination = destinationOf(address);
    return typeof destination === 'string' ? destination : wire.launch(attempt, destination, port, end);
  }

  return {
    name: 'raw',
    capacity: CAPACITY,
    batch: SEND_BATCH,
    holds: false,
    tellsIcmp: true,
    open(opening) {
      if (destroyed) return;
      if (opening.connect || opening.protocol === 'udp') {
        inner.open(opening);
        return;
      }
      const { attempt, address } = opening;
      const flight = launch(opening);
      // Queueing may already have sent it, and have failed.
      live.set(attempt, typeof flight === 'string' ? null : flight);
      if (typeof flight === 'string') fail(attempt, address, flight);
    },
    flush() {
      wire.flush();
      inner.flush();
    },
    close(attempt) {
      const flight = live.get(attempt);
      if (flight != null) wire.drop(flight);
      if (!live.delete(attempt)) inner.close(attempt);
    },
    destroy() {
      if (destroyed) return;
      destroyed = true;
      failures.length = 0;
      for (const flight of live.values()) if (flight !== null) wire.drop(flight);
      live.clear();
      for (const destination of destinations.values()) wire.give(destination);
      wire.leave();
      inner.destroy();
    },
    unread: inner.unread,
    resolving: createNeighbours(now),
  };
}
