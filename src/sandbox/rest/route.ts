import type { UploadedFile } from '../files.ts';
import type { State } from '../state.ts';

/** What a handler knows of the request it answers. */
export interface RestRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON body, or the `payload_json` part; null when there was none. */
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
  readonly state: State;
  /** Origin of this server, such as `http://127.0.0.1:4000`. */
  readonly origin: string;
}

export interface RestReply {
  readonly status: number;
  readonly body?: unknown;
}

export interface Route {
  readonly method: string;
  /** Path below `/api/v10`; `:name` stands for one segment. */
  readonly pattern: string;
  /** False for the routes that Discord authorises by the token in their path. */
  readonly authorized: boolean;
  readonly handle: (request: RestRequest) => RestReply;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

function matchPattern(pattern: string, path: string): Record<string, string> | null {
  const expected = pattern.split('/');
  const actual = path.split('/');
  if (expected.length !== actual.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const segment = decodeURIComponent(actual[index] ?? '');
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part !== segment) return null;
  }
  return params;
}

export function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** The route for a request. Routes are tried in order, so literal segments go before `:name`. */
export function findRoute(routes: readonly Route[], method: string, path: string): Match | 'wrong-method' | null {
  if (!isDecodable(path)) return null;
  let pathKnown = false;
  for (const route of routes) {
    const params = matchPattern(route.pattern, path);
    if (!params) continue;
    if (route.method === method) return { route, params };
    pathKnown = true;
  }
  return pathKnown ? 'wrong-method' : null;
}
