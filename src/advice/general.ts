import type { Sources } from './guide.ts';

/** What can honestly be said about a port nobody has written a guide for. */
export interface GeneralAdvice {
  /** The range of RFC 6335 §6 the number is in. */
  readonly range: 'well-known' | 'registered' | 'dynamic';
  /** One sentence on what the range tells. */
  readonly rangeText: string;
  /** What to find out before deciding. */
  readonly questions: readonly string[];
  /** What lists the process that listens there. */
  readonly commands: { readonly linux: string; readonly windows: string };
  /** What to do once the process is known. */
  readonly actions: readonly string[];
  readonly sources: Sources;
}

const RANGE_TEXT: Readonly<Record<GeneralAdvice['range'], string>> = {
  'well-known':
    'Well-known range (up to 1023): assigned to system services; on Unix a program needs privileges to listen here.',
  registered: 'Registered range (1024 to 49151): assigned on request, but any program may listen here.',
  dynamic:
    'Dynamic range (49152 to 65535): never assigned; services choose ports here at run time, such as RPC or passive FTP.',
};

const QUESTIONS = [
  'Who needs this port: which team, which application?',
  'From where: everyone, named addresses, or only this host?',
  'Until when: is it for good, or left over from a test?',
] as const;

function rangeOf(port: number): GeneralAdvice['range'] {
  if (port <= 1023) return 'well-known';
  return port <= 49_151 ? 'registered' : 'dynamic';
}

/** Advice for an open port without a guide. The number alone says little: the process behind it is what counts. */
export function generalAdvice(port: number): GeneralAdvice {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`not a port number: ${port}`);
  const range = rangeOf(port);
  return {
    range,
    rangeText: RANGE_TEXT[range],
    questions: QUESTIONS,
    commands: { linux: `ss -ltnp 'sport = :${port}'`, windows: `Get-NetTCPConnection -LocalPort ${port}` },
    actions: [
      'Stop the service if nobody needs it, and keep it from starting again.',
      'Bind it to localhost (`127.0.0.1`, `::1`) if only this host uses it.',
      'Limit it to named sources in the firewall if only some need it; then scan again from outside.',
    ],
    sources: ['RFC6335'],
  };
}
