import {
  ApplicationCommandOptionType,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import {
  auditExportCard,
  auditListCard,
  auditVerdictCard,
  EXPORT_FORMATS,
  type ExportedLog,
  type ExportFormat,
  PAGE_RECORDS,
  type ShownEntry,
} from '../src/discord/cards/auditCards.ts';
import { MAX_FILE_BYTES } from '../src/discord/cards/dataCards.ts';
import type { Answer, Command, CommandContext, Declaration } from '../src/discord/command.ts';
import type { OptionValues } from '../src/discord/options.ts';
import { counted, say } from '../src/engine/phrase.ts';
import { UserError } from '../src/errors.ts';
import type { Audit } from '../src/scans/audit.ts';
import type { AuditEntry, AuditLog } from '../src/storage/auditLog.ts';
import type { People } from '../src/storage/people.ts';

const data = {
  name: 'audit',
  description: 'Who scanned or changed what in this server, and what was refused',
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  default_member_permissions: String(PermissionFlagsBits.ManageGuild),
  options: [
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'list',
      description: 'The latest records, newest first',
      options: [
        {
          type: ApplicationCommandOptionType.String,
          name: 'page',
          description: 'Which page, such as 2. Without: the newest',
          max_length: 10,
        },
      ],
    },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'export',
      description: 'The log as a file',
      options: [
        {
          type: ApplicationCommandOptionType.String,
          name: 'format',
          description: 'JSON lines (exact, can be checked by others) or CSV (for spreadsheets). Without: JSON lines',
          choices: [
            { name: 'JSON lines', value: 'json' },
            { name: 'CSV', value: 'csv' },
          ],
        },
        {
          type: ApplicationCommandOptionType.String,
          name: 'before',
          description: 'Only records below this number, for a log that is too long for one file',
          max_length: 16,
        },
      ],
    },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'verify',
      description: 'Is the log as it was written? Finds a changed, missing or added record',
    },
  ],
} as const satisfies Declaration;

type Request =
  | { readonly action: 'list'; readonly page: number }
  | { readonly action: 'export'; readonly format: ExportFormat; readonly before: number | undefined }
  | { readonly action: 'verify' };

export interface AuditCommandDeps {
  readonly auditLog: AuditLog;
  readonly people: People;
  readonly audit: Pick<Audit, 'record'>;
}

/** Records read at a time for a file. */
const BATCH = 200;

export function auditCommand(deps: AuditCommandDeps): Command<Request> {
  return {
    data,
    requires: 'manage-guild',
    parse,
    run: async (context, request) => {
      switch (request.action) {
        case 'list':
          return listPage(context.guildId, request.page, deps);
        case 'export':
          return exportLog(context, request, deps);
        case 'verify': {
          const verdict = await deps.auditLog.verify(context.guildId);
          return { outcome: 'done', card: auditVerdictCard(verdict) };
        }
      }
    },
    buttons: {
      page: {
        acknowledge: 'reply',
        run: ({ guildId }, id) => listBefore(guildId, readNumber(id, 'page') ?? 1, deps),
      },
    },
  };
}

function parse(options: OptionValues): Request {
  switch (options.subcommand) {
    case 'list':
      return { action: 'list', page: readNumber(options.string('page'), 'page') ?? 1 };
    case 'export': {
      const format = options.string('format') ?? 'json';
      if (format !== 'json' && format !== 'csv') {
        throw new UserError('bad-format', say`The log is exported as json or csv.`, {
          option: 'format',
          example: 'json',
        });
      }
      return { action: 'export', format, before: readNumber(options.string('before'), 'before') };
    }
    case 'verify':
      return { action: 'verify' };
    default:
      throw new UserError('unknown-subcommand', say`This subcommand does not exist any more. Try /help.`);
  }
}

function readNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const digits = text.trim();
  if (/^[1-9]\d{0,14}$/.test(digits)) return Number(digits);
  throw new UserError('bad-number', say`This must be a whole number from 1 on.`, { option, example: '2' });
}

async function listPage(guildId: string, page: number, deps: AuditCommandDeps): Promise<Answer> {
  const { seq } = await deps.auditLog.head(guildId);
  const pages = Math.max(1, Math.ceil(seq / PAGE_RECORDS));
  if (page > pages) {
    const message = counted(pages, say`There is only one page.`, say`There are only ${pages} pages.`);
    throw new UserError('no-such-page', message, { option: 'page', example: String(pages) });
  }
  return listBefore(guildId, seq + 1 - (page - 1) * PAGE_RECORDS, deps);
}

async function listBefore(guildId: string, before: number, { auditLog, people }: AuditCommandDeps): Promise<Answer> {
  const entries = await auditLog.list(guildId, { before, limit: PAGE_RECORDS });
  const shown = await withPeople(guildId, entries, people, new Map());
  return { outcome: 'done', card: auditListCard(shown, await auditLog.head(guildId)) };
}

async function withPeople(
  guildId: string,
  entries: readonly AuditEntry[],
  people: People,
  known: Map<string, string | undefined>,
): Promise<ShownEntry[]> {
  const shown: ShownEntry[] = [];
  for (const entry of entries) {
    const actor = entry.record?.actor ?? '';
    if (!known.has(actor)) known.set(actor, await people.userFor(guildId, actor));
    shown.push({ ...entry, userId: known.get(actor) });
  }
  return shown;
}

/** Whoever takes the log along is in it. */
async function exportLog(
  context: CommandContext,
  { format, before }: { readonly format: ExportFormat; readonly before: number | undefined },
  deps: AuditCommandDeps,
): Promise<Answer> {
  await deps.audit.record(context, {
    action: 'audit.export',
    command: `/audit export format:${format}${before === undefined ? '' : ` before:${before}`}`,
    decision: 'allowed',
    rule: 'manage-guild',
  });
  return { outcome: 'done', card: auditExportCard(await readLog(context.guildId, format, before, deps)) };
}

/** As many of the newest records as fit into a file, oldest first. */
async function readLog(
  guildId: string,
  format: ExportFormat,
  before: number | undefined,
  { auditLog, people }: AuditCommandDeps,
): Promise<ExportedLog> {
  const { head, row } = EXPORT_FORMATS[format];
  const known = new Map<string, string | undefined>();
  const rows: string[] = [];
  let room = MAX_FILE_BYTES - Buffer.byteLength(head);
  const end = (await auditLog.head(guildId)).seq + 1;
  let first = Math.min(before ?? end, end);
  for (;;) {
    const entries = await auditLog.list(guildId, { before: first, limit: BATCH });
    for (const entry of await withPeople(guildId, entries, people, known)) {
      const text = row(entry);
      room -= Buffer.byteLength(text);
      if (room < 0) break;
      rows.push(text);
      first = entry.seq;
    }
    if (entries.length < BATCH || room < 0) break;
  }
  if (rows.length === 0) {
    throw new UserError('nothing-to-export', say`There is no record below this number.`, { option: 'before' });
  }
  return { format, text: head + rows.reverse().join(''), count: rows.length, first };
}
