import { z } from 'zod';
import { withLink } from './conversation.ts';
import { FACT_TEXT, factText, PRODUCT, productOf } from './openFacts.ts';
import type { Probe } from './probe.ts';

export const MYSQL_FACTS = z.strictObject({
  protocol: z.literal('mysql'),
  product: PRODUCT.optional(),
  /** As the server says it; undefined when it sent this address away. */
  version: FACT_TEXT.optional(),
  authPlugin: FACT_TEXT.optional(),
  /** The server takes TLS when asked (CLIENT_SSL); a login in the clear may still be possible. */
  startTls: z.boolean().optional(),
  /** Why it sent this address away: 1130 is "host not allowed", 1040 "too many connections", 1129 "host blocked". */
  error: z.strictObject({ code: z.int().min(0).max(65_535), message: FACT_TEXT }).optional(),
});

type MysqlFacts = z.infer<typeof MYSQL_FACTS>;

const CLIENT_SSL = 0x0800;
const MAX_PACKET = 4 * 1024;

/** Undefined: not all there yet. False: not the first packet of a MySQL server, or longer than one may be. */
function packetOf(bytes: Buffer): Buffer | undefined | false {
  if (bytes.length < 5) return undefined;
  const length = bytes.readUIntLE(0, 3);
  if (length < 3 || length > MAX_PACKET || bytes[3] !== 0 || (bytes[4] !== 10 && bytes[4] !== 9 && bytes[4] !== 255)) {
    return false;
  }
  return bytes.length < 4 + length ? undefined : bytes.subarray(4, 4 + length);
}

/** A text that ends with NUL, and the place after it. */
function textAt(packet: Buffer, from: number): readonly [string, number] {
  const nul = packet.indexOf(0, from);
  const end = nul < 0 ? packet.length : nul;
  return [packet.toString('utf8', from, end), end + 1];
}

/**
 * The initial handshake (MySQL documentation, "Protocol::Handshake"; MariaDB: "Initial handshake packet") or the error that is sent
 * instead. Undefined when these bytes hold neither. Never throws.
 */
export function parseMysqlGreeting(bytes: Buffer): MysqlFacts | undefined {
  const packet = packetOf(bytes);
  if (!packet) return undefined;
  if (packet[0] === 255) {
    const message = packet.toString('utf8', 3);
    return {
      protocol: 'mysql',
      ...makerOf(message),
      error: { code: packet.readUInt16LE(1), message: factText(message) },
    };
  }
  const [version, after] = textAt(packet, 1);
  if (version === '' || !/^\d/.test(version)) return undefined;
  const facts: MysqlFacts = { protocol: 'mysql', version: factText(version), ...makerOf(version) };
  // Thread number (4), first part of the challenge (8), filler (1), then the capabilities.
  const flags = after + 13;
  if (packet[0] !== 10 || packet.length < flags + 2) return facts;
  const startTls = (packet.readUInt16LE(flags) & CLIENT_SSL) !== 0;
  if (packet.length < flags + 18) return { ...facts, startTls };
  // Set (1), status (2), more capabilities (2), length of the challenge (1), reserved (10), its second part (13 at least).
  const challenge = Math.max(13, (packet[flags + 7] ?? 0) - 8);
  const [plugin] = textAt(packet, flags + 18 + challenge);
  return { ...facts, startTls, ...(plugin !== '' && { authPlugin: factText(plugin) }) };
}

/** These speak like MySQL and are none: the fingerprints of products know them. */
const OTHERS = /tidb|aurora|vitess|oceanbase|starrocks|doris/i;
/** Percona adds the number of its own release, and nothing else but old flags: `8.0.36-28`, `5.7.44-48-log`, `8.0.35-27.1`. */
const PERCONA = /^(\d+\.\d+\.\d+)-\d+(?:\.\d+)?(?:-(?:log|debug|\d+))*$/;

/** MariaDB puts `5.5.5-` before its own version, so that old replicas take it for a MySQL. */
function makerOf(text: string): Pick<MysqlFacts, 'product'> {
  if (/mariadb/i.test(text)) {
    return { product: productOf('MariaDB', /^(?:5\.5\.5-)?(\d+\.\d+\.\d+)/.exec(text)?.[1]) };
  }
  const percona = PERCONA.exec(text)?.[1];
  if (percona !== undefined) return { product: productOf('Percona Server', percona) };
  const version = OTHERS.test(text) ? undefined : /^(\d+\.\d+\.\d+)/.exec(text)?.[1];
  return version === undefined ? {} : { product: productOf('MySQL', version) };
}

/**
 * MySQL and MariaDB: what the server says of itself before any login. Nothing is sent. Measured with MariaDB 10.11: an end of the
 * conversation here, orderly or not, counts once towards max_connect_errors; only a login would not. So one link is all it gets.
 */
export const mysqlProbe: Probe<MysqlFacts> = {
  protocol: 'mysql',
  ports: [3306, 3307],
  run: (context) =>
    withLink(context, async (link) =>
      parseMysqlGreeting(await link.read((bytes) => packetOf(bytes) !== undefined, 3_000)),
    ),
};
