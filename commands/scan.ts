import { ApplicationCommandOptionType, ApplicationIntegrationType, InteractionContextType } from 'discord.js';
import type { Card } from '../src/discord/card.ts';
import { notice, refusalCard } from '../src/discord/cards/notices.ts';
import { cancelledCard, lateCard } from '../src/discord/cards/scan/endedCards.ts';
import { scanProgressCard } from '../src/discord/cards/scan/progressCard.ts';
import { scanCard } from '../src/discord/cards/scan/scanCard.ts';
import { unverifiedCard } from '../src/discord/cards/verifyCards.ts';
import type { Answer, Choice, Command, CommandContext, Declaration } from '../src/discord/command.ts';
import { parsePorts } from '../src/engine/ports/grammar.ts';
import { readPorts } from '../src/engine/ports/intervals.ts';
import { suggestPorts } from '../src/engine/ports/suggest.ts';
import { accept } from '../src/errors.ts';
import type { OperatorPolicy } from '../src/policy/judge.ts';
import { isUnverified } from '../src/policy/ownershipChallenge.ts';
import type { Refusal } from '../src/policy/refusal.ts';
import { suggestTargets } from '../src/policy/suggest.ts';
import { parseTarget, type Target } from '../src/policy/target.ts';
import type { Audit, AuditNote } from '../src/scans/audit.ts';
import type { Gate } from '../src/scans/gate.ts';
import type { ScanPermission } from '../src/scans/permission.ts';
import type { ScanOutcome, ScanService } from '../src/scans/types.ts';
import type { Allowlists } from '../src/storage/allowlists.ts';
import type { InterruptedScan, InterruptedScans } from '../src/storage/interruptedScans.ts';
import type { ScanRecord, ScanRecords } from '../src/storage/scanRecords.ts';
import type { GuildSettings, Settings } from '../src/storage/settings.ts';

const data = {
  name: 'scan',
  description: 'See which ports of an allowed host are open, closed or filtered, and what to do about it',
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: 'host',
      description: "A name or address on this server's allowlist, such as example.com or 198.51.100.7",
      required: true,
      autocomplete: true,
      max_length: 300,
    },
    {
      type: ApplicationCommandOptionType.String,
      name: 'ports',
      description: 'Ports such as 22,80,443 or 1-1024, names such as ssh, or presets such as @web. Without: @common',
      autocomplete: true,
      max_length: 4000,
    },
    {
      type: ApplicationCommandOptionType.Boolean,
      name: 'share',
      description: 'Post the result for the whole channel too. Without: only you see it',
    },
  ],
} as const satisfies Declaration;

interface Request {
  readonly target: Target;
  /** Without: the server's default. */
  readonly ports: readonly number[] | undefined;
  /** Without: as the server's settings say. */
  readonly share: boolean | undefined;
}

export interface ScanDeps {
  readonly scans: ScanService;
  readonly gate: Pick<Gate, 'decideAgain'>;
  readonly records: Pick<ScanRecords, 'find'>;
  readonly interruptedScans: Pick<InterruptedScans, 'find'>;
  readonly allowlists: Pick<Allowlists, 'read'>;
  readonly settings: Pick<Settings, 'read'>;
  readonly permission: ScanPermission;
  readonly audit: Audit;
  readonly operator: OperatorPolicy;
  readonly maxPorts: number;
  readonly now: () => number;
}

export function scanCommand(deps: ScanDeps): Command<Request> {
  const fallbackPorts = deps.maxPorts < 50 ? `@top${deps.maxPorts}` : '@common';

  async function run(context: CommandContext, request: Request): Promise<Answer> {
    const { target } = request;
    const barred = await deps.permission.judge(context);
    if (barred) return refuse(context, barred, { action: 'scan', target: target.canonical });
    const settings = await deps.settings.read(context.guildId);
    const ports = request.ports ?? defaultPorts(settings);
    const job = { guildId: context.guildId, userId: context.userId, target, ports };
    const outcome = await deps.scans.run(job, {
      signal: context.signal,
      onProgress: (progress) => context.progress(() => scanProgressCard(target.display, progress)),
      stillMay: () => deps.permission.judgeAgain(context),
      onAccepted: context.about,
    });
    return answerOf(outcome, request, request.share ?? settings.visibility === 'channel', context.userId);
  }

  async function refuse(
    context: CommandContext,
    refusal: Refusal,
    note: Pick<AuditNote, 'action' | 'target' | 'scanId'>,
  ): Promise<Answer> {
    await deps.audit.tryRecord(context, { ...note, command: '/scan', decision: 'refused', rule: refusal.code });
    return { outcome: 'refused', card: refusedCard(refusal) };
  }

  /** A button of somebody else's scan. */
  async function notYours(context: CommandContext, verb: string, scanId: string, hint: string): Promise<Answer> {
    const note = { action: `scan.${verb}`, command: '/scan', scanId, decision: 'refused', rule: 'not-yours' } as const;
    await deps.audit.tryRecord(context, note);
    return refused(`Not yours to ${verb}`, hint);
  }

  /** A default that became too long for this bot is cut off by the built-in one. */
  function defaultPorts({ defaultPorts }: GuildSettings): readonly number[] {
    const chosen = defaultPorts === undefined ? undefined : readPorts(defaultPorts);
    if (chosen && chosen.length <= deps.maxPorts) return chosen;
    return accept(parsePorts(fallbackPorts, { maxPorts: deps.maxPorts }), 'ports');
  }

  /** Whether the result of a scan may still be shown to more people: decided anew, like a scan. */
  async function share(context: CommandContext, record: ScanRecord): Promise<Answer> {
    const mine = record.userId === context.userId || context.isManager;
    if (!mine) return notYours(context, 'share', record.id, 'Only who asked for a scan can share it.');
    const target = accept(parseTarget(record.host), 'host');
    const ports = readPorts(record.requestedPorts) ?? [];
    const note = { action: 'scan.share', target: target.canonical, scanId: record.id };
    const barred = await deps.permission.judge(context);
    if (barred) return refuse(context, barred, note);
    const { guildId, userId } = context;
    const addresses = [record.address, ...record.otherAddresses];
    const decision = await deps.gate.decideAgain({ guildId, userId, target, ports }, addresses);
    if (!decision.allowed) return refuse(context, decision.refusal, note);
    await deps.audit.record(context, { ...note, command: '/scan', decision: 'allowed', rule: 'share' });
    return { outcome: 'done', card: scanCard(record, 'mine'), publicCard: scanCard(record, 'shared') };
  }

  async function suggestHosts(typed: string, context: CommandContext): Promise<Choice[]> {
    if (await deps.permission.judge(context)) return [];
    const rules = { entries: await deps.allowlists.read(context.guildId), operator: deps.operator, nowMs: deps.now() };
    return suggestTargets(typed, rules).map(({ display, canonical }) => ({ name: display, value: canonical }));
  }

  async function withRecord(
    { guildId }: CommandContext,
    id: string,
    use: (record: ScanRecord) => Answer | Promise<Answer>,
  ): Promise<Answer> {
    const record = await deps.records.find(guildId, id);
    return record ? use(record) : tooOld();
  }

  /** What was asked for: also of a scan that a restart cut off. */
  async function withRequest(
    { guildId }: CommandContext,
    id: string,
    use: (request: ScanRecord | InterruptedScan) => Answer | Promise<Answer>,
  ): Promise<Answer> {
    const request = (await deps.records.find(guildId, id)) ?? (await deps.interruptedScans.find(guildId, id));
    return request ? use(request) : tooOld();
  }

  function tooOld(): Answer {
    const answer = refused('This result is too old', 'Results are kept for seven days. Run /scan again.');
    return { ...answer, unknownId: true };
  }

  return {
    data,
    parse: (options) => ({
      target: accept(parseTarget(options.string('host') ?? ''), 'host'),
      ports: parseIfGiven(options.string('ports'), deps.maxPorts),
      share: options.boolean('share'),
    }),
    run,
    autocomplete: async ({ name, value }, context) =>
      name === 'ports'
        ? suggestPorts(value).map(({ label, value }) => ({ name: label, value }))
        : suggestHosts(value, context),
    buttons: {
      rescan: {
        acknowledge: 'reply',
        run: (context, id) =>
          withRequest(context, id, (record) => {
            const target = accept(parseTarget(record.host), 'host');
            const ports = readPorts(record.requestedPorts) ?? [];
            // Discord's own restrictions of /scan do not cover buttons on a message that everybody sees.
            const mine = record.userId === context.userId || context.isManager;
            if (!mine) return notYours(context, 'rescan', id, 'Run /scan yourself; this button is for who asked.');
            if (ports.length > deps.maxPorts)
              return refused('Too many ports', `One scan takes at most ${deps.maxPorts} ports now.`);
            return run(context, { target, ports, share: false });
          }),
      },
      share: {
        acknowledge: 'silent',
        run: (context, id) => withRecord(context, id, (record) => share(context, record)),
      },
      cancel: {
        acknowledge: 'silent',
        run: async (context, id) => {
          const mayCancel = (requesterId: string) => requesterId === context.userId || context.isManager;
          const result = deps.scans.cancel(context.guildId, id, mayCancel);
          if (result === 'unknown')
            return { ...refused('Nothing to cancel', 'This scan has already ended.'), unknownId: true };
          if (result === 'not-yours')
            return notYours(context, 'cancel', id, 'Only who asked can cancel, or Manage Server.');
          const note = { action: 'scan.cancel', command: '/scan', scanId: id, rule: 'cancelled' };
          await deps.audit.tryRecord(context, { ...note, decision: 'done' });
          // The scan's own reply shows that it was cancelled, with what was found.
          return undefined;
        },
      },
    },
  };
}

function refusedCard(refusal: Refusal): Card {
  return isUnverified(refusal) ? unverifiedCard(refusal) : refusalCard(refusal);
}

function parseIfGiven(text: string | undefined, maxPorts: number): readonly number[] | undefined {
  return text === undefined ? undefined : accept(parsePorts(text, { maxPorts }), 'ports');
}

function answerOf(outcome: ScanOutcome, { target }: Request, share: boolean, userId: string): Answer {
  switch (outcome.outcome) {
    case 'finished': {
      const card = scanCard(outcome.record, outcome.kept ? 'mine' : 'not-kept');
      if (!share) return { outcome: 'done', card, lateCard: lateCard(userId) };
      const publicCard = scanCard(outcome.record, 'shared');
      return { outcome: 'done', card, publicCard, lateCard: publicCard };
    }
    case 'refused':
      return { outcome: 'refused', card: refusedCard(outcome.refusal) };
    case 'cancelled':
      return { outcome: 'done', card: cancelledCard(target.display) };
    case 'unresolved':
      return refused('The name has no usable address', outcome.message);
    case 'busy':
      return refused(
        'Too many scans are waiting',
        outcome.scope === 'user'
          ? 'You have many scans in the queue already. Try again when some of them are done.'
          : 'This server has many scans in the queue already. Try again in a minute.',
      );
  }
}

function refused(title: string, ...lines: string[]): Answer {
  return { outcome: 'refused', card: notice(title, ...lines) };
}
