import { Events, PermissionFlagsBits } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { openBot, openSandbox, rest, until } from './support.ts';

async function open() {
  const sandbox = await openSandbox();
  const bot = await openBot(sandbox, { commands: [{ name: 'scan', description: 'd' }] });
  const [first, second] = sandbox.world.guilds;
  if (!first || !second) throw new Error('no servers');
  return { sandbox, first, second, ...bot };
}

describe('members and roles', () => {
  it('gives and takes roles: the next payload and the REST API say so, the gateway does not', async () => {
    const { sandbox, first, client } = await open();
    const heard: string[] = [];
    client.on(Events.Raw, ({ t }) => heard.push(t));
    const role = sandbox.createRole(1, { name: 'Scanners' });
    await until(() => client.guilds.cache.get(first.id)?.roles.cache.has(role.id) === true);
    const { member } = sandbox.world.people;
    sandbox.setRoles('member', 1, ['Scanners']);
    const rolesOf = (handle: { payload: unknown }) => (handle.payload as { member: { roles: string[] } }).member.roles;
    expect(rolesOf(await sandbox.slash('/scan', { as: 'member' }))).toEqual([role.id]);
    expect(await rest(sandbox, 'GET', `/guilds/${first.id}/members/${member.id}`)).toMatchObject({
      status: 200,
      body: { roles: [role.id], user: { id: member.id } },
    });
    sandbox.setRoles('member', 1, []);
    expect(rolesOf(await sandbox.slash('/scan', { as: 'member' }))).toEqual([]);
    await until(() => heard.length === 3);
    expect(heard).toEqual(['GUILD_ROLE_CREATE', 'INTERACTION_CREATE', 'INTERACTION_CREATE']);
    expect(() => sandbox.setRoles('member', 1, ['nope'])).toThrow('no role nope');
    expect(() => sandbox.setRoles('outsider', 1, [])).toThrow('not a member');
  });

  it('roles carry permissions, and are lost when deleted', async () => {
    const { sandbox, first, client } = await open();
    const { id } = sandbox.createRole(1, { name: 'Deputies', permissions: PermissionFlagsBits.ManageGuild });
    sandbox.setRoles('member', 1, [id]);
    const permissionsNow = async () => {
      const { payload } = await sandbox.slash('/scan', { as: 'member' });
      return BigInt((payload as { member: { permissions: string } }).member.permissions);
    };
    expect((await permissionsNow()) & PermissionFlagsBits.ManageGuild).toBe(PermissionFlagsBits.ManageGuild);
    sandbox.deleteRole(1, 'Deputies');
    expect((await permissionsNow()) & PermissionFlagsBits.ManageGuild).toBe(0n);
    await until(() => client.guilds.cache.get(first.id)?.roles.cache.has(id) === false);
    expect(() => sandbox.deleteRole(1, first.id)).toThrow('@everyone');
  });

  it('who was removed is unknown, cannot type, and may come back', async () => {
    const { sandbox, first } = await open();
    const { member } = sandbox.world.people;
    sandbox.removeMember('member', 1);
    expect((await rest(sandbox, 'GET', `/guilds/${first.id}/members/${member.id}`)).body.code).toBe(10_007);
    await expect(sandbox.slash('/scan', { as: 'member' })).rejects.toThrow('not a member of Harbor Ops');
    sandbox.addMember('member', 1, ['Admins']);
    expect((await sandbox.slash('/scan', { as: 'member' })).payload).toMatchObject({ guild_id: first.id });
    expect((await rest(sandbox, 'GET', `/guilds/${first.id}/members/1`)).body.code).toBe(10_013);
    expect(() => sandbox.removeMember('owner', 1)).toThrow('owner');
  });
});

describe('the bot in a server', () => {
  it('removed: it is told, and the server is out of reach', async () => {
    const { sandbox, first, client } = await open();
    const channel = first.channels[0]?.id ?? '';
    await client.application.commands.set([{ name: 'local', description: 'd' }], first.id);
    const gone = new Promise((resolve) => client.once(Events.GuildDelete, resolve));
    sandbox.removeBot(1);
    expect(await gone).toMatchObject({ id: first.id });
    expect(client.guilds.cache.has(first.id)).toBe(false);
    await expect(sandbox.slash('/scan')).rejects.toThrow('The bot is not in Harbor Ops');
    expect((await rest(sandbox, 'POST', `/channels/${channel}/messages`, { content: 'x' })).body.code).toBe(50_001);
    expect((await rest(sandbox, 'GET', `/guilds/${first.id}`)).body.code).toBe(10_004);
    const commands = `/applications/${sandbox.world.application.id}/guilds/${first.id}/commands`;
    expect((await rest(sandbox, 'GET', commands)).body.code).toBe(50_001);
    expect((await rest(sandbox, 'GET', '/users/@me/guilds')).body).toHaveLength(1);
    expect(() => sandbox.removeBot(1)).toThrow('"removed"');
  });

  it('added again: a new server to it, with a role of its own and without its old commands', async () => {
    const { sandbox, first, client } = await open();
    await client.application.commands.set([{ name: 'local', description: 'd' }], first.id);
    sandbox.removeBot(1);
    await until(() => !client.guilds.cache.has(first.id));
    const added = new Promise((resolve) => client.once(Events.GuildCreate, resolve));
    sandbox.addBot('Harbor Ops');
    expect(await added).toMatchObject({ id: first.id });
    expect(sandbox.commands(first.id).map(({ name }) => name)).toEqual(['scan']);
    const channel = await client.channels.fetch(first.channels[0]?.id ?? '');
    if (!channel?.isSendable()) throw new Error('no channel');
    await channel.send('back');
  });

  it('an outage is not a removal, and it ends', async () => {
    const { sandbox, first, client } = await open();
    const heard: string[] = [];
    client.on(Events.GuildDelete, () => heard.push('removed'));
    client.on(Events.GuildUnavailable, () => heard.push('unavailable'));
    client.on(Events.GuildAvailable, () => heard.push('available'));
    client.on(Events.GuildCreate, () => heard.push('added'));
    sandbox.beginOutage(1);
    await until(() => heard.length === 1);
    expect(client.guilds.cache.get(first.id)?.available).toBe(false);
    await expect(sandbox.slash('/scan')).rejects.toThrow('not available');
    sandbox.endOutage(1);
    await until(() => heard.length === 2);
    expect(heard).toEqual(['unavailable', 'available']);
    await sandbox.slash('/scan');
  });

  it('who logs in later sees the servers as they are then', async () => {
    const { sandbox, first, second } = await open();
    sandbox.removeBot(1);
    const { client } = await openBot(sandbox);
    expect([...client.guilds.cache.keys()]).toEqual([second.id]);
    expect(client.guilds.cache.has(first.id)).toBe(false);
  });

  it('hears of permissions that it loses in a channel', async () => {
    const { sandbox, first, client } = await open();
    const id = first.channels[0]?.id ?? '';
    const mayPost = () => {
      const channel = client.guilds.cache.get(first.id)?.channels.cache.get(id);
      return channel?.permissionsFor(client.user.id)?.has(PermissionFlagsBits.SendMessages);
    };
    expect(mayPost()).toBe(true);
    sandbox.denyBot(id, PermissionFlagsBits.SendMessages);
    await until(() => mayPost() === false);
    sandbox.denyBot(id, 0n);
    await until(() => mayPost() === true);
  });
});
