import { createHash } from 'node:crypto';
import type { APIAttachment } from 'discord.js';

/** A file that came with a request or that a person attaches. */
export interface UploadedFile {
  /** The number in `files[n]`. */
  readonly index: number;
  readonly name: string;
  readonly contentType: string;
  readonly data: Uint8Array;
}

export interface StoredFile {
  readonly name: string;
  readonly contentType: string;
  readonly data: Uint8Array;
}

export interface FileStore {
  /** Keeps the file and returns the attachment object that refers to it. */
  add(channelId: string, file: Omit<UploadedFile, 'index'>, description?: string): APIAttachment;
  /** The same for the file of a command option: it is kept for a while only, and its URL is signed. */
  addEphemeral(channelId: string, file: Omit<UploadedFile, 'index'>): APIAttachment;
  /** By the path part of the attachment's URL. */
  find(path: string): StoredFile | undefined;
}

/** How long the URL of a command's file is good for, as it says itself. */
const SIGNED_FOR_MS = 24 * 60 * 60_000;

/** Attachments, served under `/attachments/{channel}/{id}/{name}` like Discord's CDN. */
export function createFileStore(nextId: () => string, origin: () => string, now: () => number): FileStore {
  const files = new Map<string, StoredFile>();

  function store(folder: string, channelId: string, file: Omit<UploadedFile, 'index'>) {
    const id = nextId();
    // Discord keeps letters, digits, dot, dash and underscore of an uploaded name, and turns the rest into underscores.
    const name = file.name.replaceAll(/[^\w.-]/g, '_') || 'unknown';
    const path = `/${folder}/${channelId}/${id}/${name}`;
    files.set(path, { name, contentType: file.contentType, data: file.data });
    const url = `${origin()}${path}`;
    return {
      id,
      filename: name,
      size: file.data.byteLength,
      url,
      proxy_url: url,
      content_type: file.contentType,
    };
  }

  return {
    add: (channelId, file, description) => ({
      ...store('attachments', channelId, file),
      ...(description === undefined ? {} : { description }),
    }),
    addEphemeral(channelId, file) {
      const stored = store('ephemeral-attachments', channelId, file);
      const seconds = (timeMs: number) => Math.floor(timeMs / 1_000).toString(16);
      const signature = createHash('sha256').update(stored.url).digest('hex');
      const url = `${stored.url}?ex=${seconds(now() + SIGNED_FOR_MS)}&is=${seconds(now())}&hm=${signature}&`;
      return { ...stored, url, proxy_url: url, ephemeral: true };
    },
    find: (path) => files.get(path),
  };
}
