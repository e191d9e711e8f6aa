// Writes src/i18n/messages.ts: every English wording of the bot, in order. `node scripts/messages.ts`; a test compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, relative } from 'node:path';
import { type AnyNode, parse } from 'acorn';
import { createCommands } from '../commands/index.ts';
import { CATALOGUE } from '../src/advice/catalogue/index.ts';
import { FINDING_KINDS } from '../src/advice/findings/index.ts';
import { generalAdvice } from '../src/advice/general.ts';
import { STATE_MEANING, STATE_SENTENCE, SUSPICION_MEANING, TOPICS } from '../src/advice/topics.ts';
import { wordingsOf } from '../src/discord/localised.ts';
import { keyOf } from '../src/engine/phrase.ts';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'src/i18n/messages.ts');
/** What speaks to nobody, or English only. */
const LEFT_OUT = /^src\/(?:sandbox|i18n|http|probes|timeline|observability|exports)\//;

type Node = AnyNode & Record<string, unknown>;

/** The wordings written in one file: md`…`, say`…`, and trusted('…') with a literal. */
function writtenIn(path: string): string[] {
  const tree = parse(stripTypeScriptTypes(readFileSync(path, 'utf8')), { ecmaVersion: 'latest', sourceType: 'module' });
  const found: string[] = [];
  visit(tree as Node, found);
  return found;
}

function visit(node: Node, found: string[]): void {
  if (
    node.type === 'TaggedTemplateExpression' &&
    node.tag.type === 'Identifier' &&
    /^(?:md|say)$/.test(node.tag.name)
  ) {
    found.push(keyOf(node.quasi.quasis.map(({ value }) => value.cooked ?? '')));
  }
  if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'trusted') {
    const [argument] = node.arguments;
    if (argument?.type === 'Literal' && typeof argument.value === 'string') found.push(argument.value);
  }
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && 'type' in child) visit(child as Node, found);
    }
  }
}

/** The wordings that stand as data: the knowledge base. */
function knowledge(): string[] {
  const general = generalAdvice(1);
  return [
    ...CATALOGUE.flatMap(({ service, purpose, condition, risks, tip, actions }) => [
      service,
      purpose,
      condition ?? '',
      ...risks,
      tip,
      ...actions,
    ]),
    ...TOPICS.flatMap(({ title, summary, sections }) => [
      title,
      summary,
      ...sections.flatMap(({ heading, text }) => [heading, ...text.split('\n')]),
    ]),
    ...FINDING_KINDS.flatMap(({ title, why, actions }) => [title, why, ...actions]),
    ...Object.values(STATE_MEANING),
    ...Object.values(STATE_SENTENCE),
    ...Object.values(SUSPICION_MEANING),
    ...general.questions,
    ...general.actions,
    ...[1, 1_024, 49_152].map((port) => generalAdvice(port).rangeText),
  ];
}

/** Every wording of the bot, each once, in the order of the alphabet: the knowledge base, and all the rest. */
export function allMessages(): { readonly knowledge: readonly string[]; readonly replies: readonly string[] } {
  const files = ['src', 'commands'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(ROOT, folder, name)),
  );
  const written = files.filter((file) => !LEFT_OUT.test(relative(ROOT, file))).flatMap(writtenIn);
  // No command touches what it is given before it runs.
  const commands = createCommands({ maxPorts: 1_024 } as Parameters<typeof createCommands>[0]);
  const declared = commands.flatMap(({ data }) => wordingsOf(data));
  const known = new Set(knowledge().filter(isWording));
  const others = new Set([...written, ...declared].filter((text) => isWording(text) && !known.has(text)));
  return { knowledge: sorted(known), replies: sorted(others) };
}

function sorted(texts: ReadonlySet<string>): readonly string[] {
  return [...texts].sort((a, b) => (a < b ? -1 : Number(a > b)));
}

/** Something to translate: a letter beside placeholders, code, links and port numbers. */
function isWording(text: string): boolean {
  return /\p{L}/u.test(text.replace(/\{\d+\}(?:\/tcp)?|`[^`]*`|<[^>]*>|https?:\S+/g, ''));
}

export function messagesSource(): string {
  const { knowledge, replies } = allMessages();
  const lines = (messages: readonly string[]) => messages.map((message) => `  ${JSON.stringify(message)},`);
  return `${[
    '// Every English wording of the bot. Written by `node scripts/messages.ts`; a test compares.',
    '',
    '/** What the bot says: replies, errors, declarations of commands (their names behind `name: `). */',
    'export const REPLIES = [',
    ...lines(replies),
    '] as const;',
    '',
    '/** What it knows: guides of ports, topics, findings. */',
    'export const KNOWLEDGE = [',
    ...lines(knowledge),
    '] as const;',
    '',
    '/** Key of the catalogue: the English wording, `{0}` and so on for the values in it. */',
    'export type Message = (typeof REPLIES)[number] | (typeof KNOWLEDGE)[number];',
  ].join('\n')}\n`;
}

if (import.meta.main) writeFileSync(OUT, messagesSource());
