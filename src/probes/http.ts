import { z } from 'zod';
import { withLink } from './conversation.ts';
import { DEVELOPMENT_SERVERS, developmentServerOf } from './httpDevelopment.ts';
import { type HttpAnswer, headerOf, hostHeader, httpGet } from './httpGet.ts';
import { httpProductsOf, PRODUCTS_SEEN } from './httpProducts.ts';
import type { ProbeTarget } from './link.ts';
import { FACT_TEXT, FACT_TEXTS, factText, factTexts, jsonBytes } from './openFacts.ts';
import type { Probe } from './probe.ts';
import { protocolsOf } from './protocolsOf.ts';

const SECURITY_HEADERS = [
  'strict-transport-security',
  'content-security-policy',
  'x-content-type-options',
  'x-frame-options',
  'referrer-policy',
] as const;

export const HTTP_FACTS = z.strictObject({
  protocol: z.literal('http'),
  /** The conversation was inside TLS. */
  tls: z.boolean(),
  status: z.int().min(100).max(599),
  server: FACT_TEXT.optional(),
  poweredBy: FACT_TEXT.optional(),
  title: FACT_TEXT.optional(),
  /** Which of these are there, whatever they say. */
  securityHeaders: z.array(z.enum(SECURITY_HEADERS)).max(SECURITY_HEADERS.length),
  /** How long browsers are to insist on HTTPS, in seconds, where Strict-Transport-Security says it. */
  hstsMaxAgeSeconds: z.int().min(0).optional(),
  /** Where a 3xx answer points; it is not followed. `same-host`: without a change to HTTPS. */
  redirect: z.enum(['none', 'https-same-host', 'same-host', 'other-host']),
  /** Schemes of WWW-Authenticate, in lower case. */
  authSchemes: FACT_TEXTS,
  /** Without their values. */
  cookies: z.array(z.strictObject({ name: FACT_TEXT, secure: z.boolean(), httpOnly: z.boolean() })).max(64),
  /** The answer lists the files of a folder. */
  directoryListing: z.boolean(),
  developmentServer: z.enum(DEVELOPMENT_SERVERS).optional(),
  /** What fingerprints recognise in headers, title and body, which are not kept. */
  products: PRODUCTS_SEEN.optional(),
  /** Content-Encoding, though none was asked for; the body was not looked at then. */
  encoding: FACT_TEXT.optional(),
});

type HttpFacts = z.infer<typeof HTTP_FACTS>;

/** A web server (RFC 9110): one GET of `/` with the name that was asked for; no redirect is followed. */
export const httpProbe: Probe<HttpFacts> = {
  protocol: 'http',
  ports: [80, 443, 3000, 4200, 5000, 5173, 8000, 8008, 8080, 8081, 8088, 8443, 8880, 8888, 9000, 9090, 9443],
  run: (context) =>
    withLink(context, async (link) => {
      const tls = context.tls ?? false;
      const answer = await httpGet(link, context.target, { path: '/' }, tls);
      // "You are speaking plain HTTP to an HTTPS port" is no web page.
      if (!answer || (!tls && protocolsOf(link.received())[0] === 'tls')) return undefined;
      return httpFacts(answer, context.target, tls);
    }),
};

/** What one answer to `GET /` says. Never throws. */
export function httpFacts(answer: HttpAnswer, target: ProbeTarget, tls: boolean): HttpFacts {
  const encoding = headerOf(answer, 'content-encoding');
  const isPacked = encoding !== undefined && encoding.toLowerCase() !== 'identity';
  const page = isPacked ? '' : answer.body.toString('utf8');
  const title = titleOf(page);
  const developmentServer = developmentServerOf(answer, page, title ?? '', hostHeader(target, tls));
  const products = httpProductsOf(answer, title, page);
  const hstsMaxAgeSeconds = maxAgeOf(headerOf(answer, 'strict-transport-security'));
  return {
    protocol: 'http',
    tls,
    status: answer.status,
    ...textHeader(answer, 'server', 'server'),
    ...textHeader(answer, 'poweredBy', 'x-powered-by'),
    ...(title !== undefined && { title: factText(title) }),
    securityHeaders: SECURITY_HEADERS.filter((name) => headerOf(answer, name) !== undefined),
    ...(hstsMaxAgeSeconds !== undefined && { hstsMaxAgeSeconds }),
    redirect: redirectOf(answer, target, tls),
    authSchemes: authSchemesOf(answer),
    cookies: cookiesOf(answer),
    directoryListing: /^(?:Index of|Directory listing for|Directory:?) \//.test(title ?? ''),
    ...(developmentServer && { developmentServer }),
    ...(products.length > 0 && { products }),
    ...(isPacked && { encoding: factText(encoding) }),
  };
}

function textHeader<Key extends string>(answer: HttpAnswer, key: Key, name: string): { [K in Key]?: string } {
  const value = headerOf(answer, name);
  return value === undefined ? {} : ({ [key]: factText(value) } as { [K in Key]: string });
}

const MAX_TITLE = 2_048;
const ENTITIES = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
]);

/** The text of the first title element; undefined when there is none. */
function titleOf(page: string): string | undefined {
  const start = page.search(/<title[\s>]/i);
  const open = start < 0 ? -1 : page.indexOf('>', start);
  if (open < 0) return undefined;
  const [text = ''] = page.slice(open + 1, open + 1 + MAX_TITLE).split(/<\/title/i, 1);
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES.get(entity) ?? entity).trim();
}

function maxAgeOf(header: string | undefined): number | undefined {
  const digits = /max-age\s{0,8}=\s{0,8}"?(\d{1,12})/i.exec(header ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const withoutDot = (host: string) => host.toLowerCase().replace(/\.$/, '');

function redirectOf(answer: HttpAnswer, target: ProbeTarget, tls: boolean): HttpFacts['redirect'] {
  const location = headerOf(answer, 'location');
  if (location === undefined || answer.status < 300 || answer.status > 399) return 'none';
  const base = `${tls ? 'https' : 'http'}://${hostHeader(target, tls)}/`;
  const here = URL.parse(base);
  const there = URL.parse(location.slice(0, 2_048), base);
  if (!here || !there || withoutDot(there.hostname) !== withoutDot(here.hostname)) return 'other-host';
  return there.protocol === 'https:' ? 'https-same-host' : 'same-host';
}

function valuesOf(answer: HttpAnswer, name: string): string[] {
  return answer.headers.flatMap(([key, value]) => (key === name ? [value] : [])).slice(0, 64);
}

const QUOTED = /"[^"]*"/g;

function authSchemesOf(answer: HttpAnswer): string[] {
  const schemes = valuesOf(answer, 'www-authenticate').flatMap((value) =>
    // A parameter is `name=…`; a scheme stands alone or before a blank (RFC 9110 §11.6.1).
    value
      .slice(0, 2_048)
      .replace(QUOTED, '')
      .split(',', 16)
      .flatMap((part) => /^\s{0,8}([A-Za-z][\w-]{0,40})(?:\s{1,8}[^=\s]|\s{0,8}$)/.exec(part)?.[1] ?? []),
  );
  return factTexts(new Set(schemes.map((scheme) => scheme.toLowerCase())));
}

/** Of all cookies, in bytes of JSON. */
const MAX_COOKIES_BYTES = 4_096;

function cookiesOf(answer: HttpAnswer): HttpFacts['cookies'] {
  let left = MAX_COOKIES_BYTES;
  return valuesOf(answer, 'set-cookie').flatMap((text) => {
    const [pair = '', ...attributes] = text.split(';', 32);
    const flags = attributes.map((attribute) => attribute.trim().toLowerCase());
    const cookie = {
      name: factText(pair.split('=', 1)[0] ?? ''),
      secure: flags.includes('secure'),
      httpOnly: flags.includes('httponly'),
    };
    left -= jsonBytes(cookie) + 1;
    return left < 0 ? [] : [cookie];
  });
}
