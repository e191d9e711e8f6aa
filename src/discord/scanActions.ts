import { counted, type Phrase, say } from '../engine/phrase.ts';
import { readPorts } from '../engine/ports/intervals.ts';
import { accept } from '../errors.ts';
import type { Refusal } from '../policy/refusal.ts';
import { parseTarget, type Target } from '../policy/target.ts';
import type { Audit, AuditNote } from '../scans/audit.ts';
import type { Gate } from '../scans/gate.ts';
import { narrowRecord } from '../scans/narrow.ts';
import type { ScanPermission } from '../scans/permission.ts';
import { readResult, type ScanResult } from '../scans/result.ts';
import type { ScanService } from '../scans/types.ts';
import type { InterruptedScan, InterruptedScans } from '../storage/interruptedScans.ts';
import type { ScanRecord, ScanRecords } from '../storage/scanRecords.ts';
import { notice, refusalCard } from './cards/notices.ts';
import { detailCard, openPortCard } from './cards/scan/detailCards.ts';
import { exportCard } from './cards/scan/exportCard.ts';
import { scanCard } from './cards/scan/scanCard.ts';
import type { Answer, ButtonAction, CommandContext } from './command.ts';

export interface ScanActionDeps {
  readonly scans: Pick<ScanService, 'cancel'>;
  readonly gate: Pick<Gate, 'decideAgain'>;
  readonly records: Pick<ScanRecords, 'find'>;
  readonly interruptedScans: Pick<InterruptedScans, 'find'>;
  readonly permission: ScanPermission;
  readonly audit: Pick<Audit, 'record' | 'tryRecord'>;
  readonly maxPorts: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Scans again what was asked for, compared with `before` where there is a result. */
export type ScanAgain = (
  context: CommandContext,
  request: { readonly target: Target; readonly ports: readonly number[]; readonly share: false },
  before: ScanRecord | undefined,
) => Promise<Answer>;

const SCAN = '/scan';

/** What only who asked for a scan may do with it. */
type Guarded = 'rescan' | 'share' | 'cancel';

const NOT_YOURS: Readonly<Record<Guarded, Phrase>> = {
  rescan: say`Not yours to rescan`,
  share: say`Not yours to share`,
  cancel: say`Not yours to cancel`,
};

/** Two clicks on Share within so many milliseconds are one. */
const DOUBLE_CLICK_MS = 5_000;

type Shown =
  | { readonly refusal: Refusal; readonly record?: never }
  | { readonly record: ScanRecord; readonly refusal?: never };

type Note = Pick<AuditNote, 'action' | 'target' | 'scanId'>;

/** The buttons and menus of a scan's reply. They hold an opaque id; everything is looked up and decided anew. */
export function scanActions(deps: ScanActionDeps, again: ScanAgain): Readonly<Record<string, ButtonAction>> {
  const { records, interruptedScans, permission, gate, audit } = deps;
  const sharedAt = new Map<string, number>();

  /** Remembers only what was shared a moment ago. */
  function isDoubleClick(id: string): boolean {
    const nowMs = deps.now();
    for (const [other, at] of sharedAt) if (nowMs - at >= DOUBLE_CLICK_MS) sharedAt.delete(other);
    if (sharedAt.has(id)) return true;
    sharedAt.set(id, nowMs);
    return false;
  }

  async function refuse(context: CommandContext, refusal: Refusal, note: Note): Promise<Answer> {
    await audit.tryRecord(context, { ...note, command: '/scan', decision: 'refused', rule: refusal.code });
    return { outcome: 'refused', code: refusal.code, card: refusalCard(refusal) };
  }

  /** A button of somebody else's scan. */
  async function notYours(context: CommandContext, verb: Guarded, scanId: string, hint: Phrase): Promise<Answer> {
    const note = { action: `scan.${verb}`, command: '/scan', scanId, decision: 'refused', rule: 'not-yours' } as const;
    await audit.tryRecord(context, note);
    return refused(NOT_YOURS[verb], hint);
  }

  /** What of a result may be shown to who asks: the ports that may be scanned by now. */
  async function shownTo(context: CommandContext, record: ScanRecord): Promise<Shown> {
    const mayNot = await permission.judge(context);
    if (mayNot) return { refusal: mayNot };
    const { guildId, userId } = context;
    const target = accept(parseTarget(record.host), 'host');
    const ports = readPorts(record.requestedPorts) ?? [];
    const addresses = [record.address, ...record.otherAddresses];
    const decision = await gate.decideAgain({ guildId, userId, target, ports }, addresses);
    if (!decision.allowed) return { refusal: decision.refusal };
    return { record: narrowRecord(record, new Set(decision.ports)) };
  }

  /** Something to look at, for whoever may scan the target now. */
  async function look(
    verb: string,
    context: CommandContext,
    id: string,
    show: (result: ScanResult) => Answer,
  ): Promise<Answer> {
    const record = await records.find(context.guildId, id);
    if (!record) return tooOld();
    const shown = await shownTo(context, record);
    if (shown.refusal)
      return refuse(context, shown.refusal, { action: `scan.${verb}`, target: record.host, scanId: id });
    return show(readResult(shown.record));
  }

  async function rescan(context: CommandContext, id: string): Promise<Answer> {
    const { guildId, userId, isManager } = context;
    const record = await records.find(guildId, id);
    const request: ScanRecord | InterruptedScan | undefined = record ?? (await interruptedScans.find(guildId, id));
    if (!request) return tooOld();
    // Discord's own restrictions of /scan do not cover buttons on a message that everybody sees.
    if (request.userId !== userId && !isManager)
      return notYours(context, 'rescan', id, say`Run ${SCAN} yourself; this button is for who asked.`);
    const target = accept(parseTarget(request.host), 'host');
    const ports = readPorts(request.requestedPorts) ?? [];
    if (ports.length > deps.maxPorts) {
      const note = { action: 'scan.rescan', command: '/scan', target: request.host, scanId: id } as const;
      await audit.tryRecord(context, { ...note, decision: 'refused', rule: 'too-many-ports' });
      return refused(say`Too many ports`, tooManyPorts(deps.maxPorts), say`Run ${SCAN} with fewer.`);
    }
    return again(context, { target, ports, share: false }, record);
  }

  async function share(context: CommandContext, id: string): Promise<Answer> {
    const record = await records.find(context.guildId, id);
    if (!record) return tooOld();
    if (record.userId !== context.userId && !context.isManager)
      return notYours(context, 'share', id, say`Only who asked for a scan can share it.`);
    const note = { action: 'scan.share', target: record.host, scanId: id };
    const shown = await shownTo(context, record);
    if (shown.refusal) return refuse(context, shown.refusal, note);
    if (isDoubleClick(id)) return refused(say`Shared already`, say`It was posted a moment ago.`);
    await audit.record(context, { ...note, command: '/scan', decision: 'allowed', rule: 'share' });
    return { ...done(scanCard(shown.record, 'mine')), publicCard: scanCard(shown.record, 'shared') };
  }

  async function cancel(context: CommandContext, id: string): Promise<Answer | undefined> {
    const mayCancel = (requesterId: string) => requesterId === context.userId || context.isManager;
    const result = deps.scans.cancel(context.guildId, id, mayCancel);
    if (result === 'unknown')
      return { ...refused(say`Nothing to cancel`, say`This scan has already ended.`), unknownId: true };
    if (result === 'not-yours')
      return notYours(context, 'cancel', id, say`Only who asked can cancel, or Manage Server.`);
    const note = { action: 'scan.cancel', command: '/scan', scanId: id, rule: 'cancelled' };
    await audit.tryRecord(context, { ...note, decision: 'done' });
    // The scan's own reply shows that it was cancelled, with what was found.
    return undefined;
  }

  const turn = (context: CommandContext, id: string, page: number) =>
    look('details', context, id, (result) => done(detailCard(result, page)));

  return {
    rescan: { acknowledge: 'reply', run: rescan },
    share: { acknowledge: 'silent', run: share },
    cancel: { acknowledge: 'silent', run: cancel },
    export: {
      acknowledge: 'reply',
      run: (context, id) => look('export', context, id, (result) => done(exportCard(result))),
    },
    details: { acknowledge: 'reply', run: (context, id) => turn(context, id, 0) },
    page: {
      acknowledge: 'update',
      run: (context, text) => {
        const [id = '', page = '0'] = text.split('.');
        return turn(context, id, Number(page));
      },
    },
    explain: {
      acknowledge: 'reply',
      // Of a host with many open ports there are several menus, told apart by a number behind the id.
      run: (context, text, [chosen]) =>
        look('explain', context, text.split('.', 1)[0] ?? '', (result) => {
          const open = result.open.find(({ port }) => String(port) === chosen);
          return open ? done(openPortCard(result, open)) : { ...tooOld(), unknownId: true };
        }),
    },
  };
}

function done(card: Answer['card']): Answer {
  return { outcome: 'done', card };
}

function refused(title: Phrase, ...lines: Phrase[]): Answer {
  return { outcome: 'refused', card: notice(title, ...lines) };
}

function tooManyPorts(max: number): Phrase {
  return counted(max, say`One scan takes at most ${max} port now.`, say`One scan takes at most ${max} ports now.`);
}

function tooOld(): Answer {
  const why = say`It is not kept any more, or it never was one of this server.`;
  return { ...refused(say`This result is too old`, why, say`Run ${SCAN} again.`), unknownId: true };
}
