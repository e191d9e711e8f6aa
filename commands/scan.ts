import { ApplicationCommandOptionType, ApplicationIntegrationType, InteractionContextType } from 'discord.js';
import type { Card } from '../src/discord/card.ts';
import { notice, refusalCard } from '../src/discord/cards/notices.ts';
import { cancelledCard, lateCard } from '../src/discord/cards/scan/endedCards.ts';
import { scanProgressCard } from '../src/discord/cards/scan/progressCard.ts';
import { scanCard } from '../src/discord/cards/scan/scanCard.ts';
import { unverifiedCard } from '../src/discord/cards/verifyCards.ts';
import type { Answer, Choice, Command, CommandContext, Declaration } from '../src/discord/command.ts';
import { type ScanActionDeps, scanActions } from '../src/discord/scanActions.ts';
import { type Phrase, say } from '../src/engine/phrase.ts';
import { parsePorts } from '../src/engine/ports/grammar.ts';
import { readPorts } from '../src/engine/ports/intervals.ts';
import { suggestPorts } from '../src/engine/ports/suggest.ts';
import { accept } from '../src/errors.ts';
import type { OperatorPolicy } from '../src/policy/judge.ts';
import { isUnverified } from '../src/policy/ownershipChallenge.ts';
import type { Refusal } from '../src/policy/refusal.ts';
import { suggestTargets } from '../src/policy/suggest.ts';
import { parseTarget, type Target } from '../src/policy/target.ts';
import type { ScanOutcome, ScanService } from '../src/scans/types.ts';
import type { Allowlists } from '../src/storage/allowlists.ts';
import type { ScanRecord } from '../src/storage/scanRecords.ts';
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

export interface ScanDeps extends ScanActionDeps {
  readonly scans: ScanService;
  readonly allowlists: Pick<Allowlists, 'read'>;
  readonly settings: Pick<Settings, 'read'>;
  readonly operator: OperatorPolicy;
}

export function scanCommand(deps: ScanDeps): Command<Request> {
  const fallbackPorts = deps.maxPorts < 50 ? `@top${deps.maxPorts}` : '@common';

  async function run(context: CommandContext, request: Request, before?: ScanRecord): Promise<Answer> {
    const { target } = request;
    const barred = await deps.permission.judge(context);
    if (barred) {
      const note = { action: 'scan', command: '/scan', target: target.canonical, decision: 'refused' } as const;
      await deps.audit.tryRecord(context, { ...note, rule: barred.code });
      return { outcome: 'refused', code: barred.code, card: refusalCard(barred) };
    }
    const settings = await deps.settings.read(context.guildId);
    const ports = request.ports ?? defaultPorts(settings);
    const job = { guildId: context.guildId, userId: context.userId, target, ports };
    const outcome = await deps.scans.run(job, {
      signal: context.signal,
      onProgress: (progress) => context.progress(() => scanProgressCard(target.display, progress)),
      stillMay: () => deps.permission.judgeAgain(context),
      onAccepted: context.about,
    });
    const share = request.share ?? settings.visibility === 'channel';
    return answerOf(outcome, { target, share, userId: context.userId, before });
  }

  /** A default that became too long for this bot is cut off by the built-in one. */
  function defaultPorts({ defaultPorts }: GuildSettings): readonly number[] {
    const chosen = defaultPorts === undefined ? undefined : readPorts(defaultPorts);
    if (chosen && chosen.length <= deps.maxPorts) return chosen;
    return accept(parsePorts(fallbackPorts, { maxPorts: deps.maxPorts }), 'ports');
  }

  async function suggestHosts(typed: string, context: CommandContext): Promise<Choice[]> {
    if (await deps.permission.judge(context)) return [];
    const rules = { entries: await deps.allowlists.read(context.guildId), operator: deps.operator, nowMs: deps.now() };
    return suggestTargets(typed, rules).map(({ display, canonical }) => ({ name: display, value: canonical }));
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
    buttons: scanActions(deps, run),
  };
}

function refusedCard(refusal: Refusal): Card {
  return isUnverified(refusal) ? unverifiedCard(refusal) : refusalCard(refusal);
}

function parseIfGiven(text: string | undefined, maxPorts: number): readonly number[] | undefined {
  return text === undefined ? undefined : accept(parsePorts(text, { maxPorts }), 'ports');
}

interface Asked {
  readonly target: Target;
  readonly share: boolean;
  readonly userId: string;
  /** The result that this one is compared with. */
  readonly before: ScanRecord | undefined;
}

function answerOf(outcome: ScanOutcome, { target, share, userId, before }: Asked): Answer {
  switch (outcome.outcome) {
    case 'finished': {
      const card = scanCard(outcome.record, outcome.kept ? 'mine' : 'not-kept', before);
      // What was taken off the list meanwhile is not for the whole channel, whoever asked before.
      if (!share || outcome.record.stopped === 'revoked')
        return { outcome: 'done', card, lateCard: lateCard(userId, outcome.kept ? 'kept' : 'not-kept') };
      const publicCard = scanCard(outcome.record, 'shared');
      return { outcome: 'done', card, publicCard, lateCard: publicCard };
    }
    case 'refused':
      return { outcome: 'refused', code: outcome.refusal.code, card: refusedCard(outcome.refusal) };
    case 'cancelled':
      return { outcome: 'done', card: cancelledCard(target.display) };
    case 'unresolved':
      return refused(say`The name has no usable address`, outcome.message);
    case 'busy':
      return refused(
        say`Too many scans are waiting`,
        outcome.scope === 'user'
          ? say`You have many scans in the queue already. Try again when some of them are done.`
          : say`This server has many scans in the queue already. Try again in a minute.`,
      );
  }
}

function refused(title: Phrase, ...lines: Phrase[]): Answer {
  return { outcome: 'refused', card: notice(title, ...lines) };
}
