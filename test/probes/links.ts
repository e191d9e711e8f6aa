import type { Socket } from 'node:net';
import { afterEach } from 'vitest';
import { createDial, LinkError, type LinkLimits } from '../../src/probes/link.ts';
import { LOOPBACK, type Script, serve } from './serve.ts';

export const FAST: LinkLimits = { timeoutMs: 400, maxBytes: 4_096 };
/** What to undo after each test of this file. */
export const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A link to a server of its own that plays `script`. */
export async function linkTo(script: Script, limits: LinkLimits = FAST, signal = new AbortController().signal) {
  const server = await serve(script);
  cleanups.push(server.close);
  const link = await createDial(limits)({ address: LOOPBACK, port: server.port, name: 'example.com' }, signal);
  cleanups.push(link.close);
  return { server, link };
}

/** Why it failed, or `none`. */
export const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof LinkError ? error.failure : error),
  );
export const never = () => false;
export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How the server sees the connection end. */
export function endingOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('close', () => resolve('FIN'));
    socket.resume();
  });
}
