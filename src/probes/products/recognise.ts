import { DATA_FINGERPRINTS } from './data.ts';
import { completeByOpenSsh, readSystem, type SystemName } from './distribution.ts';
import { type Fingerprint, ITSELF, type ProductKind } from './fingerprint.ts';
import { MAIL_AND_FILE_FINGERPRINTS } from './mailAndFiles.ts';
import { REMOTE_FINGERPRINTS } from './remote.ts';
import { readVersion } from './version.ts';
import { WEB_APPLICATION_FINGERPRINTS } from './webApplications.ts';
import { WEB_SERVER_FINGERPRINTS } from './webServers.ts';

/** What one service said of itself. Of every text the first 1024 characters are read. */
export interface Sighting {
  /** As the probe calls it: `ssh`, `http`, `smtp`… */
  readonly protocol: string;
  /** Banner, greeting, or the version that a handshake names. */
  readonly text?: string | undefined;
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  /** What an FTP server can do, in its order, blanks between. */
  readonly features?: string | undefined;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface Recognised {
  readonly product: string;
  readonly kind: ProductKind;
  /** As the product wrote it, at most 40 characters. */
  readonly version?: string;
  readonly os?: SystemName;
}

/** Characters read of each text. */
const MAX_TEXT = 1024;
const KIND_ORDER: readonly ProductKind[] = ['application', 'server', 'platform'];

/** Every fingerprint that is known, in the order in which they are tried. */
export const FINGERPRINTS: readonly Fingerprint[] = [
  ...REMOTE_FINGERPRINTS,
  ...MAIL_AND_FILE_FINGERPRINTS,
  ...DATA_FINGERPRINTS,
  ...WEB_SERVER_FINGERPRINTS,
  ...WEB_APPLICATION_FINGERPRINTS,
];

const byProtocol: ReadonlyMap<string, readonly Fingerprint[]> = new Map(
  [...new Set(FINGERPRINTS.flatMap(({ protocols }) => protocols))].map((protocol) => [
    protocol,
    FINGERPRINTS.filter(({ protocols }) => protocols.includes(protocol)),
  ]),
);

/**
 * Every product that a service shows, applications first, then servers, then platforms; each once, with its version where
 * it says one. Literals only: the work grows linearly with the texts, which are cut to 1024 characters. Never throws.
 */
export function recogniseAll(sighting: Sighting): readonly Recognised[] {
  const found = new Map<string, Recognised>();
  const texts = new Map<string, Prepared | undefined>();
  const settled = new Set<string>();
  for (const print of byProtocol.get(sighting.protocol.slice(0, 20).toLowerCase()) ?? []) {
    const place = `${print.kind} ${print.field}`;
    // Several platforms may stand in one field; of servers and applications the first is the one.
    if (print.kind !== 'platform' && settled.has(place)) continue;
    if (!texts.has(print.field)) texts.set(print.field, prepare(fieldOf(sighting, print.field)));
    const text = texts.get(print.field);
    const at = text === undefined ? -1 : matchAt(print, text.lower);
    if (text === undefined || at < 0) continue;
    settled.add(place);
    keep(found, describe(print, text, at));
  }
  return [...found.values()].sort((a, b) => KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind));
}

/** The product that people would name: the application before the server before the platform. Never throws. */
export function recognise(sighting: Sighting): Recognised | undefined {
  return recogniseAll(sighting)[0];
}

interface Prepared {
  readonly text: string;
  /** The same, in lower-case ASCII, character by character: positions hold in both. */
  readonly lower: string;
}

function prepare(text: string | undefined): Prepared | undefined {
  if (text === undefined) return undefined;
  const ascii = text.slice(0, MAX_TEXT).replaceAll(/[^\x20-\x7e]/g, '?');
  return { text: ascii, lower: ascii.toLowerCase() };
}

function fieldOf(sighting: Sighting, field: string): string | undefined {
  if (field === 'text' || field === 'title' || field === 'body' || field === 'features') return sighting[field];
  const { headers } = sighting;
  return headers !== undefined && Object.hasOwn(headers, field) ? headers[field] : undefined;
}

function matchAt({ at, needle }: Fingerprint, lower: string): number {
  if (at === 'anywhere') return lower.indexOf(needle);
  if (at === 'start') return lower.startsWith(needle) ? 0 : -1;
  return lower.trim() === needle ? 0 : -1;
}

function describe(print: Fingerprint, { text, lower }: Prepared, at: number): Recognised {
  const version = versionOf(print, text, lower, at);
  const named = readSystem(lower);
  const os = named && print.product === 'OpenSSH' && version ? completeByOpenSsh(named, version) : named;
  return {
    product: print.product,
    kind: print.kind,
    ...(version === undefined ? {} : { version }),
    ...(os === undefined || print.field === 'body' || print.field === 'title' ? {} : { os }),
  };
}

function versionOf(print: Fingerprint, text: string, lower: string, at: number): string | undefined {
  if (print.versionAfter === undefined) return undefined;
  if (print.versionAfter === ITSELF) return readVersion(text, at);
  if (print.versionAfter === '') return readVersion(text, at + print.needle.length);
  const from = lower.indexOf(print.versionAfter, at);
  return from < 0 ? undefined : readVersion(text, from + print.versionAfter.length);
}

/** One entry a product; the one that knows its version. */
function keep(found: Map<string, Recognised>, next: Recognised): void {
  const known = found.get(next.product);
  if (known === undefined || (known.version === undefined && next.version !== undefined)) found.set(next.product, next);
}
