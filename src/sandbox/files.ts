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
  /** By the path part of the attachment's URL. */
  find(path: string): StoredFile | undefined;
}

/** Attachments, served under `/attachments/{channel}/{id}/{name}` like Discord's CDN. */
export function createFileStore(nextId: () => string, origin: () => string): FileStore {
  const files = new Map<string, StoredFile>();
  return {
    add(channelId, file, description) {
      const id = nextId();
      // Discord keeps letters, digits, dot, dash and underscore of an uploaded name, and turns the rest into underscores.
      const name = file.name.replaceAll(/[^\w.-]/g, '_') || 'unknown';
      const path = `/attachments/${channelId}/${id}/${name}`;
      files.set(path, { name, contentType: file.contentType, data: file.data });
      const url = `${origin()}${path}`;
      return {
        id,
        filename: name,
        size: file.data.byteLength,
        url,
        proxy_url: url,
        content_type: file.contentType,
        ...(description === undefined ? {} : { description }),
      };
    },
    find: (path) => files.get(path),
  };
}
