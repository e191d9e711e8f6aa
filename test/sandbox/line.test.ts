import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientRefusal } from '../../src/sandbox/client/refusal.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { rest } from './support.ts';

const opt = (type: number, name: string, more: object = {}) => ({ type, name, description: 'd', ...more });
const COMMANDS = [
  { name: 'scan', description: 'd', options: [opt(3, 'host', { required: true }), opt(3, 'ports'), opt(5, 'share')] },
  {
    name: 'targets',
    description: 'd',
    options: [
      opt(1, 'list'),
      opt(1, 'add', { options: [opt(3, 'host', { required: true, min_length: 2, max_length: 20 }), opt(3, 'note')] }),
      opt(2, 'owner', { options: [opt(1, 'set', { options: [opt(6, 'who', { required: true })] })] }),
    ],
  },
  {
    name: 'all',
    description: 'd',
    options: [
      opt(4, 'whole', { min_value: 1, max_value: 65535 }),
      opt(10, 'real'),
      opt(3, 'pick', {
        choices: [
          { name: 'Web ports', value: 'web' },
          { name: 'Mail', value: 'mail' },
        ],
      }),
      opt(7, 'where'),
      opt(8, 'role'),
      opt(9, 'any'),
    ],
  },
];

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
  const { status } = await rest(sandbox, 'PUT', `/applications/${sandbox.world.application.id}/commands`, COMMANDS);
  expect(status).toBe(200);
});
afterAll(() => sandbox.stop());

/** The innermost options of the payload, as `name: value`. */
async function sent(line: string): Promise<Record<string, unknown>> {
  const { payload } = await sandbox.slash(line);
  let options = (payload.data as { options?: { name: string; value?: unknown; options?: never }[] }).options ?? [];
  while (options[0]?.options) options = options[0].options;
  return Object.fromEntries(options.map(({ name, value }) => [name, value]));
}

describe('lines', () => {
  it.each([
    ['/scan host:127.0.0.1', { host: '127.0.0.1' }],
    ['  /scan   host:127.0.0.1   ports:22, 80  share:true ', { host: '127.0.0.1', ports: '22, 80', share: true }],
    ['/scan share:FALSE host:[::1]:22', { host: '[::1]:22', share: false }],
    ['/scan host:a nothost:b', { host: 'a nothost:b' }],
    ['/scan host:https://example.com/?a=b:c', { host: 'https://example.com/?a=b:c' }],
    ['/scan host: spaced   out', { host: 'spaced   out' }],
    ['/targets list', {}],
    [
      '/targets add host:db.example note:the old one, by the door',
      { host: 'db.example', note: 'the old one, by the door' },
    ],
    ['/all whole:22 real:-1.5', { whole: 22, real: -1.5 }],
    ['/all pick:Web ports', { pick: 'web' }],
    ['/all pick:mail', { pick: 'mail' }],
  ])('%s', async (line, expected) => {
    expect(await sent(line)).toEqual(expected);
  });

  it('finds people, channels and roles, and resolves them', async () => {
    const { people, guilds } = sandbox.world;
    const channel = guilds[0]?.channels[1]?.id;
    expect(await sent('/targets owner set who:@mel')).toEqual({ who: people.member.id });
    expect(await sent(`/all where:#general role:@everyone any:<@${people.owner.id}>`)).toEqual({
      where: channel,
      role: guilds[0]?.id,
      any: people.owner.id,
    });
    const { payload } = await sandbox.slash('/targets owner set who:admin');
    expect(payload.data).toMatchObject({
      options: [{ type: 2, name: 'owner', options: [{ type: 1, name: 'set', options: [{ type: 6, name: 'who' }] }] }],
      resolved: { users: { [people.admin.id]: { username: 'ada' } }, members: { [people.admin.id]: { flags: 0 } } },
    });
  });

  it.each([
    ['scan', 'A command starts with a slash.'],
    ['/nope', 'There is no command /nope here. There are: /scan, /targets, /all.'],
    ['/scan', '/scan needs host. Write /scan host:…'],
    ['/scan 127.0.0.1', '"127.0.0.1" belongs to no option of /scan. Write /scan host:… ports:… share:…'],
    ['/scan target:a', 'There is no option "target" of /scan. Write /scan host:… ports:… share:…'],
    ['/scan host:', 'host: needs a value.'],
    ['/scan host:a host:b', 'The option "host" may be given once only.'],
    ['/scan host:a share:yes', 'share: must be true or false, not "yes".'],
    ['/targets', '/targets needs one of: list, add, owner.'],
    ['/targets owner', '/targets owner needs one of: set.'],
    ['/targets list now', '"now" belongs to no option of /targets list. /targets list takes none.'],
    ['/targets add host:x', 'host: must have at least 2 characters, this has 1.'],
    ['/targets add host:xxxxxxxxxxxxxxxxxxxxx', 'host: must have at most 20 characters, this has 21.'],
    ['/targets owner set who:nobody', 'who: nobody is called "nobody". There are: @olga, @ada, @mel, @otto, @sam.'],
    ['/all whole:1.5', 'whole: must be a whole number, "1.5" is none.'],
    ['/all whole:0', 'whole: must be 1 or more.'],
    ['/all whole:65536', 'whole: must be 65535 or less.'],
    ['/all pick:x', 'pick: "x" is no choice. Choose one of: Web ports, Mail.'],
    ['/all where:#nowhere', 'where: there is no channel "#nowhere". There are: #ops, #general.'],
  ])('%s → %s', async (line, sentence) => {
    const refusal = await sandbox.slash(line).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ClientRefusal);
    expect((refusal as Error).message).toContain(sentence);
  });

  it('carries any value that holds no option name, blanks around it aside', async () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
      .filter((text) => text.trim() !== '' && !/(?:^|\s)(?:host|ports|share):/.test(` ${text}`));
    await fc.assert(
      fc.asyncProperty(value, value, async (host, ports) => {
        expect(await sent(`/scan host:${host} ports:${ports}`)).toEqual({ host: host.trim(), ports: ports.trim() });
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it('never fails but with a refusal, whatever is typed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 60 }), async (text) => {
        const result = await sandbox.slash(`/${text}`).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(ClientRefusal);
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});
