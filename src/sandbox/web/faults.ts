import { ClientRefusal } from '../client/refusal.ts';
import type { Sandbox } from '../sandbox.ts';
import type { FaultName } from './protocol.ts';

const SLOW_MS = 1_500;
const SLOW_REQUESTS = 10;
const RETRY_AFTER_SECONDS = 2;
const LIMITED_REQUESTS = 3;

export interface FaultContext {
  readonly sandbox: Pick<Sandbox, 'gateway' | 'fault' | 'rateLimit'>;
  readonly restartBot: () => Promise<void>;
}

/** What goes wrong at the press of a button, and what is said of it. */
const FAULTS: Readonly<Record<FaultName, (context: FaultContext) => string | Promise<string>>> = {
  drop: ({ sandbox }) => {
    sandbox.gateway.drop();
    return 'The gateway connection was cut. The bot resumes its session.';
  },
  reconnect: ({ sandbox }) => {
    sandbox.gateway.reconnect();
    return 'The gateway asked the bot to reconnect (opcode 7).';
  },
  slow: ({ sandbox }) => {
    sandbox.fault('*', { delayMs: SLOW_MS, times: SLOW_REQUESTS });
    return `The next ${SLOW_REQUESTS} answers of the API take ${SLOW_MS} ms longer.`;
  },
  'rate-limit': ({ sandbox }) => {
    sandbox.rateLimit('*', { retryAfterSeconds: RETRY_AFTER_SECONDS, times: LIMITED_REQUESTS });
    return `The next ${LIMITED_REQUESTS} requests get 429: try again in ${RETRY_AFTER_SECONDS} s.`;
  },
  restart: async ({ restartBot }) => {
    await restartBot();
    return 'The bot was stopped and started again.';
  },
};

/** Makes something go wrong. Returns what, as a sentence for the person. */
export async function makeFault(context: FaultContext, name: string): Promise<string> {
  if (!Object.hasOwn(FAULTS, name)) throw new ClientRefusal('There is no such fault.');
  return await FAULTS[name as FaultName](context);
}
