import proxyAddr from 'proxy-addr';
import type { HttpReply, HttpRequest, Route } from './server.ts';

export interface OperatorDeps {
  /** How the endpoint is reached from the internet; undefined = not at all. */
  readonly publicUrl: string | undefined;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  /** Is Discord's gateway connected? */
  readonly isConnected: () => boolean;
  /** Rejects when the store cannot be read. */
  readonly readStore: () => Promise<unknown>;
  readonly storeTimeoutMs?: number;
}

const STORE_TIMEOUT_MS = 1_000;
/** Loopback, link-local, RFC 1918 and unique local addresses, and the range of carrier NAT that overlay networks use. */
const isNear = proxyAddr.compile(['loopback', 'linklocal', 'uniquelocal', '100.64.0.0/10']);
/** What reverse proxies add: who sends one of these was not asked by the operator's own tools. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];
const NOT_FOUND: HttpReply = { status: 404, body: 'not found' };

/**
 * `/healthz`, `/readyz` and `/metrics`: for whoever runs the bot, not for the internet, though they listen where the
 * public links do. They answer a direct request from near by: the peer's address is loopback or private, no proxy
 * passed it on, and it was not sent to the public host. Everybody else is told that there is no such page.
 */
export function operatorRoutes(deps: OperatorDeps): readonly Route[] {
  const publicHost = deps.publicUrl === undefined ? undefined : new URL(deps.publicUrl).hostname;

  function isOperator({ headers, peer }: HttpRequest): boolean {
    if (!isNear(peer, 0) || PROXY_HEADERS.some((name) => headers[name] !== undefined)) return false;
    return publicHost === undefined || hostName(headers.host) !== publicHost;
  }

  function route(path: RegExp, handle: () => Promise<HttpReply>): Route {
    return { method: 'GET', path, handle: async (request) => (isOperator(request) ? handle() : NOT_FOUND) };
  }

  return [
    route(/^\/healthz$/, async () => ({ status: 200, body: 'ok' })),
    route(/^\/readyz$/, () => readiness(deps)),
    route(/^\/metrics$/, async () => ({
      status: 200,
      body: await deps.metrics.text(),
      contentType: deps.metrics.contentType,
    })),
  ];
}

async function readiness({
  isConnected,
  readStore,
  storeTimeoutMs = STORE_TIMEOUT_MS,
}: OperatorDeps): Promise<HttpReply> {
  const gateway = isConnected();
  const store = await answersWithin(readStore, storeTimeoutMs);
  const body = JSON.stringify({ ready: gateway && store, gateway, store });
  return { status: gateway && store ? 200 : 503, body, contentType: 'application/json' };
}

async function answersWithin(read: () => Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, false);
  const answered = Promise.resolve()
    .then(read)
    .then(
      () => true,
      () => false,
    );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

/** Lower case, without the port; undefined when the header is none. */
function hostName(host: string | undefined): string | undefined {
  return host === undefined ? undefined : URL.parse(`http://${host}`)?.hostname;
}
