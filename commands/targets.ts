import {
  ApplicationCommandOptionType,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import { notice, refusalCard } from '../src/discord/cards/notices.ts';
import { addedCard, checkCard, listCard, removedCard } from '../src/discord/cards/targetCards.ts';
import type { Answer, Command, CommandContext, Declaration } from '../src/discord/command.ts';
import type { OptionValues } from '../src/discord/options.ts';
import { parsePorts } from '../src/engine/ports/grammar.ts';
import { formatPorts, MAX_PORT } from '../src/engine/ports/intervals.ts';
import { suggestPorts } from '../src/engine/ports/suggest.ts';
import { accept, UserError } from '../src/errors.ts';
import { admit } from '../src/policy/decide.ts';
import { type AllowlistEntry, isExpired } from '../src/policy/entry.ts';
import { parseExpiry } from '../src/policy/expiry.ts';
import { judgePattern, type OperatorPolicy } from '../src/policy/judge.ts';
import { type Pattern, parsePattern } from '../src/policy/pattern.ts';
import { type AddressLookup, pin } from '../src/policy/resolve.ts';
import { parseTarget, type Target } from '../src/policy/target.ts';
import type { Allowlists } from '../src/storage/allowlists.ts';

const MAX_NOTE = 200;
/** Keeps one server's list small enough to be read in one go at every scan. */
const MAX_ENTRIES = 1_000;

const target = (description: string, autocomplete: boolean) => ({
  type: ApplicationCommandOptionType.String as const,
  name: 'target',
  description,
  required: true,
  max_length: 300,
  ...(autocomplete ? { autocomplete } : {}),
});

const data = {
  name: 'targets',
  description: 'The hosts that this server may scan',
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  default_member_permissions: String(PermissionFlagsBits.ManageGuild),
  options: [
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'add',
      description: 'Allow a target to be scanned, or change its entry',
      options: [
        target('A name, *.name, an address, or a range up to /24 (IPv6: /120)', false),
        {
          type: ApplicationCommandOptionType.String,
          name: 'ports',
          description: 'Only these ports, such as 22,80,443 or @web; all lifts a limit. Without: all, or as it was',
          autocomplete: true,
          max_length: 4000,
        },
        {
          type: ApplicationCommandOptionType.String,
          name: 'expires',
          description: 'When it ends: 12h, 30d, 6w, a date such as 2027-01-31, or never. Without: never, or as it was',
          max_length: 20,
        },
        {
          type: ApplicationCommandOptionType.String,
          name: 'note',
          description: 'Why it is here, for your colleagues',
          max_length: MAX_NOTE,
        },
      ],
    },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'remove',
      description: 'Take a target off the list',
      options: [target('The entry as the list shows it', true)],
    },
    { type: ApplicationCommandOptionType.Subcommand, name: 'list', description: 'Everything that may be scanned here' },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'check',
      description: 'Would this host be scanned? Says which rule decides and why; sends nothing to the host',
      options: [target('A name or address', true)],
    },
  ],
} as const satisfies Declaration;

interface AddRequest {
  readonly action: 'add';
  readonly pattern: Pattern;
  /** As `formatPorts` writes them, or `all`; undefined = as it was. */
  readonly ports: string | undefined;
  /** ISO 8601, or `never`; undefined = as it was. */
  readonly expiresAt: string | undefined;
  readonly note: string | undefined;
}

type Request =
  | AddRequest
  | { readonly action: 'remove'; readonly pattern: Pattern }
  | { readonly action: 'list' }
  | { readonly action: 'check'; readonly target: Target };

export interface TargetsDeps {
  readonly allowlists: Allowlists;
  readonly operator: OperatorPolicy;
  readonly lookup: AddressLookup;
  readonly now: () => number;
}

export function targetsCommand(deps: TargetsDeps): Command<Request> {
  return {
    data,
    requires: 'manage-guild',
    parse: (options) => parse(options, deps.now()),
    run: async (context, request) => {
      switch (request.action) {
        case 'add':
          return add(context, request, deps);
        case 'remove':
          return remove(context, request.pattern, deps);
        case 'list':
          return { outcome: 'done', card: listCard(await deps.allowlists.read(context.guildId), deps.now()) };
        case 'check':
          return check(context, request.target, deps);
      }
    },
    autocomplete: async ({ name, value }, { guildId }) => {
      if (name === 'ports') return suggestPorts(value).map(({ label, value }) => ({ name: label, value }));
      const entries = await deps.allowlists.read(guildId);
      const wanted = value.trim().toLowerCase();
      return entries
        .filter(({ pattern }) => pattern.includes(wanted))
        .map(({ pattern }) => ({ name: pattern, value: pattern }));
    },
  };
}

function parse(options: OptionValues, nowMs: number): Request {
  const text = options.string('target') ?? '';
  switch (options.subcommand) {
    case 'add': {
      const ports = options.string('ports');
      const expires = options.string('expires');
      return {
        action: 'add',
        pattern: accept(parsePattern(text), 'target'),
        ports: ports === undefined || isWord(ports, 'all') ? ports && 'all' : readPortList(ports),
        expiresAt:
          expires === undefined || isWord(expires, 'never')
            ? expires && 'never'
            : accept(parseExpiry(expires, nowMs), 'expires'),
        note: parseNote(options.string('note')),
      };
    }
    case 'remove':
      return { action: 'remove', pattern: accept(parsePattern(text), 'target') };
    case 'list':
      return { action: 'list' };
    case 'check':
      return { action: 'check', target: accept(parseTarget(text), 'target') };
    default:
      throw new UserError('unknown-subcommand', 'This subcommand does not exist any more. Try /help.');
  }
}

function isWord(text: string, word: string): boolean {
  return text.trim().toLowerCase() === word;
}

function readPortList(text: string): string {
  return formatPorts(accept(parsePorts(text, { maxPorts: MAX_PORT }), 'ports'));
}

function parseNote(raw: string | undefined): string | undefined {
  const note = raw?.toWellFormed().replace(/\s+/g, ' ').trim();
  if (!note) return undefined;
  if (note.length <= MAX_NOTE) return note;
  const message = `The note has ${note.length} characters; at most ${MAX_NOTE} are kept.`;
  throw new UserError('long-note', message, { option: 'note', example: 'web shop, asked for by Kim' });
}

async function add(
  context: CommandContext,
  request: AddRequest,
  { allowlists, operator, now }: TargetsDeps,
): Promise<Answer> {
  const refusal = judgePattern(request.pattern, operator);
  if (refusal) return { outcome: 'refused', card: refusalCard(refusal) };
  const { before, entry } = await allowlists.update(context.guildId, (entries) => {
    const existing = entries.find(({ pattern }) => pattern === request.pattern.canonical);
    const entry = changed(existing, request, context.userId, now());
    if (existing && sameRule(existing, entry)) {
      throw new UserError('duplicate', `${entry.pattern} is on the list already, with the same ports, end and note.`, {
        option: 'target',
        example: `/targets add target:${entry.pattern} ports:@web, to change its ports`,
      });
    }
    if (!existing && entries.length >= MAX_ENTRIES) {
      throw new UserError(
        'list-full',
        `The list is full (${MAX_ENTRIES} entries). Remove one, or allow a range or *.name.`,
      );
    }
    const others = entries.filter((other) => other !== existing);
    return { entries: [...others, entry], result: { before: existing, entry } };
  });
  const warning = request.pattern.kind === 'name' ? request.pattern.warning : undefined;
  return { outcome: 'done', card: addedCard(entry, request.pattern.display, before, warning) };
}

/** What is not named stays as it was, so that changing one thing never widens another. */
function changed(
  existing: AllowlistEntry | undefined,
  request: AddRequest,
  userId: string,
  nowMs: number,
): AllowlistEntry {
  const { ports = existing?.ports, expiresAt = existing?.expiresAt, note = existing?.note } = request;
  if (existing && request.expiresAt === undefined && isExpired(existing, nowMs)) {
    throw new UserError('expired', `The entry ${existing.pattern} has expired. Say how long it is to last from now.`, {
      option: 'expires',
      example: 'expires:30d, or expires:never',
    });
  }
  return {
    pattern: request.pattern.canonical,
    ...(ports === undefined || ports === 'all' ? {} : { ports }),
    ...(expiresAt === undefined || expiresAt === 'never' ? {} : { expiresAt }),
    ...(note === undefined ? {} : { note }),
    addedBy: userId,
    addedAt: new Date(nowMs).toISOString(),
  };
}

function sameRule(a: AllowlistEntry, b: AllowlistEntry): boolean {
  return a.ports === b.ports && a.expiresAt === b.expiresAt && a.note === b.note;
}

async function remove(context: CommandContext, pattern: Pattern, { allowlists }: TargetsDeps): Promise<Answer> {
  const removed = await allowlists.update(context.guildId, (entries) => ({
    entries: entries.filter((entry) => entry.pattern !== pattern.canonical),
    result: entries.find((entry) => entry.pattern === pattern.canonical),
  }));
  if (removed) return { outcome: 'done', card: removedCard(removed) };
  const hint = 'Entries are removed as they were added; /targets list shows them.';
  return { outcome: 'refused', card: notice('Not on the list', `There is no entry ${pattern.canonical}. ${hint}`) };
}

async function check(context: CommandContext, target: Target, deps: TargetsDeps): Promise<Answer> {
  const entries = await deps.allowlists.read(context.guildId);
  const decision = admit(target, { entries, operator: deps.operator, nowMs: deps.now() });
  const pinned = decision.allowed ? await pin(target, deps.lookup, deps.operator, context.signal) : undefined;
  return { outcome: 'done', card: checkCard(target, decision, pinned) };
}
