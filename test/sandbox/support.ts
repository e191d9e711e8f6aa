import {
  type APIMessage,
  Client,
  Events,
  GatewayIntentBits,
  type Interaction,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js';
import { afterEach } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A sandbox that ends with the test. */
export async function openSandbox(options?: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  closers.push(() => sandbox.stop());
  return sandbox;
}

export interface BotOptions {
  readonly commands?: readonly RESTPostAPIApplicationCommandsJSONBody[];
  readonly onInteraction?: (interaction: Interaction) => Promise<unknown>;
}

/** A real discord.js client, logged in and ready, that ends with the test. Errors of the handler are collected. */
export async function openBot(sandbox: Sandbox, { commands = [], onInteraction }: BotOptions = {}) {
  const errors: unknown[] = [];
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: sandbox.apiUrl, retries: 1 } });
  closers.push(() => client.destroy());
  client.on(Events.Error, (error) => errors.push(error));
  client.on(Events.InteractionCreate, (interaction) => {
    onInteraction?.(interaction).catch((error: unknown) => errors.push(error));
  });
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(sandbox.token);
  const readyClient = await ready;
  if (commands.length > 0) await readyClient.application.commands.set([...commands]);
  return { client: readyClient, errors };
}

/** Members of answers that the tests look into; which of them are there depends on the request. */
export interface RawBody {
  readonly id: string;
  readonly channel_id: string;
  readonly flags: number;
  readonly code: number;
  readonly message: string;
  readonly resource: { readonly message: APIMessage };
}

export interface RawReply {
  readonly status: number;
  readonly body: RawBody;
  readonly headers: Headers;
}

/** A request to the API by hand, authorised as the bot unless told otherwise. */
export async function rest(
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bot ${sandbox.token}` },
): Promise<RawReply> {
  const isForm = body instanceof FormData;
  const init: RequestInit = { method, headers: isForm ? headers : { 'content-type': 'application/json', ...headers } };
  if (body !== undefined) init.body = isForm ? body : typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${sandbox.apiUrl}/v10${path}`, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
}

/** Answers an interaction by hand. */
export function callback(sandbox: Sandbox, handle: { id: string; token: string }, type: number, data?: unknown) {
  return rest(
    sandbox,
    'POST',
    `/interactions/${handle.id}/${handle.token}/callback?with_response=true`,
    { type, data },
    {},
  );
}

/** The webhook path of an interaction. */
export function webhook(sandbox: Sandbox, handle: { token: string }, rest = ''): string {
  return `/webhooks/${sandbox.world.application.id}/${handle.token}${rest}`;
}

/** Every `path: CODE` in an error tree, with dots between the keys. */
export function failures(body: unknown): string[] {
  const walk = (node: unknown, path: string): string[] => {
    if (typeof node !== 'object' || node === null) return [];
    return Object.entries(node).flatMap(([key, value]) =>
      key === '_errors'
        ? (value as { code: string }[]).map((error) => `${path}: ${error.code}`)
        : walk(value, path === '' ? key : `${path}.${key}`),
    );
  };
  return walk((body as { errors?: unknown }).errors, '');
}

export async function until(condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error('The condition did not come true in time.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
