import { z } from 'zod';
import { OPEN_FACTS } from './openFacts.ts';
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

/** Return codes that answer the question (§3.2.2.3); the others refuse for other reasons. */
const OPEN_BY_CODE: ReadonlyMap<number, boolean> = new Map([
  [0, true],
  [4, false],
  [5, false],
]);

/** An MQTT broker: an anonymous connection, ended at once. Nothing is subscribed to or published. */
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
      if (returnCode === 0) await link.write(DISCONNECT).catch(() => undefined);
      return { protocol: 'mqtt', tls, returnCode, openToStrangers: OPEN_BY_CODE.get(returnCode) };
    }),
};
