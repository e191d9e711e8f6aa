import { say } from '../engine/phrase.ts';
import type { AllowlistEntry } from '../policy/entry.ts';
import type { OperatorPolicy } from '../policy/judge.ts';
import type { Allowlists } from '../storage/allowlists.ts';
import { type ImportProblem, type ImportRow, MAX_FILE_BYTES, readImport } from './importFile.ts';
import { fingerprint, type ImportPlan, isEmpty, planImport } from './importPlan.ts';
import { createPendingImports, type PendingImport } from './pendingImports.ts';

/**
 * Fetches a file that came with a command. Rejects with a UserError when it is longer than `maxBytes` or cannot be had, and
 * with the signal's reason when that is aborted.
 */
export type Download = (url: string, maxBytes: number, signal: AbortSignal) => Promise<Uint8Array>;

export interface ImportDeps {
  readonly allowlists: Allowlists;
  readonly operator: OperatorPolicy;
  readonly download: Download;
  readonly now: () => number;
  /** At most 30 letters, digits, `_` and `-`, of at least 96 random bits. */
  readonly randomId: () => string;
}

/** Who imports, and where. */
export interface Importer {
  readonly guildId: string;
  readonly userId: string;
}

export interface ImportFileRequest {
  readonly url: string;
  readonly sizeBytes: number;
  readonly replace: boolean;
}

type Rejected = { readonly outcome: 'problems'; readonly problems: readonly ImportProblem[] };

export type Previewed =
  | Rejected
  /** The list is as the file wants it already. */
  | { readonly outcome: 'nothing-to-do'; readonly plan: ImportPlan }
  | { readonly outcome: 'preview'; readonly id: string; readonly plan: ImportPlan; readonly replace: boolean };

export type Confirmed =
  | Previewed
  | { readonly outcome: 'applied'; readonly plan: ImportPlan }
  | { readonly outcome: 'gone' | 'not-yours' };

/** Imports in two steps: what it would do, then the doing, by the list as it is then. */
/** Does the work or rejects without doing it. */
type Around = (work: () => Promise<Confirmed>) => Promise<Confirmed>;

export interface Imports {
  preview(who: Importer, file: ImportFileRequest, signal: AbortSignal): Promise<Previewed>;
  /**
   * Applies what was shown, by way of `around`, which is asked only when there is something to apply. When the list has
   * changed so that it would do something else, a new preview comes instead.
   */
  confirm(who: Importer, id: string, around: Around): Promise<Confirmed>;
  cancel(who: Importer, id: string): 'cancelled' | 'gone' | 'not-yours';
}

export function createImports({ allowlists, operator, download, now, randomId }: ImportDeps): Imports {
  const pending = createPendingImports(now, randomId);

  function plan(who: Importer, rows: readonly ImportRow[], replace: boolean, entries: readonly AllowlistEntry[]) {
    return planImport(rows, entries, { replace, operator }, { userId: who.userId, nowMs: now() });
  }

  function show(waiting: Omit<PendingImport, 'fingerprint'>, planned: ImportPlan): Previewed {
    if (isEmpty(planned)) return { outcome: 'nothing-to-do', plan: planned };
    const id = pending.put({ ...waiting, fingerprint: fingerprint(planned) });
    return { outcome: 'preview', id, plan: planned, replace: waiting.replace };
  }

  /** As one step with storing it: between looking and doing nobody else can change the list. */
  function apply(who: Importer, taken: PendingImport): Promise<Confirmed> {
    return allowlists.update<Confirmed>(who.guildId, (entries) => {
      const { plan: planned, problems } = plan(who, taken.rows, taken.replace, entries);
      if (problems.length > 0) return { entries, result: { outcome: 'problems', problems } };
      if (fingerprint(planned) !== taken.fingerprint) return { entries, result: show(taken, planned) };
      return { entries: planned.entries, result: { outcome: 'applied', plan: planned } };
    });
  }

  return {
    async preview(who, { url, sizeBytes, replace }, signal) {
      const declared = tooBig(sizeBytes);
      if (declared) return declared;
      const file = readImport(await download(url, MAX_FILE_BYTES, signal), now());
      const planned = plan(who, file.rows, replace, await allowlists.read(who.guildId));
      const problems = [...file.problems, ...planned.problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
      if (problems.length > 0) return { outcome: 'problems', problems };
      const { guildId, userId } = who;
      return show({ guildId, userId, rows: file.rows, replace }, planned.plan);
    },
    async confirm(who, id, around) {
      const taken = pending.take(id, who.guildId, who.userId);
      if (typeof taken === 'string') return { outcome: taken };
      let isAnswered = false;
      try {
        const confirmed = await around(() => apply(who, taken));
        isAnswered = true;
        return confirmed;
      } finally {
        if (!isAnswered) pending.putBack(id, taken);
      }
    },
    cancel(who, id) {
      const taken = pending.take(id, who.guildId, who.userId);
      return typeof taken === 'string' ? taken : 'cancelled';
    },
  };
}

/** By Discord's word, before anything is fetched. */
function tooBig(sizeBytes: number): Rejected | undefined {
  if (sizeBytes <= MAX_FILE_BYTES) return undefined;
  const message = say`The file has ${Math.ceil(sizeBytes / 1024)} KiB; at most ${MAX_FILE_BYTES / 1024} KiB are read.`;
  const problem = { line: undefined, code: 'too-big', message, example: say`a shorter file` };
  return { outcome: 'problems', problems: [problem] };
}
