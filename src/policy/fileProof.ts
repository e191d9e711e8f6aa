import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, isIPv6 } from 'node:net';
import { type Phrase, say } from '../engine/phrase.ts';
import type { ScannableAddress } from '../engine/types.ts';
import { isToken } from './ownership.ts';
import type { Look } from './txtProof.ts';

export type Scheme = 'https' | 'http';

export interface FileLook extends Look {
  /** By which scheme the file was found, or the result was got. */
  readonly scheme: Scheme;
}

export interface FilePlace {
  /** The canonical name, or the address itself. */
  readonly host: string;
  /** Where the request goes: judged and pinned. */
  readonly address: ScannableAddress;
  readonly token: string;
}

export interface FileProofSettings {
  /** The web's own ports: a proof on another port could be anybody's who has an account on the host. */
  readonly httpsPort: number;
  readonly httpPort: number;
  /** For one request, from its start to the last byte. */
  readonly timeoutMs: number;
}

export const FILE_PROOF: FileProofSettings = { httpsPort: 443, httpPort: 80, timeoutMs: 5_000 };

const FOLDER = '/.well-known/harbormaster/';
const CONTENT_START = 'harbormaster-verification=';
const MAX_BODY_BYTES = 1_024;
const MAX_HEADER_BYTES = 8_192;

/** For a person who creates the file. */
export function fileUrl(host: string, token: string): string {
  return `https://${inUrl(host)}${FOLDER}${token}`;
}

/** What the file holds. More than the token, which stands in the path: a server that repeats paths proves nothing. */
export function fileContent(token: string): string {
  return CONTENT_START + token;
}

function isContent(body: string, token: string): boolean {
  const text = body.trim();
  return text.startsWith(CONTENT_START) && isToken(text.slice(CONTENT_START.length), token);
}

/**
 * Looks for the file (RFC 8615 well-known URI) by one scheme, then by the other. Its body is exactly
 * {@link fileContent}, blanks around it allowed. The request goes to the pinned address only, follows no redirect, reads at most 1 KiB. The certificate is not checked,
 * as HTTP would do too: what counts is who answers at the address.
 *
 * Rejects only with the signal's reason.
 *
 * @param first tried first, and when the file is at neither, its result counts: the scheme that proved before
 */
export async function lookForFile(
  place: FilePlace,
  settings: FileProofSettings,
  signal: AbortSignal,
  first: Scheme = 'https',
): Promise<FileLook> {
  const own = await look(first, place, settings, signal);
  if (own.result === 'present') return own;
  const other = await look(first === 'https' ? 'http' : 'https', place, settings, signal);
  if (other.result === 'present') return other;
  return { ...own, told: say`The file is not there. ${own.told} ${other.told}` };
}

async function look(
  scheme: Scheme,
  place: FilePlace,
  settings: FileProofSettings,
  signal: AbortSignal,
): Promise<FileLook> {
  const limit = AbortSignal.timeout(settings.timeoutMs);
  const found = (result: Look['result'], what: Phrase): FileLook => ({
    result,
    scheme,
    told: say`${scheme.toUpperCase()}: ${what}.`,
  });
  try {
    const response = await ask(scheme, place, settings, AbortSignal.any([signal, limit]));
    const { statusCode: status = 0 } = response;
    if (status === 200) {
      const body = await readBody(response);
      if (body === undefined) return found('absent', say`the answer is longer than the content`);
      return isContent(body, place.token)
        ? found('present', say`the file is there`)
        : found('absent', say`the answer is something else than the content`);
    }
    response.destroy();
    if (status >= 300 && status < 400) return found('absent', say`a redirect (${status}), which is not followed`);
    // Only these say that there is no such file; others may pass, such as a gateway without its server.
    return found(status === 404 || status === 410 ? 'absent' : 'unknown', say`status ${status}`);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return found('unknown', say`no complete answer in ${settings.timeoutMs / 1_000} s`);
    const { code } = error as { code?: unknown };
    const shown = /^[A-Z0-9_]{1,40}$/.test(String(code)) ? String(code) : undefined;
    return found('unknown', shown ? say`no HTTP answer (${shown})` : say`no HTTP answer`);
  }
}

function ask(scheme: Scheme, place: FilePlace, settings: FileProofSettings, signal: AbortSignal) {
  const options: RequestOptions = {
    host: place.address,
    port: scheme === 'https' ? settings.httpsPort : settings.httpPort,
    path: FOLDER + place.token,
    headers: { host: inUrl(place.host), 'user-agent': 'Harbormaster (proof of ownership)', accept: 'text/plain' },
    agent: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    signal,
  };
  return new Promise<IncomingMessage>((resolve, reject) => {
    const request: ClientRequest =
      scheme === 'https'
        ? httpsRequest(
            { ...options, servername: isIP(place.host) ? '' : place.host, rejectUnauthorized: false },
            resolve,
          )
        : httpRequest(options, resolve);
    request.on('error', reject);
    request.end();
  });
}

/** Undefined as soon as it is longer than it may be; the connection is closed then. */
async function readBody(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const inUrl = (host: string) => (isIPv6(host) ? `[${host}]` : host);
