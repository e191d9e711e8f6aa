/** What a server calls itself (RFC 4253 §4.2), as it came. */
export interface Identification {
  readonly line: string;
  /** `2.0`; `1.99` of a server that speaks 1 as well (RFC 4253 §5.1). */
  readonly protocolVersion: string;
  readonly software: string;
  readonly comment?: string | undefined;
  /** Lines before it. */
  readonly before: readonly string[];
  /** Where the binary protocol begins, in bytes. */
  readonly end: number;
  /** False: it ended, or fell silent, without the line's end. */
  readonly terminated: boolean;
}

/** Of the identification, in bytes, with its line end. */
const MAX_LINE_BYTES = 255;
const MAX_BEFORE_BYTES = 1_024;
const MAX_BEFORE_LINES = 20;

const LF = 0x0a;
const PREFIX = 'SSH-';

/**
 * Finds the identification. `more` means that the bytes so far leave it open, `no` that this is not SSH: too much before it,
 * a line of more than 255 bytes, or nothing of the form `SSH-version-software`. With `final`, an unfinished line counts.
 */
export function readIdentification(bytes: Buffer, final: boolean): Identification | 'more' | 'no' {
  const before: string[] = [];
  let at = 0;
  for (;;) {
    const newline = bytes.indexOf(LF, at);
    const end = newline < 0 ? bytes.length : newline + 1;
    const starts = bytes.toString('latin1', at, at + PREFIX.length);
    if (starts === PREFIX) {
      if (end - at > MAX_LINE_BYTES) return 'no';
      if (newline < 0 && !final) return 'more';
      return splitLine(bytes.toString('utf8', at, end).replace(/\r?\n$/, ''), before, end, newline >= 0);
    }
    // A line before it may still be incomplete; so may the prefix itself.
    if (end > MAX_BEFORE_BYTES || before.length === MAX_BEFORE_LINES) return 'no';
    if (newline < 0) return final ? 'no' : 'more';
    before.push(bytes.toString('utf8', at, newline));
    at = end;
  }
}

function splitLine(line: string, before: string[], end: number, terminated: boolean): Identification | 'no' {
  const versionEnd = line.indexOf('-', PREFIX.length);
  if (versionEnd < 0) return 'no';
  const rest = line.slice(versionEnd + 1);
  const blank = rest.indexOf(' ');
  return {
    line,
    protocolVersion: line.slice(PREFIX.length, versionEnd),
    software: blank < 0 ? rest : rest.slice(0, blank),
    comment: blank < 0 ? undefined : rest.slice(blank + 1),
    before,
    end,
    terminated,
  };
}

/** Name and version inside a software string, by the habit of most: `OpenSSH_9.2p1`, `Cisco-1.25`, `mod_sftp/0.9.9`. */
export function splitSoftware(software: string): { name: string; version?: string } | undefined {
  const at = software.search(/[_\-/]\d/);
  const name = at < 0 ? software : software.slice(0, at);
  if (!/[a-z]/i.test(name)) return undefined;
  return at < 0 ? { name } : { name, version: software.slice(at + 1) };
}
