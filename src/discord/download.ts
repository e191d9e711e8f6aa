import { say } from '../engine/phrase.ts';
import { UserError } from '../errors.ts';
import type { Download } from '../targets/imports.ts';

const TIMEOUT_MS = 10_000;
/** Where Discord keeps attachments (Discord API docs: CDN, attachments). */
const CDN_ORIGINS = ['https://cdn.discordapp.com', 'https://media.discordapp.net'] as const;

/**
 * Where attachments may be fetched from: Discord's CDN, and the origin of the REST API when that is not Discord's own, as
 * with the sandbox.
 *
 * @param apiUrl base of the REST API
 */
export function attachmentOrigins(apiUrl: string): readonly string[] {
  const { origin, hostname } = new URL(apiUrl);
  return hostname === 'discord.com' || hostname.endsWith('.discord.com') ? CDN_ORIGINS : [...CDN_ORIGINS, origin];
}

/**
 * Fetches attachments. The URL comes from an interaction: only these origins, no redirect, no more bytes than allowed (also
 * after decompression, whatever the headers say), all within `timeoutMs`.
 *
 * @param allowedOrigins as `URL.origin` writes them
 */
export function createDownload(allowedOrigins: readonly string[], timeoutMs: number = TIMEOUT_MS): Download {
  return async (address, maxBytes, signal) => {
    const url = URL.parse(address);
    if (!url || !allowedOrigins.includes(url.origin) || url.username !== '' || url.password !== '') {
      throw new UserError(
        'foreign-file',
        say`The file is not where Discord keeps attachments. Attach it to the command.`,
      );
    }
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const response = await fetch(url, { redirect: 'error', signal: limit, credentials: 'omit' });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return await readBounded(response, maxBytes);
    } catch (error) {
      if (error instanceof UserError) throw error;
      signal.throwIfAborted();
      throw new UserError('no-file', say`Discord did not give out the file. Attach it again.`);
    }
  };
}

async function readBounded({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the rest.
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) {
      throw new UserError(
        'too-big',
        say`The file is longer than ${Math.floor(maxBytes / 1024)} KiB, the most that is read.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
