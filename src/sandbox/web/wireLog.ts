import type { RecordedRequest } from '../rest/server.ts';
import type { Notice } from '../state.ts';
import type { Happening } from '../watch.ts';
import type { LogEntry } from './protocol.ts';

const MAX_ENTRIES = 500;
/** Longest detail that is sent to the page, in characters of JSON. */
const MAX_DETAIL = 20_000;

const OPCODES: Readonly<Record<number, string>> = {
  1: 'Heartbeat',
  2: 'Identify',
  3: 'Presence update',
  6: 'Resume',
  7: 'Reconnect',
  9: 'Invalid session',
};

/** Tokens of interactions are long, secret, and say nothing. */
const TOKEN = /[\w-]{80,}/g;

function readable(detail: unknown): unknown {
  const text = JSON.stringify(detail, (key, value: unknown) => (key === 'token' ? '[token]' : value)) ?? 'null';
  const short = text.replaceAll(TOKEN, '[token]');
  if (short.length <= MAX_DETAIL) return JSON.parse(short);
  return `${short.slice(0, MAX_DETAIL)}…`;
}

type Entry = Omit<LogEntry, 'id' | 'at'>;

function requestEntry(request: RecordedRequest, tookMs: number): Entry {
  const { method, path, route, status, body, files, response } = request;
  const refused = status !== null && (status === 0 || status >= 400);
  const outcome = status === null ? 'under way' : status === 0 ? 'connection cut' : `${status} in ${tookMs} ms`;
  const names = files.map((file) => `${file.name} (${file.data.byteLength} bytes)`);
  return {
    kind: 'request',
    title: route === 'unknown' ? `${method} ${path}` : route,
    outcome: refused ? `${outcome}, refused` : outcome,
    refused,
    detail: readable({ path, body, ...(names.length > 0 ? { files: names } : {}), response }),
  };
}

/** What went over the wire, newest last, as many as fit; `changed` hears of new entries and of changed ones. */
export interface WireLog {
  readonly entries: () => readonly LogEntry[];
  hear(happening: Happening): void;
  notice(notice: Notice): void;
}

export function createWireLog(now: () => number, changed: (entry: LogEntry) => void): WireLog {
  const entries = new Map<number, LogEntry>();
  const underWay = new Map<RecordedRequest, { readonly id: number; readonly since: number }>();
  let last = 0;

  const put = (id: number, at: number, entry: Entry): void => {
    const full = { id, at, ...entry };
    entries.set(id, full);
    const oldest = entries.keys().next();
    if (entries.size > MAX_ENTRIES && !oldest.done) entries.delete(oldest.value);
    changed(full);
  };
  const add = (entry: Entry): number => {
    last += 1;
    put(last, now(), entry);
    return last;
  };
  const hearRequest = (request: RecordedRequest): void => {
    const known = underWay.get(request);
    if (!known) {
      underWay.set(request, { id: add(requestEntry(request, 0)), since: performance.now() });
      return;
    }
    underWay.delete(request);
    put(known.id, request.at, requestEntry(request, Math.round(performance.now() - known.since)));
  };
  return {
    entries: () => [...entries.values()],
    hear(happening) {
      if (happening.kind === 'request') hearRequest(happening.request);
      else if (happening.kind === 'connection')
        add({
          kind: 'notice',
          title: happening.open ? 'The bot opened a gateway connection' : 'A gateway connection ended',
          outcome: '',
          refused: false,
          detail: null,
        });
      else
        add({
          kind: happening.sent ? 'sent' : 'received',
          title: happening.event ?? OPCODES[happening.op] ?? `Opcode ${happening.op}`,
          outcome: '',
          refused: happening.op === 9,
          detail: readable(happening.data),
        });
    },
    notice: ({ text }) => {
      add({ kind: 'notice', title: text, outcome: 'not as it should be', refused: true, detail: null });
    },
  };
}
