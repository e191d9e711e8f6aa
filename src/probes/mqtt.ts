import { z } from 'zod';
import { further } from './conversation.ts';
import type { Link } from './link.ts';
import { OPEN_FACTS, productOf } from './openFacts.ts';
import { plainOrTls } from './plainOrTls.ts';
import type { Probe } from './probe.ts';

export const MQTT_FACTS = z.strictObject({
  protocol: z.literal('mqtt'),
  ...OPEN_FACTS,
  /** The return code of CONNACK: 0 accepted, 1 protocol version, 2 identifier, 3 unavailable, 4 password, 5 not authorised. */
  returnCode: z.int().min(0).max(255),
});

type MqttFacts = z.infer<typeof MQTT_FACTS>;

const QUIET_MS = 3_000;

/**
 * CONNECT of MQTT 3.1.1 (OASIS standard §3.1): clean session, no user name, no will, 10 s keep-alive, and the identifier
 * left to the broker, so that nothing stays behind.
 */
const CONNECT = Uint8Array.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0b10, 0, 10, 0, 0]);
const DISCONNECT = Uint8Array.from([0xe0, 0]);
/** SUBSCRIBE (§3.8), quality 0, to the one topic in which Mosquitto keeps its version. It ends with the connection. */
const VERSION_TOPIC = '$SYS/broker/version';
const SUBSCRIBE = Buffer.concat([
  Buffer.of(0x82, VERSION_TOPIC.length + 5, 0, 1, 0, VERSION_TOPIC.length),
  Buffer.from(`${VERSION_TOPIC}\0`),
]);
/** Brokers without such a topic never answer: the wait for it is short. */
const VERSION_WAIT_MS = 500;
const MAX_VERSION_BYTES = 256;
const [PUBLISH, SUBACK] = [3, 9];
/** In SUBACK (§3.9.3). */
const REFUSED = 0x80;

/** Return codes that answer the question (§3.2.2.3); the others refuse for other reasons. */
const OPEN_BY_CODE: ReadonlyMap<number, boolean> = new Map([
  [0, true],
  [4, false],
  [5, false],
]);

/**
 * An MQTT broker: an anonymous connection, ended at once. Where it is let in, the broker's version is asked for; no message of
 * others is read, and nothing is published.
 */
export const mqttProbe: Probe<MqttFacts> = {
  protocol: 'mqtt',
  ports: [1883, 8883],
  run: (context) =>
    plainOrTls(context, async (link, tls) => {
      await link.write(CONNECT);
      const received = await link.read(
        (bytes) => bytes.length >= 4 || (bytes.length > 0 && bytes[0] !== 0x20),
        QUIET_MS,
      );
      const [kind, length, flags = 0, returnCode] = received;
      // CONNACK (§3.2): two bytes, the first of them 0 or 1.
      if (kind !== 0x20 || length !== 2 || flags > 1 || returnCode === undefined) return undefined;
      const version = returnCode === 0 ? await further(askVersion(link)) : undefined;
      if (returnCode === 0) await link.write(DISCONNECT).catch(() => undefined);
      return {
        protocol: 'mqtt',
        tls,
        returnCode,
        openToStrangers: OPEN_BY_CODE.get(returnCode),
        ...(version !== undefined && { product: productOf('Mosquitto', version) }),
      };
    }),
};

/** What the topic holds (`mosquitto version 2.0.11`); the retained message comes right after the acknowledgement. */
async function askVersion(link: Link): Promise<string | undefined> {
  const start = link.received().length;
  await link.write(SUBSCRIBE);
  const packets = (bytes: Buffer) => packetsIn(bytes.subarray(start, start + MAX_VERSION_BYTES));
  const isRefused = ({ kind, body }: Packet) => kind === SUBACK && body[2] === REFUSED;
  const enough = (bytes: Buffer) =>
    bytes.length >= start + MAX_VERSION_BYTES || packets(bytes).some((it) => it.kind === PUBLISH || isRefused(it));
  const published = packets(await link.read(enough, VERSION_WAIT_MS)).find(({ kind }) => kind === PUBLISH);
  // The topic (2 bytes of length, then its name), then the message: nothing else stands between in quality 0.
  const message = published?.body.toString('latin1', 2 + VERSION_TOPIC.length);
  return /^mosquitto version (\d[\w.]{0,40})$/.exec(message ?? '')?.[1];
}

interface Packet {
  /** The upper half of the first byte (§2.2.1). */
  readonly kind: number;
  readonly body: Buffer;
}

/** The packets that are whole, of those whose length is one byte: none of interest is longer. */
function packetsIn(bytes: Buffer): readonly Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at + 1 < bytes.length; ) {
    const [first = 0, length = 0] = bytes.subarray(at);
    const end = at + 2 + length;
    if (length >= 0x80 || end > bytes.length) break;
    packets.push({ kind: first >> 4, body: bytes.subarray(at + 2, end) });
    at = end;
  }
  return packets;
}
