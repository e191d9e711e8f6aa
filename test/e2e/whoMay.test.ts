import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommands } from '../../commands/index.ts';
import type { Where } from '../../src/sandbox/client/actor.ts';
import { interactionMember, userObject } from '../../src/sandbox/entities.ts';
import type { Json } from '../../src/sandbox/json.ts';
import { type Bot, type Reply, startBot } from './harness.ts';

/** Known in the first server alone: an answer in another place that holds it gives something away. */
const SECRET = 'only-harbor-ops';

/** For whom a command is; the router or the command must see to it, whatever Discord let through. */
type Audience = 'everybody' | 'scanners' | 'managers';

interface Row {
  readonly what: string;
  readonly command: string;
  readonly subcommand?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly audience: Audience;
}

/** Every command of the bot, at least once. A new command needs a row here. */
const ROWS: readonly Row[] = [
  { what: '/scan', command: 'scan', options: { host: '127.0.0.1', ports: '1' }, audience: 'scanners' },
  { what: '/history', command: 'history', options: { host: '127.0.0.1' }, audience: 'scanners' },
  { what: '/status', command: 'status', audience: 'managers' },
  { what: '/explain', command: 'explain', options: { port: '22' }, audience: 'everybody' },
  { what: '/help', command: 'help', audience: 'everybody' },
  { what: '/targets list', command: 'targets', subcommand: 'list', audience: 'managers' },
  {
    what: '/targets check',
    command: 'targets',
    subcommand: 'check',
    options: { target: '127.0.0.1' },
    audience: 'managers',
  },
  { what: '/settings show', command: 'settings', subcommand: 'show', audience: 'managers' },
  { what: '/audit list', command: 'audit', subcommand: 'list', audience: 'managers' },
  { what: '/audit verify', command: 'audit', subcommand: 'verify', audience: 'managers' },
  {
    what: '/data export mine',
    command: 'data',
    subcommand: 'export',
    options: { scope: 'mine' },
    audience: 'everybody',
  },
  {
    what: '/data export server',
    command: 'data',
    subcommand: 'export',
    options: { scope: 'server' },
    audience: 'managers',
  },
];

interface Actor {
  readonly who: string;
  readonly may: readonly Audience[];
  readonly where: Where;
  /** Roles that the person has in the first server at this moment. */
  readonly roles?: readonly string[];
  /** Members of the payload that no ordinary client would send. */
  readonly forged?: () => Json;
}

const ALL: readonly Audience[] = ['everybody', 'scanners', 'managers'];
const NOBODY: readonly Audience[] = [];
const ACTORS: readonly Actor[] = [
  { who: 'the owner, without the role', may: ALL, where: { as: 'owner' } },
  { who: 'an admin, without the role', may: ALL, where: { as: 'admin' } },
  { who: 'a member', may: ['everybody'], where: { as: 'member' } },
  {
    who: 'a member with the scanner role',
    may: ['everybody', 'scanners'],
    where: { as: 'member' },
    roles: ['Scanners'],
  },
  { who: 'a member who lost it', may: ['everybody'], where: { as: 'member' }, roles: ['Others'] },
  { who: 'an outsider', may: NOBODY, where: { as: 'owner' }, forged: () => userWithoutMember('outsider') },
  { who: 'a bot with all permissions', may: NOBODY, where: { as: 'owner' }, forged: botMember },
  { who: 'a webhook', may: NOBODY, where: { as: 'owner' }, forged: webhookUser },
  { who: 'the owner in direct messages', may: NOBODY, where: { as: 'owner', where: 'dm' } },
  {
    who: 'the owner with the app installed for themselves',
    may: NOBODY,
    where: { as: 'owner', where: 'user-install' },
  },
];

let bot: Bot;
beforeAll(async () => {
  bot = await startBot();
  bot.sandbox.createRole(1, { name: 'Scanners' });
  bot.sandbox.createRole(1, { name: 'Others' });
  for (const line of [
    `/targets add target:127.0.0.1 note:${SECRET}`,
    '/scan host:127.0.0.1 ports:1',
    '/settings scanner-role action:add role:Scanners',
  ]) {
    expect((await bot.run(line)).outcome, line).toBe('done');
  }
});
afterAll(() => bot?.stop());

const personOf = (key: 'owner' | 'outsider') => bot.sandbox.world.people[key];

function userWithoutMember(key: 'outsider'): Json {
  return { member: undefined, user: userObject(personOf(key)) };
}

function botMember(): Json {
  const { world } = bot.sandbox;
  const guild = world.guilds[0];
  const channel = guild?.channels[0];
  if (!guild || !channel) throw new Error('no server');
  const member = interactionMember(world, guild, personOf('owner'), channel);
  return { member: { ...member, user: { ...userObject(personOf('owner')), id: '77', bot: true } } };
}

function webhookUser(): Json {
  const user = { ...userObject(personOf('owner')), id: '78', username: 'hook', discriminator: '0000', bot: true };
  return { member: undefined, user };
}

function payloadOf({ command, subcommand, options = {} }: Row, type: number): Json {
  const given = Object.entries(options).map(([name, value]) => ({ type: 3, name, value }));
  const nested = subcommand === undefined ? given : [{ type: 1, name: subcommand, options: given }];
  return { type, data: { id: '1', name: command, type: 1, options: nested } };
}

/** Past everything that Discord's client would check. */
async function send(row: Row, { where, roles = [], forged }: Actor): Promise<Reply> {
  bot.sandbox.setRoles('member', 1, roles);
  return bot.finished(bot.sandbox.interact({ ...payloadOf(row, 2), ...forged?.() }, where));
}

const visible = (reply: Reply) => JSON.stringify([reply.handle.message(), reply.handle.followUps()]);

test('every command has a row', () => {
  const names = createCommands({} as Parameters<typeof createCommands>[0]).map(({ data }) => data.name);
  expect([...new Set(ROWS.map(({ command }) => command))].sort()).toEqual(names.sort());
});

describe.each(ACTORS)('$who', (actor) => {
  test.each(ROWS)('$what', async (row) => {
    const reply = await send(row, actor);
    const allowed = actor.may.includes(row.audience);
    expect([reply.outcome, reply.text], reply.text).toEqual([allowed ? 'done' : 'refused', expect.any(String)]);
    expect(reply.isPrivate).toBe(true);
    if (!allowed) expect(visible(reply)).not.toContain(SECRET);
  });

  test('suggestions only for who may use them', async () => {
    bot.sandbox.setRoles('member', 1, actor.roles ?? []);
    const suggested = async (name: string, options: readonly Json[]) => {
      const data = { id: '1', name, type: 1, options };
      const handle = bot.sandbox.interact({ type: 4, data, ...actor.forged?.() }, actor.where);
      await handle.acknowledged();
      return handle.choices().map(({ value }) => value);
    };
    const typed = (name: string) => ({ type: 3, name, value: '127', focused: true });
    const hosts = await suggested('scan', [typed('host')]);
    expect(hosts).toEqual(actor.may.includes('scanners') ? ['127.0.0.1'] : []);
    const entries = await suggested('targets', [{ type: 1, name: 'remove', options: [typed('target')] }]);
    expect(entries).toEqual(actor.may.includes('managers') ? ['127.0.0.1'] : []);
  });
});

describe("another server's owner", () => {
  const actor: Actor = { who: 'the other owner', may: ALL, where: { as: 'secondOwner', guild: 2 } };

  test.each(ROWS)('$what knows nothing of the first server', async (row) => {
    const reply = await send(row, actor);
    expect(reply.outcome).toBe(row.audience === 'scanners' ? 'refused' : 'done');
    expect(visible(reply)).not.toContain(SECRET);
    const files = reply.handle.message()?.attachments ?? [];
    for (const { url } of files) expect(await (await fetch(url)).text()).not.toContain(SECRET);
  });
});

describe('buttons', () => {
  /** Without a message, on some message of the bot. */
  const pressed = async (customId: string, where: Where, message?: unknown) => {
    const data = { custom_id: customId, component_type: 2 };
    return bot.finished(bot.sandbox.interact({ type: 3, data, ...(message ? { message } : {}) }, where));
  };
  /** A button's refusal is the reply itself, or a follow-up to the message with the button. */
  const refused = (reply: Reply) => expect(reply.outcome, reply.text).toBe('refused');

  async function scanned() {
    bot.sandbox.setRoles('member', 1, ['Scanners']);
    const reply = await bot.run('/scan host:127.0.0.1 ports:1', { as: 'member' });
    expect(reply.outcome).toBe('done');
    const message = reply.handle.message();
    const ids = [...JSON.stringify(message?.components).matchAll(/scan:(?:rescan|share):[\w-]+/g)].map(([id]) => id);
    expect(ids).toHaveLength(2);
    return { message, ids };
  }

  test('of who lost the role do nothing any more', async () => {
    const { message, ids } = await scanned();
    bot.sandbox.setRoles('member', 1, []);
    for (const id of ids) refused(await pressed(id, { as: 'member' }, message));
  });

  test('are judged anew for whoever presses them, wherever', async () => {
    const { message, ids } = await scanned();
    for (const id of ids) {
      refused(await pressed(id, { as: 'secondOwner', guild: 2 }, message));
      refused(await pressed(id, { as: 'owner', where: 'dm' }, message));
      refused(await pressed(id, { as: 'owner', where: 'user-install' }, message));
    }
    bot.sandbox.addMember('outsider', 1, []);
    for (const id of ids) refused(await pressed(id, { as: 'outsider' }, message));
    bot.sandbox.removeMember('outsider', 1);
  });

  test.each([
    'scan:10.0.0.1:1-65535',
    'scan:rescan:127.0.0.1',
    'scan:rescan:__proto__',
    'scan:rescan:AAAAAAAAAAAAAAAA',
    'scan:constructor:x',
    '__proto__:rescan:x',
    'v9:scan:rescan:x',
    'x'.repeat(100),
    ' ',
  ])('a forged one is refused: %j', async (customId) => {
    refused(await pressed(customId, { as: 'owner' }));
  });
});
