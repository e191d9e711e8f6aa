import type { IncomingMessage } from 'node:http';
import type { UploadedFile } from '../files.ts';
import { entityTooLarge, invalidJson, RestError } from './errors.ts';

/** Largest file without a boosted server (10 MiB), and largest request over all its files. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;
const MAX_REQUEST_BYTES = 10 * MAX_FILE_BYTES;

export interface ParsedBody {
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MAX_REQUEST_BYTES) chunks.push(chunk);
  }
  if (size > MAX_REQUEST_BYTES) throw entityTooLarge();
  return Buffer.concat(chunks);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidJson();
  }
}

async function parseForm(raw: Buffer, contentType: string): Promise<ParsedBody> {
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw new RestError(400, 50_109, 'The request body is not valid multipart/form-data.');
    });
  let body: unknown = null;
  const files: UploadedFile[] = [];
  for (const [key, value] of form) {
    const index = /^files\[(\d+)\]$/.exec(key)?.[1] ?? (key === 'file' ? '0' : undefined);
    if (key === 'payload_json') body = parseJson(typeof value === 'string' ? value : await value.text());
    else if (index !== undefined && typeof value !== 'string') {
      const data = new Uint8Array(await value.arrayBuffer());
      if (data.byteLength > MAX_FILE_BYTES) throw entityTooLarge();
      const type = value.type || 'application/octet-stream';
      files.push({ index: Number(index), name: value.name, contentType: type, data });
    }
  }
  return { body, files };
}

/** Reads a JSON or multipart body ("Uploading Files"). Throws 50109 for broken JSON, 40005 for a file over 10 MiB. */
export async function parseBody(raw: Buffer, contentType: string | undefined): Promise<ParsedBody> {
  if (raw.length === 0) return { body: null, files: [] };
  if (contentType?.startsWith('multipart/form-data')) return await parseForm(raw, contentType);
  if (contentType?.startsWith('application/json')) return { body: parseJson(raw.toString('utf8')), files: [] };
  const failure = {
    code: 'CONTENT_TYPE_INVALID',
    message: 'Expected "Content-Type" header to be one of {\'application/json\'}.',
  };
  throw new RestError(400, 50_035, 'Invalid Form Body', { _errors: [failure] });
}
