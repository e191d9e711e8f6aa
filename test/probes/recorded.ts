import { afterEach, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Probe } from '../../src/probes/probe.ts';
import { contextFor, type Script, type Served, type Step, serve } from './serve.ts';

/** What it shows, the probe by its name, the exchange, and the facts without their protocol; undefined: not that protocol. */
export type RecordedCase<Name extends string> = readonly [string, Name, Script, object | undefined];

type Known = Readonly<Record<string, readonly [Probe<{ protocol: string }>, z.ZodType]>>;

/** Runs probes against recorded exchanges; what a test started is closed after it. */
export function recorded<Probes extends Known>(probes: Probes) {
  let served: Served | undefined;
  afterEach(async () => {
    await served?.close();
    served = undefined;
  });

  /** The facts as they are stored, and what the server heard. */
  async function run(name: string, script: Script) {
    await served?.close();
    const server = await serve(script);
    served = server;
    const [probe, schema] = probes[name] ?? [];
    const facts = await probe?.run(contextFor(server.port));
    if (facts !== undefined) expect(schema?.safeParse(facts).error).toBeUndefined();
    return { facts: facts && (JSON.parse(JSON.stringify(facts)) as object), heard: () => server.heard()[0] };
  }

  return {
    run,
    testAll: (cases: readonly RecordedCase<keyof Probes & string>[]) =>
      test.each(cases)('%s: %s', async (_, name, script, expected) => {
        const { facts } = await run(name, script);
        expect(facts).toEqual(expected && { protocol: name, ...expected });
      }),
  };
}

/** Text as Latin-1, numbers as single bytes. */
export const bytes = (...parts: readonly (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.of(part))));

export const u32be = (value: number) =>
  Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);

/** One answer to the first question, then the end. */
export const answering = (send: string | Uint8Array): Step[] => [{ on: '', send }, { close: 'end' }];
