import type { Link } from '../link.ts';

/** Protocols that begin in the clear and change to TLS. */
export const STARTTLS_PROTOCOLS = ['smtp', 'imap', 'pop3', 'ftp', 'postgres'] as const;
export type StartTlsProtocol = (typeof STARTTLS_PROTOCOLS)[number];

/** `ready`: TLS may begin; `refused`: it speaks the protocol, not TLS; `other`: it does not even speak the protocol. */
export type StartTlsAnswer = 'ready' | 'refused' | 'other';

const MAX_REPLY_BYTES = 8_192;
const MAX_WAIT_MS = 4_000;

/** What is complete of `bytes` after `from`, as lines. */
const linesAfter = (bytes: Buffer, from: number) => bytes.toString('latin1', from).split('\n').slice(0, -1);

/** Waits for a line that `isLast` accepts; resolves with it, or undefined when it does not come. */
async function lastLine(link: Link, from: number, isLast: (line: string) => boolean): Promise<string | undefined> {
  const tooMuch = (bytes: Buffer) => bytes.length - from > MAX_REPLY_BYTES;
  const bytes = await link.read((all) => tooMuch(all) || linesAfter(all, from).some(isLast), MAX_WAIT_MS);
  return tooMuch(bytes) ? undefined : linesAfter(bytes, from).find(isLast);
}

/** The last line of a reply of SMTP (RFC 5321 §4.2.1) or FTP (RFC 959 §4.2): a code without hyphen. */
const isFinal = (line: string) => /^\d{3}(?: |\r?$)/.test(line);

async function ask(link: Link, command: string, isLast: (line: string) => boolean): Promise<string | undefined> {
  const from = link.received().length;
  await link.write(`${command}\r\n`);
  return lastLine(link, from, isLast);
}

/** RFC 3207. Asked whether or not it is offered: what counts is the answer. */
async function smtp(link: Link): Promise<StartTlsAnswer> {
  if (!(await lastLine(link, 0, isFinal))?.startsWith('220')) return 'other';
  if (!(await ask(link, 'EHLO harbormaster.invalid', isFinal))?.startsWith('250')) return 'refused';
  return (await ask(link, 'STARTTLS', isFinal))?.startsWith('220') ? 'ready' : 'refused';
}

/** RFC 4217 §4. */
async function ftp(link: Link): Promise<StartTlsAnswer> {
  if (!(await lastLine(link, 0, isFinal))?.startsWith('220')) return 'other';
  return (await ask(link, 'AUTH TLS', isFinal))?.startsWith('234') ? 'ready' : 'refused';
}

/** RFC 9051 §6.2.1. */
async function imap(link: Link): Promise<StartTlsAnswer> {
  if (!(await lastLine(link, 0, (line) => /^\* (?:OK|PREAUTH)\b/i.test(line)))) return 'other';
  return /^a1 OK\b/i.test((await ask(link, 'a1 STARTTLS', (line) => /^a1 /i.test(line))) ?? '') ? 'ready' : 'refused';
}

/** RFC 2595 §4. */
async function pop3(link: Link): Promise<StartTlsAnswer> {
  const isReply = (line: string) => /^(?:\+OK|-ERR)/.test(line);
  if (!(await lastLine(link, 0, isReply))?.startsWith('+OK')) return 'other';
  return (await ask(link, 'STLS', isReply))?.startsWith('+OK') ? 'ready' : 'refused';
}

/** SSLRequest (PostgreSQL, Message Formats): length 8, code 80877103; answered by one byte, or an error of old servers. */
async function postgres(link: Link): Promise<StartTlsAnswer> {
  await link.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const [answer] = await link.read((bytes) => bytes.length > 0, MAX_WAIT_MS);
  if (answer === 'S'.charCodeAt(0)) return 'ready';
  return answer === 'N'.charCodeAt(0) || answer === 'E'.charCodeAt(0) ? 'refused' : 'other';
}

const PRELUDES: Record<StartTlsProtocol, (link: Link) => Promise<StartTlsAnswer>> = { smtp, imap, pop3, ftp, postgres };

/** Talks in the clear until TLS may begin, with the least that each protocol asks for. Rejects with LinkError. */
export function startTls(link: Link, protocol: StartTlsProtocol): Promise<StartTlsAnswer> {
  return PRELUDES[protocol](link);
}
