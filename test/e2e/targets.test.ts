import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bot, startBot } from './harness.ts';

let bot: Bot;
beforeAll(async () => {
  bot = await startBot();
});
afterAll(() => bot?.stop());

const list = async (guild: 1 | 2 = 1) => (await bot.run('/targets list', { guild })).text;

describe('/targets', () => {
  test('starts empty and says how to go on', async () => {
    expect(await list()).toMatch(/allowlist is empty[\s\S]*\/targets add/);
  });

  test('adds with ports, expiry and note; the list shows them; another server sees nothing', async () => {
    const reply = await bot.run('/targets add target:Example.COM. ports:22, 80,443 expires:30d note:our shop, ask Kim');
    expect(reply).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(await list()).toMatch(
      /`example\.com`: until 20\d\d-\d\d-\d\d [\d:]+ UTC, ports 22, 80, 443 · our shop, ask Kim/,
    );
    expect(await list(2)).toMatch(/allowlist is empty/);
  });

  test('the same rule again is refused, another rule for the same target changes it', async () => {
    await bot.run('/targets add target:www.example.org');
    const again = await bot.run('/targets add target:WWW.example.org.');
    expect(again.outcome).toBe('refused');
    expect(again.text).toMatch(/on the list already/);
    const changed = await bot.run('/targets add target:www.example.org ports:443');
    expect(changed.text).toMatch(/Changed: www\.example\.org[\s\S]*port 443[\s\S]*Before: all ports/);
    expect((await list()).match(/www\.example\.org/g)).toHaveLength(1);
  });

  test('changing one thing leaves the others as they were', async () => {
    await bot.run('/targets add target:keep.example.org ports:22 expires:30d note:box');
    const changed = await bot.run('/targets add target:keep.example.org expires:2w');
    expect(changed.text).toMatch(/until .* UTC, port 22/);
    expect(changed.text).toMatch(/Note: box/);
    await bot.run('/targets add target:keep.example.org expires:never ports:all');
    expect(await list()).toMatch(/`keep\.example\.org`: all ports · box/);
  });

  test('removes, in any spelling; what is not there is said', async () => {
    await bot.run('/targets add target:2606:4700::1111');
    expect((await bot.run('/targets remove target:2606:4700:0:0:0:0:0:1111')).outcome).toBe('done');
    const gone = await bot.run('/targets remove target:2606:4700::1111');
    expect(gone.outcome).toBe('refused');
    expect(gone.text).toMatch(/Not on the list/);
  });

  test.each([
    ['target:*.com', /public suffix|no dot/],
    ['target:8.0.0.0/8', /too wide/],
    ['target:8.8.8.8/24', /8\.8\.8\.0\/24/],
    ['target:127.1', /127\.0\.0\.1/],
    ['target:10.0.0.1', /SCAN_PRIVATE_RANGES/],
    ['target:169.254.169.254', /never scanned/],
    ['target:example.net ports:0', /ports/],
    ['target:example.net ports:22;80', /ports/],
    ['target:example.net expires:soon', /expires/],
    ['target:example.net expires:2001-01-01', /past/],
  ])('add %s is refused and stores nothing', async (options, words) => {
    const before = await list();
    const reply = await bot.run(`/targets add ${options}`);
    expect(reply).toMatchObject({ outcome: 'refused', isPrivate: true });
    expect(reply.text).toMatch(words);
    expect(await list()).toBe(before);
  });

  test('a hostile note is shown harmless', async () => {
    await bot.run(
      '/targets add target:hostile.example.net note:@everyone [x](http://e) ```js **b** <@1> \u202e \u0007 # h',
    );
    const text = await list();
    expect(text).not.toMatch(/@everyone|\]\(|```|<@1>|:\/\//);
    expect(text).not.toMatch(/[\p{Cf}]|[^\P{Cc}\n]/u);
    expect(text).toMatch(/＠everyone/);
  });

  test('check tells which rule decides and why', async () => {
    await bot.run('/targets add target:127.0.0.0/24 ports:22');
    const yes = await bot.run('/targets check target:127.0.0.7');
    expect(yes.text).toMatch(/Would be scanned: 127\.0\.0\.7[\s\S]*entry `127\.0\.0\.0\/24`: port 22/);
    const no = await bot.run('/targets check target:127.0.1.7');
    expect(no.text).toMatch(/Would be refused[\s\S]*not on this server's allowlist[\s\S]*Rule: not-allowed/);
  });

  test('a deny entry beats the range that allows, in every answer; add lifts it with a clear sentence', async () => {
    await bot.run('/targets add target:127.9.0.0/24');
    const denied = await bot.run('/targets deny target:127.9.0.7 note:do not touch');
    expect(denied).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(denied.text).toMatch(/Denied: 127\.9\.0\.7[\s\S]*denied on all ports[\s\S]*do not touch/);
    expect(await list()).toMatch(
      /targets? may be scanned, 1 denied\n`127\.9\.0\.7`: denied on all ports · do not touch/,
    );
    const check = await bot.run('/targets check target:127.9.0.7');
    expect(check.text).toMatch(/Would be refused[\s\S]*deny entry 127\.9\.0\.7[\s\S]*Rule: denied/);
    expect((await bot.run('/scan host:127.9.0.7 ports:22')).text).toMatch(/deny entry/);
    expect((await bot.run('/targets check target:127.9.0.8')).text).toMatch(/Would be scanned/);

    const lifted = await bot.run('/targets add target:127.9.0.7');
    expect(lifted.text).toMatch(/Changed: was denied.*denied on all ports.*allowed now/);
    const back = await bot.run('/targets deny target:127.9.0.7');
    expect(back.text).toMatch(/Changed: was allowed/);
    const gone = await bot.run('/targets remove target:127.9.0.7');
    expect(gone.text).toMatch(/is off the list[\s\S]*may be scanned from now on/);
    expect((await bot.run('/targets check target:127.9.0.7')).text).toMatch(/Would be scanned/);
  });

  test('a deny entry with ports takes only these away, and check says so', async () => {
    await bot.run('/targets add target:127.8.0.1 ports:22,80');
    await bot.run('/targets deny target:127.8.0.0/24 ports:80');
    const some = await bot.run('/targets check target:127.8.0.1');
    expect(some.text).toMatch(/Would be scanned[\s\S]*Except by the deny entry `127\.8\.0\.0\/24`: denied on port 80/);
    await bot.run('/targets deny target:127.8.0.0/24 ports:22,80');
    expect((await bot.run('/targets check target:127.8.0.1')).text).toMatch(/Would be refused/);
  });

  test('the same deny entry again is refused; so is what no entry may name', async () => {
    await bot.run('/targets deny target:denied.example.org');
    const again = await bot.run('/targets deny target:DENIED.example.org.');
    expect(again).toMatchObject({ outcome: 'refused' });
    expect(again.text).toMatch(/on the list already as a deny entry/);
    for (const target of ['*', '*.com', '0.0.0.0/0', '127.1']) {
      expect((await bot.run(`/targets deny target:${target}`)).outcome).toBe('refused');
    }
    // Never to be scanned, also if the operator opens the range later.
    expect((await bot.run('/targets deny target:10.0.0.1')).outcome).toBe('done');
  });

  test('export gives the list as a file; a note in it is no formula', async () => {
    await bot.run('/targets add target:formula.example.org note:=HYPERLINK("http://e") @everyone');
    const reply = await bot.run('/targets export');
    expect(reply).toMatchObject({ outcome: 'done', isPrivate: true });
    const attachment = reply.handle.message()?.attachments[0];
    expect(attachment?.filename).toBe('targets.csv');
    const csv = await (await fetch(attachment?.url ?? '')).text();
    expect(csv).toMatch(/^target,effect,ports,expires,note\r\n/);
    expect(csv).toContain('formula.example.org,allow,all,never,"\'=HYPERLINK(""http://e"") @everyone"\r\n');
  });

  test('two at once lose nothing', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `host${i}.example.org`);
    await Promise.all(names.map((name) => bot.run(`/targets add target:${name}`)));
    const text = await list();
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });

  test('without Manage Server the handler refuses, whatever Discord let through', async () => {
    const before = await list();
    const data = {
      id: '1',
      name: 'targets',
      type: 1,
      options: [{ type: 1, name: 'add', options: [{ type: 3, name: 'target', value: 'evil.example.org' }] }],
    };
    const handle = bot.sandbox.interact({ type: 2, data }, { as: 'member' });
    const reply = await bot.finished(handle);
    expect(reply.outcome).toBe('refused');
    expect(reply.text).toMatch(/Manage Server/);
    expect(await list()).toBe(before);
  });

  test('suggestions of entries are for managers only', async () => {
    const data = {
      id: '1',
      name: 'targets',
      type: 1,
      options: [{ type: 1, name: 'remove', options: [{ type: 3, name: 'target', value: 'ex', focused: true }] }],
    };
    const choicesFor = async (as: string) => {
      const handle = bot.sandbox.interact({ type: 4, data }, { as });
      await handle.acknowledged();
      return handle.choices() ?? [];
    };
    expect((await choicesFor('admin')).length).toBeGreaterThan(0);
    expect(await choicesFor('member')).toEqual([]);
  });

  test('hundreds of entries fit, with the whole list attached', async () => {
    for (let i = 0; i < 120; i++) {
      await bot.run(
        `/targets add target:very-long-name-of-a-host-number-${i}.department.example.net note:${'n'.repeat(60)}`,
      );
    }
    const reply = await bot.run('/targets list');
    expect(reply.embed.description?.length).toBeLessThanOrEqual(4096);
    expect(reply.text).toMatch(/…and \d+ more lines, all of it in targets\.txt/);
    expect(reply.handle.message()?.attachments[0]?.filename).toBe('targets.txt');
  });
});
