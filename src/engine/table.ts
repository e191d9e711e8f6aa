/** What is under way, by a 32-bit number. Made for numbers that are mostly near each other, as those in use together are. */
export interface Table<T> {
  readonly size: number;
  get(key: number): T | undefined;
  has(key: number): boolean;
  /** @param value anything but `undefined` */
  set(key: number, value: T): void;
  /** False if there was none. */
  delete(key: number): boolean;
  /** All of them, in no order. Add nothing meanwhile. */
  values(): Generator<T, void, undefined>;
  clear(): void;
}

const LEAST_PLACES = 16;
/** As many as a fast host has under way. */
const MOST_PLACES = 1_024;

function emptyPlaces<T>(count: number) {
  return { keys: new Int32Array(count), values: new Array<T | undefined>(count).fill(undefined), mask: count - 1 };
}

/**
 * A map whose entries mostly have a fixed place in one array, by the low bits of their number; a plain map takes those
 * that find theirs taken. A map alone makes its table anew every few hundred entries, and each table left behind, once it
 * has grown old, keeps what it held from being collected with the young: memory would grow with every verdict.
 */
export function createTable<T>(): Table<T> {
  let places = emptyPlaces<T>(LEAST_PLACES);
  let placed = 0;
  const others = new Map<number, T>();

  function isPlaced(key: number): boolean {
    const place = key & places.mask;
    return places.keys[place] === key && places.values[place] !== undefined;
  }

  function get(key: number): T | undefined {
    if (isPlaced(key)) return places.values[key & places.mask];
    return others.size === 0 ? undefined : others.get(key);
  }

  function put(key: number, value: T): void {
    places.keys[key & places.mask] = key;
    places.values[key & places.mask] = value;
  }

  /** Who had a place alone still has one: the same low bits, and one more. */
  function grow(): void {
    const { keys, values } = places;
    places = emptyPlaces(2 * values.length);
    for (const [place, value] of values.entries()) if (value !== undefined) put(keys[place] ?? 0, value);
    values.fill(undefined);
  }

  return {
    get size() {
      return placed + others.size;
    },
    get,
    has: (key) => get(key) !== undefined,
    set(key, value) {
      if (isPlaced(key)) {
        put(key, value);
        return;
      }
      if (others.size > 0 && others.has(key)) {
        others.set(key, value);
        return;
      }
      while (places.values[key & places.mask] !== undefined && places.mask + 1 < MOST_PLACES) grow();
      if (places.values[key & places.mask] === undefined) {
        put(key, value);
        placed += 1;
      } else others.set(key, value);
    },
    delete(key) {
      if (!isPlaced(key)) return others.size > 0 && others.delete(key);
      places.values[key & places.mask] = undefined;
      placed -= 1;
      return true;
    },
    *values() {
      for (const value of places.values) if (value !== undefined) yield value;
      yield* others.values();
    },
    clear() {
      places = emptyPlaces(LEAST_PLACES);
      placed = 0;
      others.clear();
    },
  };
}
