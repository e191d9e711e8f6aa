import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function isLoopbackName(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(bare);
  if (family === 0) return bare === 'localhost';
  return LOOPBACK.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

/** The host that a request is addressed to, when it is a name of this machine's loopback. */
function loopbackHost(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const url = URL.parse(`http://${host}`);
  return url && url.host === host.toLowerCase() && isLoopbackName(url.hostname) ? url.host : undefined;
}

/**
 * Whether a request may come from a page of ours: it is addressed to loopback, so that a foreign name that was made to
 * point here (DNS rebinding) gets nothing, and it comes from no foreign page (cross-site requests).
 *
 * @param needsOrigin for WebSockets: browsers always send Origin, and no same-origin policy protects them
 */
export function isOwn(headers: IncomingHttpHeaders, needsOrigin: boolean): boolean {
  const host = loopbackHost(headers.host);
  if (host === undefined) return false;
  const site = headers['sec-fetch-site'];
  if (headers.origin === undefined) return !needsOrigin && site !== 'cross-site';
  return headers.origin === `http://${host}`;
}

/** Whether a request to the API may come from a bot: addressed to loopback, and not from a page of any kind. */
export function isNoPage(headers: IncomingHttpHeaders): boolean {
  return loopbackHost(headers.host) !== undefined && headers.origin === undefined;
}

/** For everything of ours. Styles by attribute are how the components colour an embed; scripts come from files alone. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-cache',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** For files that the bot or a person made: whatever is in them, they run nothing. */
export const FILE_HEADERS: Readonly<Record<string, string>> = {
  ...PAGE_HEADERS,
  'content-security-policy': "default-src 'none'; sandbox",
};
