import { ApplicationCommandOptionType, ApplicationIntegrationType, InteractionContextType } from 'discord.js';
import { notice, refusalCard } from '../src/discord/cards/notices.ts';
import { scanCard } from '../src/discord/cards/scanCard.ts';
import { scanProgressCard } from '../src/discord/cards/scanProgressCard.ts';
import type { Answer, Choice, Command, CommandContext, Declaration } from '../src/discord/command.ts';
import type { Parsed } from '../src/engine/parsed.ts';
import { parsePorts } from '../src/engine/ports/grammar.ts';
import { readPorts } from '../src/engine/ports/intervals.ts';
import { suggestPorts } from '../src/engine/ports/suggest.ts';
import { accept } from '../src/errors.ts';
import { admit } from '../src/policy/decide.ts';
import { isExpired } from '../src/policy/entry.ts';
import { judgePattern, type OperatorPolicy } from '../src/policy/judge.ts';
import { parsePattern } from '../src/policy/pattern.ts';
import { parseTarget, type Target } from '../src/policy/target.ts';
import type { ScanOutcome, ScanService } from '../src/scans/scanService.ts';
import type { Allowlists } from '../src/storage/allowlists.ts';
import type { ScanRecord, ScanRecords } from '../src/storage/scanRecords.ts';

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
  readonly ports: readonly number[];
  readonly share: boolean;
}

export interface ScanDeps {
  readonly scans: ScanService;
  readonly records: ScanRecords;
  readonly allowlists: Allowlists;
  readonly operator: OperatorPolicy;
  readonly maxPorts: number;
  readonly now: () => number;
}

export function scanCommand(deps: ScanDeps): Command<Request> {
  const fallbackPorts = deps.maxPorts < 50 ? `@top${deps.maxPorts}` : '@common';

  async function run(context: CommandContext, { target, ports, share }: Request): Promise<Answer> {
    const job = { guildId: context.guildId, userId: context.userId, target, ports };
    const outcome = await deps.scans.run(job, {
      signal: context.signal,
      onProgress: (progress) => context.progress(() => scanProgressCard(target.display, progress)),
    });
    return answerOf(outcome, share);
  }

  async function withRecord(
    { guildId }: CommandContext,
    id: string,
    use: (record: ScanRecord) => Answer | Promise<Answer>,
  ): Promise<Answer> {
    const record = await deps.records.find(guildId, id);
    if (record) return use(record);
    return refused('This result is too old', 'Results are kept for seven days. Run /scan again.');
  }

  return {
    data,
    parse: (options) => ({
      target: accept(parseTarget(options.string('host') ?? ''), 'host'),
      ports: accept(parsePorts(options.string('ports') ?? fallbackPorts, { maxPorts: deps.maxPorts }), 'ports'),
      share: options.boolean('share') ?? false,
    }),
    run,
    autocomplete: async ({ name, value }, context) =>
      name === 'ports'
        ? suggestPorts(value).map(({ label, value }) => ({ name: label, value }))
        : suggestHosts(value, context.guildId, deps),
    buttons: {
      rescan: {
        acknowledge: 'reply',
        run: (context, id) =>
          withRecord(context, id, (record) => {
            const target = accept(parseTarget(record.host), 'host');
            const ports = readPorts(record.requestedPorts) ?? [];
            // Discord's own restrictions of /scan do not cover buttons on a message that everybody sees.
            const mine = record.userId === context.userId || context.isManager;
            if (!mine) return refused('Not yours to rescan', 'Run /scan yourself; this button is for who asked.');
            if (ports.length > deps.maxPorts)
              return refused('Too many ports', `One scan takes at most ${deps.maxPorts} ports now.`);
            return run(context, { target, ports, share: false });
          }),
      },
      share: {
        acknowledge: 'silent',
        run: (context, id) =>
          withRecord(context, id, (record) => {
            const mine = record.userId === context.userId || context.isManager;
            if (!mine) return refused('Not yours to share', 'Only who asked for a scan can share it.');
            return { outcome: 'done', card: scanCard(record, 'mine'), publicCard: scanCard(record, 'shared') };
          }),
      },
      cancel: {
        acknowledge: 'silent',
        run: async (context, id) => {
          const mayCancel = (requesterId: string) => requesterId === context.userId || context.isManager;
          const result = deps.scans.cancel(context.guildId, id, mayCancel);
          if (result === 'unknown') return refused('Nothing to cancel', 'This scan has already ended.');
          if (result === 'not-yours')
            return refused('Not yours to cancel', 'Only who asked can cancel, or Manage Server.');
          // The scan's own reply shows that it was cancelled, with what was found.
          return undefined;
        },
      },
    },
  };
}

function answerOf(outcome: ScanOutcome, share: boolean): Answer {
  switch (outcome.outcome) {
    case 'finished': {
      const publicCard = share ? { publicCard: scanCard(outcome.record, 'shared') } : {};
      const card = scanCard(outcome.record, outcome.kept ? 'mine' : 'not-kept');
      return { outcome: 'done', card, ...publicCard };
    }
    case 'refused':
      return { outcome: 'refused', card: refusalCard(outcome.refusal) };
    case 'unresolved':
      return refused('The name has no usable address', outcome.message);
    case 'busy':
      return refused(
        'Too many scans are waiting',
        'This server has many scans in the queue already. Try again in a minute.',
      );
  }
}

function refused(title: string, ...lines: string[]): Answer {
  return { outcome: 'refused', card: notice(title, ...lines) };
}

/** The allowed hosts that match what is typed; only what a scan would accept, so nothing else is given away. */
async function suggestHosts(
  typed: string,
  guildId: string,
  { allowlists, operator, now }: ScanDeps,
): Promise<Choice[]> {
  const entries = await allowlists.read(guildId);
  const wanted = typed.trim().toLowerCase();
  const listed = entries
    .filter((entry) => entry.pattern.includes(wanted) && !isExpired(entry, now()))
    .flatMap(({ pattern }) => valuesOf(parsePattern(pattern)))
    .filter((pattern) => (pattern.kind === 'name' || pattern.kind === 'address') && !judgePattern(pattern, operator));
  // A host below a wildcard or in a range is not listed itself: offer what was typed when it would be accepted.
  const own = valuesOf(parseTarget(typed)).filter(
    (target) =>
      admit(target, { entries, operator, nowMs: now() }).allowed &&
      !listed.some(({ canonical }) => canonical === target.canonical),
  );
  return [...own, ...listed].map(({ display, canonical }) => ({ name: display, value: canonical }));
}

function valuesOf<T>(parsed: Parsed<T>): T[] {
  return parsed.ok ? [parsed.value] : [];
}
