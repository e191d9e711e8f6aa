import { PassThrough } from 'node:stream';
import {
  ButtonStyle,
  ComponentType,
  type Interaction,
  MessageFlags,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/sandbox/prompt/arguments.ts';
import { complete } from '../../src/sandbox/prompt/complete.ts';
import { createFinishedReports, type FinishedReports } from '../../src/sandbox/prompt/finished.ts';
import { runPrompt } from '../../src/sandbox/prompt/prompt.ts';
import { createSession } from '../../src/sandbox/prompt/session.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { openBot, openSandbox } from './support.ts';

const COMMANDS: RESTPostAPIChatInputApplicationCommandsJSONBody[] = [
  {
    name: 'scan',
    description: 'd',
    options: [
      { type: 3, name: 'host', description: 'd', required: true, autocomplete: true },
      { type: 3, name: 'pick', description: 'd', choices: [{ name: 'Web', value: 'web' }] },
      { type: 5, name: 'share', description: 'd' },
    ],
  },
  { name: 'slow', description: 'd' },
  {
    name: 'targets',
    description: 'd',
    options: [
      { type: 1, name: 'add', description: 'd' },
      { type: 1, name: 'list', description: 'd' },
    ],
  },
];
const BUTTONS = {
  type: ComponentType.ActionRow as const,
  components: [
    { type: ComponentType.Button as const, style: ButtonStyle.Primary as const, custom_id: 'again', label: 'Again' },
  ],
};

async function answer(interaction: Interaction, finished: FinishedReports): Promise<void> {
  if (interaction.isAutocomplete())
    await interaction.respond([{ name: 'the db', value: `${interaction.options.getFocused()}.example` }]);
  if (interaction.isButton()) {
    await interaction.deferUpdate();
    await interaction.followUp({ content: `again for ${interaction.user.username}`, flags: MessageFlags.Ephemeral });
    finished.report({ interactionId: interaction.id, outcome: 'done' });
  }
  if (!interaction.isChatInputCommand() || interaction.commandName === 'slow') return;
  const host = interaction.options.getString('host', false);
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  await interaction.editReply(`working on ${host}`);
  await interaction.editReply({ content: `**${host}** in ${interaction.guild?.name}`, components: [BUTTONS] });
  finished.report({ interactionId: interaction.id, outcome: host === 'bad' ? 'refused' : 'done' });
}

async function open(as = 'admin', server = '1') {
  const sandbox = await openSandbox();
  const finished = createFinishedReports();
  await openBot(sandbox, { commands: COMMANDS, onInteraction: (interaction) => answer(interaction, finished) });
  const printed: string[] = [];
  const progress: string[] = [];
  const print = (text: string) => printed.push(text);
  const session = createSession({
    sandbox,
    outcomeOf: finished.outcomeOf,
    print,
    progress: (line) => progress.push(line),
    as,
    server,
  });
  const run = (line: string) => session.run(line, new AbortController().signal);
  return { sandbox, finished, printed, progress, session, run };
}

const REPLY = '(only you can see this)\n\ndb in Harbor Ops\n\n[Again]';

describe('a session', () => {
  it('prints the finished reply, and shows the way there as progress', async () => {
    const { run, printed, progress } = await open();
    expect(await run('/scan host:db')).toBe('done');
    expect(printed).toEqual([REPLY]);
    expect(progress[0]).toBe('thinking…');
    expect(progress).toContain('working on db');
  });

  it('says failed for a refused command and for what the client refuses', async () => {
    const { run, printed } = await open();
    expect(await run('/scan host:bad')).toBe('failed');
    expect(await run('/scan')).toBe('failed');
    expect(await run('hello')).toBe('failed');
    expect(await run(':nonsense')).toBe('failed');
    expect(printed.slice(1)).toEqual([
      '/scan needs host. Write /scan host:…',
      expect.stringContaining('A command starts with a slash'),
      'There is no :nonsense. Type :help.',
    ]);
  });

  it('says so when the bot does not answer in time', async () => {
    const { sandbox, finished, printed } = await open();
    const { outcomeOf } = finished;
    const print = (text: string) => printed.push(text);
    const session = createSession({ sandbox, outcomeOf, print, respondWithinMs: 100, as: 'admin', server: '1' });
    expect(await session.run('/slow', new AbortController().signal)).toBe('failed');
    expect(printed).toEqual(['The application did not respond.']);
  });

  it('stops waiting when told to', async () => {
    const { sandbox, printed } = await open();
    const outcomeOf = createFinishedReports().outcomeOf;
    const session = createSession({
      sandbox,
      outcomeOf,
      print: (text) => printed.push(text),
      as: 'admin',
      server: '1',
    });
    expect(await session.run('/scan host:db', AbortSignal.timeout(100))).toBe('failed');
    expect(printed).toEqual(['Not waiting any longer.']);
  });

  it('presses buttons of the last reply, as whoever is typing', async () => {
    const { run, printed } = await open();
    expect(await run(':click Again')).toBe('failed');
    await run('/scan host:db');
    expect(await run(':click again')).toBe('done');
    await run(':as member');
    expect(await run(':click Again')).toBe('failed');
    expect(printed).toEqual([
      'There is no reply with a button yet.',
      REPLY,
      '(only you can see this)\n\nagain for ada',
      'You are Mel (member) in Harbor Ops, #ops.',
      expect.stringContaining('does not see this message'),
    ]);
  });

  it('changes person and server', async () => {
    const { run, printed, session } = await open();
    await run(':server 2');
    await run(':as outsider');
    await run('/scan host:db');
    expect(await run(':server 3')).toBe('failed');
    expect(await run(':as nobody')).toBe('failed');
    expect([session.as, session.server]).toEqual(['outsider', '2']);
    expect(printed[2]).toContain('db in Second Harbor');
    expect(await run(':quit')).toBe('quit');
  });
});

describe('completion', () => {
  const cases: [string, string[], string][] = [
    ['', ['/scan ', '/slow ', '/targets '], ''],
    ['/s', ['/scan ', '/slow '], '/s'],
    ['/targets ', ['add ', 'list '], ''],
    ['/targets a', ['add '], 'a'],
    ['/scan ', ['host:', 'pick:', 'share:'], ''],
    ['/scan host:db p', ['pick:'], 'p'],
    ['/scan host:db ', ['pick:', 'share:'], ''],
    ['/scan host:d', ['d.example '], 'd'],
    ['/scan host:db pick:w', ['web '], 'w'],
    ['/scan host:db share:t', ['true '], 't'],
    ['/nope x', [], '/nope x'],
    [':s', [':server'], ':s'],
    [':as m', ['member'], 'm'],
  ];
  it('offers commands, subcommands, options and the choices of the bot', async () => {
    const { sandbox } = await open();
    for (const [line, candidates, replaced] of cases)
      expect([line, await complete({ sandbox, as: 'admin', server: '1' }, line)]).toEqual([
        line,
        [candidates, replaced],
      ]);
  });
});

describe('piped input', () => {
  async function pipe(sandbox: Sandbox, finished: FinishedReports, text: string): Promise<string> {
    const input = new PassThrough();
    const output = new PassThrough();
    const chunks: string[] = [];
    output.on('data', (chunk) => chunks.push(String(chunk)));
    input.end(text);
    const streams = { input: input as unknown as NodeJS.ReadStream, output: output as unknown as NodeJS.WriteStream };
    await runPrompt({
      ...streams,
      sandbox,
      outcomeOf: finished.outcomeOf,
      as: 'admin',
      server: '1',
      signal: new AbortController().signal,
    });
    return chunks.join('');
  }

  it('runs every line in order and prints the replies alone, with a blank line between them', async () => {
    const { sandbox, finished } = await open();
    expect(await pipe(sandbox, finished, '/scan host:db\n\n/nope\r\n/scan host:db')).toBe(
      `${REPLY}\n\nThere is no command /nope here. There are: /scan, /slow, /targets.\n\n${REPLY}\n`,
    );
  });

  it('ends at :quit', async () => {
    const { sandbox, finished } = await open();
    expect(await pipe(sandbox, finished, ':quit\n/scan host:db\n')).toBe('');
  });
});

describe('arguments', () => {
  it.each([
    [[], {}],
    [['--open', '--port', '4500'], { open: true, port: 4500 }],
    [['/scan host:a ports:1, 2'], { line: '/scan host:a ports:1, 2' }],
    [['--as', 'member', '--server=2', '/help'], { as: 'member', server: '2', line: '/help' }],
    [['/scan', 'host:a', '--x'], { line: '/scan host:a --x' }],
  ])('%j', (argv, expected) => {
    const usual = { as: 'admin', server: '1', line: undefined, port: undefined, open: false };
    expect(parseArguments(argv)).toEqual({ ok: true, arguments: { ...usual, ...expected } });
  });

  it.each([
    [['--nope']],
    [['--as']],
    [['--server', '3']],
    [['-x', '/help']],
    [['--port', '0']],
    [['--open=no']],
    [['--open', '/help']],
  ])('refuses %j', (argv) => {
    expect(parseArguments(argv)).toMatchObject({ ok: false });
  });
});
