import { afterEach, expect } from 'vitest';
import { EVIDENCE, type Evidence } from '../../src/probes/evidence.ts';
import { createDial, type LinkLimits } from '../../src/probes/link.ts';
import { createProber, type ProberOptions } from '../../src/probes/run.ts';
import { LOOPBACK, type Script, serve } from './serve.ts';

export const LINK: LinkLimits = { timeoutMs: 1_500, maxBytes: 256 * 1024 };
/** All waiting a quarter of what it is in production. */
const LIMITS = { listenMs: 250, briefMs: 60, helloMs: 400, portMs: 3_000 };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server that is closed after the test. */
export async function listen(script: Script) {
  const server = await serve(script);
  cleanups.push(server.close);
  return server;
}

/** With waiting times for tests; defects of probes are gathered. */
export const prober = (options: Partial<ProberOptions> = {}) => {
  const defects: unknown[] = [];
  const all = {
    dial: createDial(LINK),
    now: () => 0,
    inspectTls: async () => undefined,
    onDefect: (error: unknown) => defects.push(error),
  };
  return { ...createProber({ ...all, ...options, limits: { ...LIMITS, ...options.limits } }), defects };
};

/** All evidence, each checked against its schema. */
export async function collect(
  ports: readonly number[],
  options: Partial<ProberOptions> = {},
  signal = new AbortController().signal,
) {
  const seen: Evidence[] = [];
  const { probePorts, defects } = prober(options);
  for await (const evidence of probePorts({ address: LOOPBACK, name: 'example.com', ports }, signal)) {
    expect(EVIDENCE.parse(JSON.parse(JSON.stringify(evidence)))).toEqual(evidence);
    seen.push(evidence);
  }
  expect(defects).toEqual([]);
  return seen;
}

/** The evidence of one port that plays `script`. */
export async function look(
  script: Script,
  options: Partial<ProberOptions> | ((port: number) => Partial<ProberOptions>) = {},
) {
  const server = await listen(script);
  const [evidence] = await collect([server.port], typeof options === 'function' ? options(server.port) : options);
  if (!evidence) throw new Error('no evidence');
  return { ...evidence, server, rawText: Buffer.from(evidence.raw ?? '', 'base64').toString('latin1') };
}
