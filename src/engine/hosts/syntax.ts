import type { Failure } from '../parsed.ts';
import { type Phrase, say } from '../phrase.ts';
import { quote } from '../ports/quote.ts';
import { readLiteral } from './address.ts';
import { looksLikeRange } from './range.ts';
import { fail, type Reader } from './types.ts';

/** `scheme:` with a slash of either kind, or one of the schemes that are often typed without. */
const URL_START = /^(?:([a-z][a-z0-9+.-]{0,30}):[/\\]|(https?|ftp|ssh|file|mailto|data|javascript):)/i;
/** What stands where a URL has its host and port. */
const AUTHORITY = /^(\[[^\]]*\]|[^/?#\\:@[\]]*)(?::(\d*))?(?:[/?#].*)?$/;

/** The host within more than a host; `undefined` where it could be read in more than one way. */
function hostWithin(text: string): { readonly host: string; readonly port?: string } | undefined {
  const [, bracketed = '', port = ''] = AUTHORITY.exec(text) ?? [];
  const host = bracketed.replace(/^\[|\]$/g, '');
  const isPort = /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535;
  return host === '' ? undefined : { host, ...(isPort && { port }) };
}

/** Says what is wrong, and names the host (and the place for its port) if there is one that would be taken. */
function refuse(reader: Reader, code: string, what: Phrase, within: ReturnType<typeof hostWithin>): Failure {
  const host = within && reader.check(within.host);
  if (host === undefined) return fail(reader, code, say`${what} Write the host alone.`);
  const port = within?.port;
  const advice = port === undefined ? say`Write the host alone, ${host}.` : reader.apart(host, port);
  return fail(reader, code, say`${what} ${advice}`, host, port);
}

/** What stands before an @ may be a password, so that nothing of the text is repeated but the host. */
export function checkUserInfo(text: string, reader: Reader): Failure | undefined {
  if (!/[@＠﹫]/u.test(text)) return undefined;
  const [, authority] = /^(?:https?:\/\/)?[^/?#\\@]*@([^@\\]*)$/i.exec(text) ?? [];
  const what = say`The host contains “@”, as user names and passwords before a host do.`;
  return refuse(reader, 'userinfo', what, authority === undefined ? undefined : hostWithin(authority));
}

/** URLs, zones, ports and brackets: understood, but not what a host is. */
export function checkForeignSyntax(text: string, reader: Reader): Failure | undefined {
  const url = URL_START.exec(text);
  if (url) {
    const [, authority] = /^https?:\/\/([^\\]*)$/i.exec(text) ?? [];
    const what = say`${quote(text.replace(/[?#].*$/, '…'))} is a URL.`;
    return refuse(reader, 'url', what, authority === undefined ? undefined : hostWithin(authority));
  }
  if (/[/\\]/.test(text)) {
    if (looksLikeRange(text)) return undefined;
    return refuse(reader, 'path', say`${quote(text)} contains a slash, which no host has.`, hostWithin(text));
  }
  if (text.includes('%')) return explainPercent(text, reader);
  if (/[?#]/.test(text)) {
    return refuse(
      reader,
      'url',
      say`${quote(text.replace(/[?#].*$/, ''))} is followed by “?” or “#”.`,
      hostWithin(text),
    );
  }
  const pair = hostWithin(text);
  if (pair !== undefined && /:\d*$/.test(text))
    return refuse(reader, 'port-in-host', say`${quote(text)} has a port glued on.`, pair);
  if (/[[\]]/.test(text)) return refuse(reader, 'brackets', say`${quote(text)} has brackets.`, pair);
  if (text.includes('*') && !/^\d[\d.*-]*$/.test(text)) {
    return fail(reader, 'wildcard', say`${quote(text)} is not one host. Name the host to look at.`);
  }
  return undefined;
}

function explainPercent(text: string, reader: Reader): Failure {
  const [before = ''] = text.split('%', 1);
  if (readLiteral(before) === undefined) {
    return fail(
      reader,
      'zone',
      say`${quote(text)} contains “%”: neither escapes nor zones are taken. Type it plainly.`,
    );
  }
  return fail(reader, 'zone', say`${quote(text)} carries a zone (%…). Write the address without it.`, before);
}
