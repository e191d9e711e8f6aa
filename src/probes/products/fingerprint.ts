/**
 * What a product is in its service: the application that people use, the server that speaks the protocol, or the platform
 * below (language, framework).
 */
export type ProductKind = 'application' | 'server' | 'platform';

export const ITSELF = Symbol('the needle begins the version');

/** One literal by which a product gives itself away, and where its version stands. */
export interface Fingerprint {
  readonly product: string;
  readonly kind: ProductKind;
  /** Lower case. */
  readonly protocols: readonly string[];
  /** `text` (a banner), `title`, `body`, `features` (of FTP), or the lower-case name of a header. */
  readonly field: string;
  /** Lower case, ASCII. */
  readonly needle: string;
  readonly at: 'start' | 'anywhere' | 'whole';
  /**
   * The literal after which the version stands, searched from the needle on: '' for directly after the needle, `itself`
   * where the needle is how the version begins.
   */
  readonly versionAfter?: string | typeof ITSELF;
}

/** A fingerprint without its place: product, how it is matched, literal. */
export type Row = Pick<Fingerprint, 'product' | 'at' | 'needle' | 'versionAfter'>;

function row(at: Fingerprint['at'], product: string, needle: string, versionAfter?: string): Row {
  return { product, at, needle, ...(versionAfter === undefined ? {} : { versionAfter }) };
}

/** The field begins with `needle`. */
export function starts(product: string, needle: string, versionAfter?: string): Row {
  return row('start', product, needle, versionAfter);
}

/** The field holds `needle` somewhere. */
export function holds(product: string, needle: string, versionAfter?: string): Row {
  return row('anywhere', product, needle, versionAfter);
}

/** The field begins with `needle`, which is how its version begins. */
export function opens(product: string, needle: string): Row {
  return { product, at: 'start', needle, versionAfter: ITSELF };
}

/** The field, without blanks around it, is `needle`. */
export function equals(product: string, needle: string): Row {
  return row('whole', product, needle);
}

/** Puts rows in their place. Within one place the first that matches wins, so the specific go before the general. */
export function place(
  protocols: readonly string[],
  field: string,
  kind: ProductKind,
  rows: readonly Row[],
): readonly Fingerprint[] {
  return rows.map((each) => ({ ...each, protocols, field, kind }));
}
