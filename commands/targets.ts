import {
  ApplicationCommandOptionType,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import { cancelledAnswer, importAnswer } from '../src/discord/cards/importCards.ts';
import { refusalCard } from '../src/discord/cards/notices.ts';
import {
  checkCard,
  exportCard,
  listCard,
  notListedCard,
  putCard,
  removedCard,
} from '../src/discord/cards/targetCards.ts';
import { verifiedAnswer } from '../src/discord/cards/verifyCards.ts';
import type { Answer, Command, CommandContext, Declaration } from '../src/discord/command.ts';
import type { OptionValues } from '../src/discord/options.ts';
import type { Parsed } from '../src/engine/parsed.ts';
import { type Phrase, say } from '../src/engine/phrase.ts';
import { suggestPorts } from '../src/engine/ports/suggest.ts';
import { accept, UserError } from '../src/errors.ts';
import { type Provable, parseProvable } from '../src/policy/ownership.ts';
import type { NeedsProof } from '../src/policy/ownershipCheck.ts';
import { type Pattern, parsePattern } from '../src/policy/pattern.ts';
import { parseTarget, type Target } from '../src/policy/target.ts';
import { visibleText } from '../src/safeText.ts';
import { audited } from '../src/scans/audit.ts';
import { type ActionDeps, applyImport, noteOf, putRule, removeRule } from '../src/targets/actions.ts';
import { type CheckDeps, checkTarget } from '../src/targets/check.ts';
import { isReadable } from '../src/targets/edit.ts';
import { exportList } from '../src/targets/exportFile.ts';
import { createImports, type ImportDeps, type ImportFileRequest } from '../src/targets/imports.ts';
import { parsePortRule } from '../src/targets/portRule.ts';
import { MAX_NOTE, parseEnd, parseNote, type RuleRequest } from '../src/targets/rule.ts';
import { type VerifyDeps, verifyTarget } from '../src/targets/verify.ts';

const string = (name: string, description: string, max_length: number) => ({
  type: ApplicationCommandOptionType.String as const,
  name,
  description,
  max_length,
});
const target = (description: string, autocomplete: boolean) => ({
  ...string('target', description, 300),
  required: true,
  ...(autocomplete ? { autocomplete } : {}),
});
const ports = (description: string) => ({ ...string('ports', description, 4000), autocomplete: true });

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
        ports('Only these ports, such as 22,80,443 or @web; all lifts a limit. Without: all, or as it was'),
        string(
          'expires',
          'When it ends: 12h, 30d, 6w, a date such as 2027-01-31, or never. Without: never, or as it was',
          20,
        ),
        string('note', 'Why it is here, for your colleagues', MAX_NOTE),
      ],
    },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'deny',
      description: 'Never scan a target, whatever other entries allow',
      options: [
        target('A name, *.name, an address, or a range up to /24 (IPv6: /120)', false),
        ports('Only these ports, such as 22,80,443 or @web. Without: all, or as the deny entry was'),
        string('expires', 'When it ends: 12h, 30d, 6w, a date, or never. Without: never, or as the deny entry was', 20),
        string('note', 'Why it is here, for your colleagues', MAX_NOTE),
      ],
    },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'remove',
      description: 'Take an entry off the list',
      options: [target('The entry as the list shows it', true)],
    },
    { type: ApplicationCommandOptionType.Subcommand, name: 'list', description: 'Everything that may be scanned here' },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'check',
      description: 'Would this host be scanned? Says which rule decides and why, without a scan',
      options: [target('A name or address', true)],
    },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'import',
      description: 'Add many entries from a file; shows what would change and asks before it does',
      options: [
        {
          type: ApplicationCommandOptionType.Attachment,
          name: 'file',
          description: 'One target a line, or CSV with the columns target,effect,ports,expires,note',
          required: true,
        },
        {
          type: ApplicationCommandOptionType.Boolean,
          name: 'replace',
          description: 'The file becomes the whole list: what it does not name is removed',
        },
      ],
    },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'export',
      description: 'The list as a CSV file that import takes back',
    },
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: 'verify',
      description: 'Prove that a name or address is yours, so that it may be scanned',
      options: [target('A name, *.name or an address', true)],
    },
  ],
} as const satisfies Declaration;

type Request =
  | { readonly action: 'put'; readonly rule: RuleRequest }
  /** Also by the text of an entry that no longer parses. */
  | { readonly action: 'remove'; readonly text: string; readonly pattern: Parsed<Pattern> }
  | { readonly action: 'list' }
  | { readonly action: 'check'; readonly target: Target }
  | { readonly action: 'import'; readonly file: ImportFileRequest }
  | { readonly action: 'export' }
  | { readonly action: 'verify'; readonly target: Provable };

export interface TargetsDeps extends CheckDeps, ImportDeps, ActionDeps, VerifyDeps {
  readonly allowlists: ActionDeps['allowlists'];
  readonly needsProof: NeedsProof;
}

export function targetsCommand(deps: TargetsDeps): Command<Request> {
  const imports = createImports(deps);
  return {
    data,
    requires: 'manage-guild',
    parse: (options) => parse(options, deps.now()),
    run: async (context, request) => {
      switch (request.action) {
        case 'put':
          return put(context, request.rule, deps);
        case 'remove':
          return remove(context, request.text, request.pattern, deps);
        case 'list':
          return done(listCard(await deps.allowlists.read(context.guildId), deps.now(), isReadable));
        case 'check':
          return done(
            checkCard(request.target, await checkTarget(context.guildId, request.target, deps, context.signal)),
          );
        case 'import':
          return importAnswer(await imports.preview(context, request.file, context.signal), false);
        case 'export':
          return audited(deps.audit, context, noteOf('export'), async () =>
            done(exportCard(exportList(await deps.allowlists.read(context.guildId)))),
          );
        case 'verify':
          return verifiedAnswer(request.target, await verifyTarget(context, request.target, deps, context.signal));
      }
    },
    autocomplete: async ({ name, value }, { guildId }) => {
      if (name === 'ports') return suggestPorts(value).map(({ label, value }) => ({ name: label, value }));
      const entries = await deps.allowlists.read(guildId);
      const wanted = value.trim().toLowerCase();
      return entries
        .filter(({ pattern }) => pattern.toLowerCase().includes(wanted))
        .map(({ pattern }) => ({ name: visibleText(pattern) || '\u2013', value: pattern }));
    },
    buttons: {
      confirm: {
        acknowledge: 'reply',
        run: async (context, id) => importAnswer(await applyImport(context, id, imports, deps.audit), true),
      },
      cancel: {
        acknowledge: 'reply',
        run: async (context, id) => cancelledAnswer(imports.cancel(context, id)),
      },
    },
  };
}

const done = (card: Answer['card']): Answer => ({ outcome: 'done', card });

function parse(options: OptionValues, nowMs: number): Request {
  const text = options.string('target') ?? '';
  switch (options.subcommand) {
    case 'add':
      return { action: 'put', rule: parseRule(options, 'allow', nowMs) };
    case 'deny':
      return { action: 'put', rule: parseRule(options, 'deny', nowMs) };
    case 'remove':
      return { action: 'remove', text: text.trim(), pattern: parsePattern(text) };
    case 'list':
    case 'export':
      return { action: options.subcommand };
    case 'check':
      return { action: 'check', target: accept(parseTarget(text), 'target') };
    case 'import': {
      const file = options.attachment('file');
      if (!file) throw new UserError('no-file', say`No file came with the command.`, { option: 'file' });
      const { url, sizeBytes } = file;
      return { action: 'import', file: { url, sizeBytes, replace: options.boolean('replace') ?? false } };
    }
    case 'verify':
      return { action: 'verify', target: accept(parseProvable(accept(parsePattern(text), 'target')), 'target') };
    default:
      throw new UserError('unknown-subcommand', say`This subcommand does not exist any more. Try /help.`);
  }
}

function parseRule(options: OptionValues, effect: 'allow' | 'deny', nowMs: number): RuleRequest {
  function optional(name: string, read: (text: string) => Parsed<string, string | Phrase>): string | undefined {
    const text = options.string(name);
    return text === undefined ? undefined : accept(read(text), name);
  }
  return {
    pattern: accept(parsePattern(options.string('target') ?? ''), 'target'),
    effect,
    ports: optional('ports', parsePortRule),
    expiresAt: optional('expires', (text) => parseEnd(text, nowMs)),
    // A blank note is none, so it leaves the old one.
    note: optional('note', parseNote) || undefined,
  };
}

async function put(context: CommandContext, rule: RuleRequest, deps: TargetsDeps): Promise<Answer> {
  const result = await putRule(context, rule, deps);
  if (result.outcome === 'refused')
    return { outcome: 'refused', code: result.refusal.code, card: refusalCard(result.refusal) };
  const before = result.outcome === 'changed' ? result.before : undefined;
  const warning = 'warning' in rule.pattern ? rule.pattern.warning : undefined;
  const needsProof = rule.effect === 'allow' && (await deps.needsProof(context.guildId, rule.pattern));
  return done(putCard(result.entry, rule.pattern.display, before, { warning, needsProof }));
}

async function remove(
  context: CommandContext,
  text: string,
  pattern: Parsed<Pattern>,
  deps: TargetsDeps,
): Promise<Answer> {
  const removed = await removeRule(context, text, pattern, deps);
  if (removed) return done(removedCard(removed, await deps.allowlists.read(context.guildId)));
  const { canonical } = accept(pattern, 'target');
  return { outcome: 'refused', card: notListedCard(canonical) };
}
