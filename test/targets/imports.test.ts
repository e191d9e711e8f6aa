import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parsePattern } from '../../src/policy/pattern.ts';
import { MAX_ENTRIES } from '../../src/targets/edit.ts';
import { MAX_FILE_BYTES } from '../../src/targets/importFile.ts';
import { createImports } from '../../src/targets/imports.ts';
import { PENDING_MS } from '../../src/targets/pendingImports.ts';
import { bytes, entry, memoryAllowlists, NOW, OPEN, said } from './support.ts';

const WHO = { guildId: '1', userId: '7' };
const OTHER_PERSON = { guildId: '1', userId: '8' };
const OTHER_SERVER = { guildId: '10', userId: '7' };
const atOnce = <T>(work: () => Promise<T>) => work();

async function setUp(operator = OPEN) {
  const { database, allowlists } = await memoryAllowlists();
  const clock = { nowMs: NOW };
  const files = new Map<string, Uint8Array>();
  const imports = createImports({
    allowlists,
    operator,
    download: async (url) => files.get(url) ?? new Uint8Array(),
    now: () => clock.nowMs,
    randomId: () => randomBytes(16).toString('base64url'),
  });
  const store = (...entries: ReturnType<typeof entry>[]) =>
    allowlists.update(WHO.guildId, () => ({ entries, result: undefined }));
  const preview = (text: string, replace = false, who = WHO) => {
    files.set(text, bytes(text));
    return imports.preview(who, { url: text, sizeBytes: text.length, replace }, new AbortController().signal);
  };
  const shown = async (text: string, replace = false, who = WHO) => {
    const previewed = await preview(text, replace, who);
    if (previewed.outcome !== 'preview') throw new Error(JSON.stringify(previewed));
    return previewed;
  };
  const list = async () => (await allowlists.read(WHO.guildId)).map(said);
  return { allowlists, database, clock, imports, store, preview, shown, list };
}

describe('preview and confirm', () => {
  test('nothing is stored before the confirmation', async () => {
    const { imports, store, shown, list } = await setUp();
    await store(entry('a.example.com'), entry('b.example.com', { ports: '22' }));
    const { id, plan } = await shown('target,ports\na.example.com,\nb.example.com,80\nc.example.com,443');
    expect(plan.added.map(said)).toEqual([{ pattern: 'c.example.com', ports: '443' }]);
    expect(plan.changed.map(({ before, entry }) => [before.ports, entry.ports])).toEqual([['22', '80']]);
    expect(plan).toMatchObject({ unchanged: 1, removed: [] });
    expect(await list()).toHaveLength(2);
    expect((await imports.confirm(WHO, id, atOnce)).outcome).toBe('applied');
    expect(await list()).toEqual([
      { pattern: 'a.example.com' },
      { pattern: 'b.example.com', ports: '80' },
      { pattern: 'c.example.com', ports: '443' },
    ]);
  });

  test('replace removes what the file does not name, and fills in what it does not say', async () => {
    const { imports, store, shown, list } = await setUp();
    await store(entry('a.example.com', { ports: '22', note: 'old' }), entry('b.example.com'), entry('*.*.com'));
    const { id, plan } = await shown('a.example.com', true);
    expect(plan.removed.map(({ pattern }) => pattern)).toEqual(['b.example.com', '*.*.com']);
    await imports.confirm(WHO, id, atOnce);
    expect(await list()).toEqual([{ pattern: 'a.example.com' }]);
  });

  test('a file that does not say allow lifts no deny entry', async () => {
    const { store, preview, shown } = await setUp();
    await store(entry('a.example.com', { effect: 'deny' }));
    expect((await preview('a.example.com')).outcome).toBe('nothing-to-do');
    expect((await shown('target,effect\na.example.com,allow')).plan.changed).toHaveLength(1);
  });

  test('what add would refuse is a problem of its line, and nothing else is stored', async () => {
    const blocked = parsePattern('blocked.example.com');
    const { preview, list } = await setUp({ privateRanges: [], blocklist: blocked.ok ? [blocked.value] : [] });
    const file =
      'target,effect\nok.example.com,\n10.0.0.1,\n169.254.169.254,allow\n127.1,\n10.0.0.2,deny\nx.blocked.example.com,';
    const result = await preview(file);
    if (result.outcome !== 'problems') throw new Error(result.outcome);
    expect(result.problems.map(({ line, code }) => [line, code])).toEqual([
      [3, 'private-address'],
      [4, 'special-address'],
      [5, 'ip-shorthand'],
      [7, 'blocklisted'],
    ]);
    expect(await list()).toEqual([]);
  });

  test('an expired entry needs a new end, unless nothing about it changes', async () => {
    const { store, preview } = await setUp();
    await store(entry('a.example.com', { expiresAt: '2026-01-01T00:00:00.000Z' }));
    expect(await preview('a.example.com')).toMatchObject({
      outcome: 'problems',
      problems: [{ line: 1, code: 'expired' }],
    });
    expect((await preview('target,expires\na.example.com,2026-01-01T00:00:00.000Z')).outcome).toBe('nothing-to-do');
    expect((await preview('target,expires\na.example.com,30d')).outcome).toBe('preview');
  });

  test('the list keeps its limit', async () => {
    const { store, preview, shown } = await setUp();
    await store(entry('old.example.com'));
    const names = Array.from({ length: MAX_ENTRIES }, (_, i) => `h${i}.example.com`).join('\n');
    expect(await preview(names)).toMatchObject({ outcome: 'problems', problems: [{ code: 'list-full' }] });
    expect((await shown(names, true)).plan.added).toHaveLength(MAX_ENTRIES);
  });

  test('a file that Discord says is too big is not fetched', async () => {
    const { imports } = await setUp();
    const file = { url: 'never', sizeBytes: MAX_FILE_BYTES + 1, replace: false };
    expect(await imports.preview(WHO, file, new AbortController().signal)).toMatchObject({
      outcome: 'problems',
      problems: [{ code: 'too-big' }],
    });
  });
});

describe('between preview and confirmation', () => {
  test('a change that makes no difference does not matter', async () => {
    const { allowlists, imports, shown, list } = await setUp();
    const { id } = await shown('a.example.com');
    await allowlists.update('1', (entries) => ({ entries: [...entries, entry('other.example.com')], result: 0 }));
    expect((await imports.confirm(WHO, id, atOnce)).outcome).toBe('applied');
    expect(await list()).toEqual([{ pattern: 'other.example.com' }, { pattern: 'a.example.com' }]);
  });

  test.each([
    ['the same entry, otherwise', false, entry('a.example.com', { ports: '22' })],
    ['the same entry, denied', false, entry('a.example.com', { effect: 'deny' as const })],
    ['an entry that would now be removed', true, entry('other.example.com')],
  ])('%s: a new preview, and nothing stored', async (_what, replace, meanwhile) => {
    const { allowlists, imports, shown, list } = await setUp();
    const { id } = await shown('target,ports,effect\na.example.com,80,allow', replace);
    await allowlists.update('1', (entries) => ({ entries: [...entries, meanwhile], result: 0 }));
    const again = await imports.confirm(WHO, id, atOnce);
    if (again.outcome !== 'preview') throw new Error(again.outcome);
    expect(again.id).not.toBe(id);
    expect(await list()).toEqual([said(meanwhile)]);
    expect((await imports.confirm(WHO, again.id, atOnce)).outcome).toBe('applied');
    expect((await list()).at(-1)).toEqual({ pattern: 'a.example.com', ports: '80' });
  });

  test('all done by somebody else', async () => {
    const { imports, store, shown } = await setUp();
    const { id } = await shown('a.example.com');
    await store(entry('a.example.com'));
    expect((await imports.confirm(WHO, id, atOnce)).outcome).toBe('nothing-to-do');
  });

  test('two people confirm at once: both files are in the list', async () => {
    const { imports, shown, list } = await setUp();
    const [one, two] = [await shown('a.example.com'), await shown('b.example.com', false, OTHER_PERSON)];
    const ends = await Promise.all([
      imports.confirm(WHO, one.id, atOnce),
      imports.confirm(OTHER_PERSON, two.id, atOnce),
    ]);
    expect(ends.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
    expect(await list()).toHaveLength(2);
  });
});

describe('ids', () => {
  test('are done once, also when pressed twice at once', async () => {
    const { imports, shown } = await setUp();
    const { id } = await shown('a.example.com');
    const ends = await Promise.all([imports.confirm(WHO, id, atOnce), imports.confirm(WHO, id, atOnce)]);
    expect(ends.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'gone']);
    expect(imports.cancel(WHO, id)).toBe('gone');
  });

  test('belong to one person in one server', async () => {
    const { imports, shown } = await setUp();
    const { id } = await shown('a.example.com');
    expect((await imports.confirm(OTHER_SERVER, id, atOnce)).outcome).toBe('gone');
    expect((await imports.confirm(OTHER_PERSON, id, atOnce)).outcome).toBe('not-yours');
    expect(imports.cancel(OTHER_PERSON, id)).toBe('not-yours');
    expect((await imports.confirm(WHO, id, atOnce)).outcome).toBe('applied');
  });

  test('last ten minutes', async () => {
    const { clock, imports, shown } = await setUp();
    const first = await shown('a.example.com');
    clock.nowMs += PENDING_MS - 1;
    expect((await imports.confirm(WHO, first.id, atOnce)).outcome).toBe('applied');
    const second = await shown('b.example.com');
    clock.nowMs += PENDING_MS;
    expect((await imports.confirm(WHO, second.id, atOnce)).outcome).toBe('gone');
  });

  test('a new file takes the place of the one before; a cancelled one is gone', async () => {
    const { imports, shown, list } = await setUp();
    const first = await shown('a.example.com');
    const second = await shown('b.example.com');
    expect((await imports.confirm(WHO, first.id, atOnce)).outcome).toBe('gone');
    expect(imports.cancel(WHO, second.id)).toBe('cancelled');
    expect((await imports.confirm(WHO, second.id, atOnce)).outcome).toBe('gone');
    expect(await list()).toEqual([]);
  });

  test('what could not be stored can be confirmed again', async () => {
    const { database, imports, shown, list } = await setUp();
    const { id } = await shown('a.example.com');
    const store = database.store('allowlists');
    const set = store.set.bind(store);
    store.set = async () => false;
    await expect(imports.confirm(WHO, id, atOnce)).rejects.toThrow(/did not accept/);
    store.set = set;
    expect((await imports.confirm(WHO, id, atOnce)).outcome).toBe('applied');
    expect(await list()).toHaveLength(1);
  });
});
