import { describe, expect, it } from 'vitest';
import { callback, openSandbox, rest, webhook } from './support.ts';

const START = Date.UTC(2026, 5, 1);
const ORIGINAL = '/messages/@original';
const EPHEMERAL = 64;

/** A sandbox whose clock stands still until the test moves it, and a fresh interaction. */
async function atRest() {
  const clock = { ms: START };
  const sandbox = await openSandbox({ now: () => clock.ms });
  const handle = sandbox.interact({ type: 2, data: { name: 'x' } });
  const edit = (content: string) => rest(sandbox, 'PATCH', webhook(sandbox, handle, ORIGINAL), { content }, {});
  return { clock, sandbox, handle, edit };
}

describe('the first response', () => {
  it('is taken up to three seconds after the interaction', async () => {
    const { clock, sandbox, handle } = await atRest();
    clock.ms += 3000;
    expect(await callback(sandbox, handle, 5)).toMatchObject({ status: 200 });
  });

  it('is too late after that', async () => {
    const { clock, sandbox, handle } = await atRest();
    clock.ms += 3001;
    expect(await callback(sandbox, handle, 5)).toMatchObject({
      status: 404,
      body: { code: 10_062, message: 'Unknown interaction' },
    });
  });

  it('is taken once', async () => {
    const { sandbox, handle } = await atRest();
    await callback(sandbox, handle, 5);
    expect(await callback(sandbox, handle, 4, { content: 'c' })).toMatchObject({ status: 400, body: { code: 40_060 } });
  });

  it('may be tried again after a refused body', async () => {
    const { sandbox, handle } = await atRest();
    expect(await callback(sandbox, handle, 4, {})).toMatchObject({ status: 400, body: { code: 50_006 } });
    expect(await callback(sandbox, handle, 4, { content: 'c' })).toMatchObject({ status: 200 });
  });

  it('needs the right token', async () => {
    const { sandbox, handle } = await atRest();
    expect(await callback(sandbox, { ...handle, token: 'guess' }, 5)).toMatchObject({ body: { code: 10_062 } });
    expect(await callback(sandbox, { id: '1', token: handle.token }, 5)).toMatchObject({ body: { code: 10_062 } });
  });

  it('says 204 unless its message was asked for', async () => {
    const { sandbox, handle } = await atRest();
    const path = `/interactions/${handle.id}/${handle.token}/callback`;
    expect(await rest(sandbox, 'POST', path, { type: 5, data: { flags: EPHEMERAL } }, {})).toMatchObject({
      status: 204,
      body: null,
    });
    const other = sandbox.interact({ type: 2, data: { name: 'x' } });
    const { body } = await callback(sandbox, other, 5, { flags: EPHEMERAL });
    expect(body).toMatchObject({
      interaction: { id: other.id, type: 2, response_message_loading: true, response_message_ephemeral: true },
      resource: { type: 5, message: { flags: 128 + EPHEMERAL, content: '' } },
    });
  });
});

describe('the token', () => {
  it('does nothing before the first response', async () => {
    const { edit } = await atRest();
    expect(await edit('early')).toMatchObject({ status: 404, body: { code: 10_015, message: 'Unknown Webhook' } });
  });

  it('edits for fifteen minutes from the interaction, not from the last edit', async () => {
    const { clock, sandbox, handle, edit } = await atRest();
    await callback(sandbox, handle, 5);
    clock.ms = START + 15 * 60_000;
    expect(await edit('in time')).toMatchObject({ status: 200, body: { content: 'in time' } });
    clock.ms += 1;
    const expired = { status: 401, body: { code: 50_027, message: 'Invalid Webhook Token' } };
    expect(await edit('late')).toMatchObject(expired);
    expect(await rest(sandbox, 'POST', webhook(sandbox, handle), { content: 'late' }, {})).toMatchObject(expired);
    expect(await rest(sandbox, 'GET', webhook(sandbox, handle, ORIGINAL), undefined, {})).toMatchObject(expired);
    expect(handle.message()?.content).toBe('in time');
  });

  it('reaches only the messages of its own interaction', async () => {
    const { sandbox, handle } = await atRest();
    await callback(sandbox, handle, 4, { content: 'mine' });
    const other = sandbox.interact({ type: 2, data: { name: 'x' } });
    await callback(sandbox, other, 4, { content: 'theirs' });
    const path = webhook(sandbox, handle, `/messages/${other.message()?.id}`);
    expect(await rest(sandbox, 'PATCH', path, { content: 'x' }, {})).toMatchObject({
      status: 404,
      body: { code: 10_008 },
    });
    expect(other.message()?.content).toBe('theirs');
  });
});

describe('a deferred reply', () => {
  it('stays as hidden or public as it was deferred', async () => {
    const { sandbox, handle } = await atRest();
    await callback(sandbox, handle, 5);
    const path = webhook(sandbox, handle, ORIGINAL);
    const { body } = await rest(sandbox, 'PATCH', path, { content: 'c', flags: EPHEMERAL }, {});
    expect(body.flags).toBe(0);
    expect(sandbox.notices).toHaveLength(1);
    expect(sandbox.channelMessages(body.channel_id, { as: 'member' })).toHaveLength(1);
  });

  it('takes the first follow-up as its edit, which is noted as deprecated', async () => {
    const { sandbox, handle } = await atRest();
    await callback(sandbox, handle, 5, { flags: EPHEMERAL });
    const post = (content: string) => rest(sandbox, 'POST', webhook(sandbox, handle), { content }, {});
    expect((await post('first')).body.id).toBe(handle.message()?.id);
    expect(handle.message()).toMatchObject({ content: 'first', flags: EPHEMERAL });
    expect(handle.followUps()).toEqual([]);
    expect(sandbox.notices.map(({ text }) => text)).toEqual([expect.stringContaining('deprecated')]);
    expect((await post('second')).body.id).not.toBe(handle.message()?.id);
    expect(handle.followUps()).toMatchObject([{ content: 'second' }]);
  });

  it('can be deleted, and then is gone', async () => {
    const { sandbox, handle, edit } = await atRest();
    await callback(sandbox, handle, 5);
    expect(await rest(sandbox, 'DELETE', webhook(sandbox, handle, ORIGINAL), undefined, {})).toMatchObject({
      status: 204,
    });
    expect(handle.message()).toBeNull();
    expect(await edit('x')).toMatchObject({ status: 404, body: { code: 10_008 } });
  });

  it('keeps what an edit does not mention, and takes off what it lists as empty', async () => {
    const { sandbox, handle } = await atRest();
    await callback(sandbox, handle, 4, { content: 'c', embeds: [{ title: 't' }] });
    const patch = (body: object) => rest(sandbox, 'PATCH', webhook(sandbox, handle, ORIGINAL), body, {});
    expect((await patch({ content: 'd' })).body).toMatchObject({ content: 'd', embeds: [{ title: 't' }] });
    expect((await patch({ embeds: [] })).body).toMatchObject({ content: 'd', embeds: [] });
    expect(await patch({ content: null })).toMatchObject({ status: 400, body: { code: 50_006 } });
    expect(handle.history.map(({ at, kind }) => [at, kind])).toEqual([
      [START, 'response'],
      [START, 'edit'],
      [START, 'edit'],
    ]);
  });
});
