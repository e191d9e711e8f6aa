import { ApplicationCommandOptionType, ApplicationIntegrationType, InteractionContextType } from 'discord.js';
import type { Picture } from '../src/discord/card.ts';
import { historyCard, noHistoryCard } from '../src/discord/cards/historyCards.ts';
import { refusalCard } from '../src/discord/cards/notices.ts';
import type { Answer, Choice, Command, CommandContext, Declaration } from '../src/discord/command.ts';
import { LIMITS } from '../src/discord/limits.ts';
import { accept } from '../src/errors.ts';
import { admit } from '../src/policy/decide.ts';
import type { OperatorPolicy } from '../src/policy/judge.ts';
import { parseTarget, type Target } from '../src/policy/target.ts';
import type { Audit } from '../src/scans/audit.ts';
import { changesOf, type HistoryDeps as Histories, historyOf } from '../src/scans/history.ts';
import type { ScanPermission } from '../src/scans/permission.ts';
import type { ScanResult } from '../src/scans/result.ts';
import type { Allowlists } from '../src/storage/allowlists.ts';
import type { ScanRecords } from '../src/storage/scanRecords.ts';
import { historyDaysOf, type Settings } from '../src/storage/settings.ts';
import { pngOf } from '../src/timeline/png.ts';
import { timelineSvg } from '../src/timeline/svg.ts';
import { timelineOf } from '../src/timeline/timeline.ts';
import { altText } from '../src/timeline/words.ts';

const data = {
  name: 'history',
  description: 'The last scans of a host: what changed between them, in words and as a picture',
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: 'host',
      description: 'A host that was scanned here, such as example.com or 198.51.100.7',
      required: true,
      autocomplete: true,
      max_length: 300,
    },
  ],
} as const satisfies Declaration;

export interface HistoryDeps extends Histories {
  readonly records: Pick<ScanRecords, 'runsOf' | 'findAll' | 'hosts'>;
  readonly allowlists: Pick<Allowlists, 'read'>;
  readonly settings: Pick<Settings, 'read'>;
  readonly permission: Pick<ScanPermission, 'judge'>;
  readonly audit: Pick<Audit, 'tryRecord'>;
  readonly operator: OperatorPolicy;
  readonly now: () => number;
}

/** A person reads no more at once. */
const RUNS_SHOWN = 10;

/** Who may scan a host may see what was seen on it; the lists decide again, as for a scan. */
export function historyCommand(deps: HistoryDeps): Command<Target> {
  async function refuse(context: CommandContext, target: Target, refusal: Parameters<typeof refusalCard>[0]) {
    const note = { action: 'history', command: '/history', target: target.canonical, rule: refusal.code };
    await deps.audit.tryRecord(context, { ...note, decision: 'refused' });
    return { outcome: 'refused', code: refusal.code, card: refusalCard(refusal) } as const;
  }

  async function rulesOf(guildId: string) {
    return { entries: await deps.allowlists.read(guildId), operator: deps.operator, nowMs: deps.now() };
  }

  async function suggestHosts(typed: string, context: CommandContext): Promise<Choice[]> {
    if (await deps.permission.judge(context)) return [];
    const wanted = typed.trim().toLowerCase();
    const rules = await rulesOf(context.guildId);
    return (await deps.records.hosts(context.guildId))
      .values()
      .flatMap((host) => valuesOf(parseTarget(host)))
      .filter(({ canonical, display }) => canonical.includes(wanted) || display.toLowerCase().includes(wanted))
      .filter((target) => admit(target, rules).allowed)
      .take(LIMITS.choices)
      .map(({ display, canonical }) => ({ name: display, value: canonical }))
      .toArray();
  }

  return {
    data,
    parse: (options) => accept(parseTarget(options.string('host') ?? ''), 'host'),
    async run(context, target): Promise<Answer> {
      const barred = await deps.permission.judge(context);
      if (barred) return refuse(context, target, barred);
      // Without addresses: whether this host may be spoken of at all, kept or not.
      const admission = admit(target, await rulesOf(context.guildId));
      if (!admission.allowed) return refuse(context, target, admission.refusal);
      const { guildId, userId } = context;
      const days = historyDaysOf(await deps.settings.read(guildId));
      const { results, kept } = await historyOf({ guildId, userId, host: target.canonical }, deps);
      if (results.length === 0) return { outcome: 'refused', card: noHistoryCard(target.display, days) };
      const changes = await changesOf(results, RUNS_SHOWN);
      const entries = changes.flatMap((each, i) => {
        const result = results[i];
        return result ? [{ result, changes: each }] : [];
      });
      const picture = await pictureOf(results);
      return { outcome: 'done', card: historyCard({ display: target.display, entries, kept, days, picture }) };
    },
    autocomplete: async ({ value }, context) => suggestHosts(value, context),
  };
}

async function pictureOf(results: readonly ScanResult[]): Promise<Picture | undefined> {
  const timeline = timelineOf(results);
  if (timeline.rows.length === 0) return undefined;
  return { name: 'history.png', description: altText(timeline), png: await pngOf(timelineSvg(timeline)) };
}

function valuesOf(parsed: ReturnType<typeof parseTarget>): Target[] {
  return parsed.ok ? [parsed.value] : [];
}
