import { ApplicationCommandOptionType, ApplicationIntegrationType, InteractionContextType } from 'discord.js';
import {
  confirmDeleteCard,
  dataExportCard,
  dataFile,
  mineDeletedCard,
  serverDeletedCard,
} from '../src/discord/cards/dataCards.ts';
import { notice } from '../src/discord/cards/notices.ts';
import type { Answer, Command, CommandContext, Declaration } from '../src/discord/command.ts';
import { md } from '../src/discord/markdown.ts';
import { type Phrase, say } from '../src/engine/phrase.ts';
import { UserError } from '../src/errors.ts';
import type { Audit, AuditNote } from '../src/scans/audit.ts';
import type { GuildData, PersonalRepository } from '../src/storage/guildData.ts';

const scope = {
  type: ApplicationCommandOptionType.String as const,
  name: 'scope',
  required: true,
  choices: [
    { name: 'mine: what is kept about me in this server', value: 'mine' },
    { name: 'server: everything of this server (needs Manage Server)', value: 'server' },
  ],
};

const data = {
  name: 'data',
  description: 'What the bot keeps about you or this server: get it as a file, or have it deleted',
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  options: [
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'export',
      description: 'As a JSON file that only you see',
      options: [{ ...scope, description: 'Whose data' }],
    },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'delete',
      description: 'Delete it; for the whole server you are asked again',
      options: [{ ...scope, description: 'Whose data' }],
    },
  ],
} as const satisfies Declaration;

interface Request {
  readonly action: 'export' | 'delete';
  readonly scope: 'mine' | 'server';
}

export interface DataDeps {
  readonly guildData: GuildData;
  /** What is kept of a person; the audit log among it. */
  readonly personalData: readonly PersonalRepository[];
  readonly audit: Audit;
  readonly now: () => number;
  /** An id that nobody can guess: at most 30 of `A-Za-z0-9_-`. */
  readonly randomId: () => string;
}

/** How long the question before a server's deletion waits for its answer. */
export const CONFIRM_WITHIN_MS = 10 * 60_000;
const MAX_QUESTIONS = 1_000;

interface Question {
  readonly guildId: string;
  readonly userId: string;
  readonly endsAtMs: number;
}

export function dataCommand(deps: DataDeps): Command<Request> {
  const questions = new Map<string, Question>();
  // One at a time: each reads whole namespaces, and anybody may ask.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const turn = last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    last = turn.catch(() => {});
    return turn;
  }

  /** The question that a button answers; it can be answered once, by who was asked, where it was asked, in time. */
  function takeQuestion({ guildId, userId }: CommandContext, id: string): Question | undefined {
    const question = questions.get(id);
    if (question?.guildId !== guildId || question.userId !== userId) return undefined;
    questions.delete(id);
    return deps.now() < question.endsAtMs ? question : undefined;
  }

  function ask({ guildId, userId }: CommandContext): Answer {
    const nowMs = deps.now();
    for (const [id, { endsAtMs }] of questions) if (endsAtMs <= nowMs) questions.delete(id);
    const [oldest] = questions.keys();
    if (questions.size >= MAX_QUESTIONS && oldest !== undefined) questions.delete(oldest);
    const id = deps.randomId();
    questions.set(id, { guildId, userId, endsAtMs: nowMs + CONFIRM_WITHIN_MS });
    return { outcome: 'done', card: confirmDeleteCard(id, deps.guildData.names, CONFIRM_WITHIN_MS / 60_000) };
  }

  return {
    data,
    parse: (options) => {
      const { subcommand } = options;
      const scope = options.string('scope');
      if (subcommand !== 'export' && subcommand !== 'delete') {
        throw new UserError('unknown-subcommand', say`This subcommand does not exist any more. Try /help.`);
      }
      if (scope !== 'mine' && scope !== 'server') {
        throw new UserError('bad-scope', say`Say whose data.`, { option: 'scope', example: 'mine' });
      }
      return { action: subcommand, scope };
    },
    run: async (context, request) => {
      if (request.scope === 'server') requireManager(context);
      if (request.scope === 'server' && request.action === 'delete') return ask(context);
      return inTurn(context.signal, () => {
        if (request.scope === 'server') return exportServer(context, deps);
        return request.action === 'export' ? exportMine(context, deps) : deleteMine(context, deps);
      });
    },
    buttons: {
      confirm: {
        acknowledge: 'reply',
        run: async (context, id) => {
          if (!takeQuestion(context, id)) return gone();
          requireManager(context);
          return inTurn(context.signal, () => deleteServer(context, deps));
        },
      },
      cancel: {
        acknowledge: 'reply',
        run: async (context, id) =>
          takeQuestion(context, id) ? { outcome: 'done', card: notice(say`Nothing was deleted`) } : gone(),
      },
    },
  };
}

function gone(): Answer {
  const card = notice(say`This question has ended`, say`Nothing was deleted. Ask again: /data delete scope:server`);
  return { outcome: 'refused', card, unknownId: true };
}

/** /data is for everybody, so the router does not look; what Discord did not say counts as no. */
function requireManager({ isManager }: CommandContext): void {
  if (isManager) return;
  throw new UserError(
    'not-a-manager',
    say`The whole server's data is for members with the Manage Server permission. Ask one of them, or take scope:mine.`,
  );
}

function note({ action, scope }: Request, rule: string): AuditNote {
  return { action: `data.${action}`, command: `/data ${action} scope:${scope}`, decision: 'allowed', rule };
}

async function exportServer(context: CommandContext, deps: DataDeps): Promise<Answer> {
  // Whoever takes it along is in the audit log.
  await deps.audit.record(context, note({ action: 'export', scope: 'server' }, 'manage-guild'));
  const about = { v: 1, server: context.guildId, exportedAt: new Date(deps.now()).toISOString() };
  const file = dataFile(about, await deps.guildData.exportGuild(context.guildId));
  return { outcome: 'done', card: dataExportCard(md`All data of this server`, file) };
}

async function exportMine({ guildId, userId }: CommandContext, deps: DataDeps): Promise<Answer> {
  const parts = new Map<string, unknown>();
  for (const part of deps.personalData) parts.set(part.name, await part.exportUser(guildId, userId));
  const about = { v: 1, server: guildId, user: userId, exportedAt: new Date(deps.now()).toISOString() };
  const file = dataFile(about, Object.fromEntries(parts));
  return { outcome: 'done', card: dataExportCard(md`What is kept about you in this server`, file) };
}

/** Written down first, while the log still knows who it was; a log that is damaged must not keep anybody's data. */
async function deleteMine(context: CommandContext, deps: DataDeps): Promise<Answer> {
  await deps.audit.tryRecord(context, note({ action: 'delete', scope: 'mine' }, 'own-data'));
  const done: Phrase[] = [];
  for (const part of deps.personalData) done.push(await part.deleteUser(context.guildId, context.userId));
  return { outcome: 'done', card: mineDeletedCard(done) };
}

/** The record goes with the rest, but the audit channel has seen it. Deleting is also the way out of a damaged log. */
async function deleteServer(context: CommandContext, deps: DataDeps): Promise<Answer> {
  await deps.audit.tryRecord(context, note({ action: 'delete', scope: 'server' }, 'manage-guild'));
  await deps.guildData.deleteGuild(context.guildId);
  return { outcome: 'done', card: serverDeletedCard() };
}
