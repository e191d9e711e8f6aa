import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { button, embed, long, row, V2 } from './bodies.ts';
import { REFUSED, TAKEN } from './message-limits.ts';
import { callback, failures, rest, webhook } from './support.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

async function answer(type: number, data: unknown, overrides: object = { type: 2, data: { name: 'x' } }) {
  return await callback(sandbox, sandbox.interact({ ...overrides }), type, data);
}

describe('what Discord refuses', () => {
  it.each(REFUSED)('%s, as the first response', async (_name, body, codes) => {
    const { status, body: error } = await answer(4, body);
    expect({ status, code: error.code, message: error.message }).toEqual({
      status: 400,
      code: 50_035,
      message: 'Invalid Form Body',
    });
    expect(failures(error)).toEqual(codes.map((code) => `data.${code}`));
  });

  it.each(REFUSED)('%s, as an edit, a follow-up and a channel message', async (_name, body, codes) => {
    const handle = sandbox.interact({ type: 2, data: { name: 'x' } });
    await callback(sandbox, handle, 5);
    const channel = `/channels/${sandbox.world.guilds[0]?.channels[0]?.id}/messages`;
    const edit = await rest(sandbox, 'PATCH', webhook(sandbox, handle, '/messages/@original'), body, {});
    const post = await rest(sandbox, 'POST', channel, body);
    await rest(sandbox, 'PATCH', webhook(sandbox, handle, '/messages/@original'), { content: 'done' }, {});
    const follow = await rest(sandbox, 'POST', webhook(sandbox, handle), body, {});
    for (const reply of [edit, post, follow]) expect([reply.status, failures(reply.body)]).toEqual([400, codes]);
  });

  it.each(TAKEN)('but not %s', async (_name, body) => {
    expect(await answer(4, body)).toMatchObject({ status: 200 });
  });

  it.each([
    ['nothing', {}],
    ['blanks', { content: ' \n' }],
    ['components alone', { components: [row(button())] }],
    ['V2 without components', { flags: V2 }],
  ])('an empty message: %s', async (_name, body) => {
    expect(await answer(4, body)).toMatchObject({ status: 400, body: { code: 50_006 } });
  });

  it('says it in exactly Discord’s shape', async () => {
    const { body } = await answer(4, embed({ title: long(257) }));
    const error = { code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 256 or fewer in length.' };
    expect(body).toEqual({
      message: 'Invalid Form Body',
      code: 50_035,
      errors: { data: { embeds: { '0': { title: { _errors: [error] } } } } },
    });
  });
});

describe('mentions', () => {
  const everyone = '@everyone <@MEMBER> <@&1>';
  it.each([
    ['without allowed_mentions', {}, 1, ['1'], true],
    ['with none allowed', { allowed_mentions: { parse: [] } }, 0, [], false],
    ['with one person allowed', { allowed_mentions: { users: ['MEMBER'] } }, 1, [], false],
  ])('%s', async (_name, more, users, roles, all) => {
    const member = sandbox.world.people.member.id;
    const body = JSON.parse(JSON.stringify({ content: everyone, ...more }).replaceAll('MEMBER', member));
    const { message } = (await answer(4, body)).body.resource;
    expect([message.mentions.length, message.mention_roles, message.mention_everyone]).toEqual([users, roles, all]);
  });
});

describe('Components V2', () => {
  it('must have the old text and embeds taken off when an edit turns it on, and cannot be turned off', async () => {
    const handle = sandbox.interact({ type: 2, data: { name: 'x' } });
    await callback(sandbox, handle, 4, { content: 'c' });
    const patch = (body: object) => rest(sandbox, 'PATCH', webhook(sandbox, handle, '/messages/@original'), body, {});
    const turnOn = { flags: V2, components: [{ type: 10, content: 't' }] };
    expect(failures((await patch(turnOn)).body)).toEqual([
      'content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ]);
    expect((await patch({ ...turnOn, content: null })).body).toMatchObject({ flags: V2, content: '' });
    expect((await patch({ content: 'c', flags: 0 })).status).toBe(400);
  });
});
