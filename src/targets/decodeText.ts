import type { Parsed } from '../engine/parsed.ts';
import { type Phrase, say } from '../engine/phrase.ts';
import { problem } from '../policy/problems.ts';

const SAVE_AS = say`the file saved as "CSV UTF-8" or as plain text in UTF-8`;

/**
 * The text of a file that somebody sent: UTF-8 with or without byte order mark, with `\n` at every line end. Anything else
 * is refused with what it seems to be.
 */
export function decodeText(bytes: Uint8Array, maxBytes: number): Parsed<string, Phrase> {
  if (bytes.byteLength > maxBytes) {
    const size = Math.ceil(bytes.byteLength / 1024);
    return problem(
      'too-big',
      say`The file has ${size} KiB; at most ${maxBytes / 1024} KiB are read.`,
      say`a shorter file`,
    );
  }
  const binary = recognise(bytes);
  if (binary) return problem('not-text', say`${binary} This reads text in UTF-8.`, SAVE_AS);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ok: true, value: text.replace(/\r\n?/g, '\n') };
  } catch {
    return problem(
      'not-utf8',
      say`The file is not text in UTF-8: some characters in it are coded differently.`,
      SAVE_AS,
    );
  }
}

function recognise(bytes: Uint8Array): Phrase | undefined {
  const [first, second, third, fourth] = bytes;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isMarked) return say`The file is text in UTF-16 or UTF-32.`;
  if (first === 0x50 && second === 0x4b && third === 0x03 && fourth === 0x04) {
    return say`The file is an archive or a workbook, such as .zip, .xlsx or .ods.`;
  }
  // UTF-16 without its mark: every other byte of plain letters is zero.
  if (bytes.length >= 2 && (first === 0) !== (second === 0)) return say`The file looks like text in UTF-16.`;
  if (bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) {
    return say`The file is binary, not text.`;
  }
  return undefined;
}
