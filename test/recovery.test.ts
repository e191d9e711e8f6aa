import { describe, expect, test } from 'vitest';
import type { Delivered, Delivery } from '../src/discord/delivery.ts';
import { LANGUAGES } from '../src/i18n/languages.ts';
import { createLogger } from '../src/log.ts';
import { type RecoveryDeps, recoverReplies } from '../src/recovery.ts';
import type { AuditNote } from '../src/scans/audit.ts';
import { openDatabase } from '../src/storage/database.ts';
import { createInterruptedScans } from '../src/storage/interruptedScans.ts';
import { createOpenReplies, type OpenReply } from '../src/storage/openReplies.ts';

const SCAN_REPLY: OpenReply = {
  interactionId: '1',
  applicationId: '2',
  token: 'secret',
  guildId: '3',
  channelId: '4',
  userId: '5',
  command: 'scan',
  openedAt: '2026-01-01T00:00:00.000Z',
  locale: 'en-US',
  scan: { id: 'abc', host: '127.0.0.1', display: '127.0.0.1', ports: '1-9' },
};

/** A database in which one reply was left open, and a Discord that takes endings or does not. */
async function setUp(deps: Partial<RecoveryDeps> = {}) {
  const database = await openDatabase('memory://');
  const openReplies = createOpenReplies(database.store('openReplies'));
  const interruptedScans = createInterruptedScans(database.store('interruptedScans'), {
    retentionDays: async () => 100,
  });
  await openReplies.open(SCAN_REPLY);
  const notes: AuditNote[] = [];
  const said: { title: string | undefined; late: string | undefined }[] = [];
  const discord: { answer: Delivered } = { answer: 'edited' };
  const delivery: Delivery = {
    edit: async () => {},
    followUp: async () => {},
    deliver: async (_place, { embeds }, { late }) => {
      said.push({ title: embeds[0]?.title, late: late?.embeds[0]?.description });
      return discord.answer;
    },
  };
  const restart = async () =>
    recoverReplies(
      await openReplies.list(),
      {
        openReplies,
        interruptedScans,
        delivery,
        records: { find: async () => undefined },
        audit: { tryRecord: async (_actor, note) => void notes.push(note) },
        languages: LANGUAGES,
        log: createLogger({ level: 'silent', secrets: [] }),
        ...deps,
      },
      new AbortController().signal,
    );
  return { restart, openReplies, interruptedScans, notes, said, discord };
}

const broken = async () => {
  throw new Error('the database is away');
};

describe('a scan that died with the bot', () => {
  test('is said to be interrupted, once in the audit log, and can be run again', async () => {
    const { restart, openReplies, interruptedScans, notes, said } = await setUp();
    await restart();
    expect(said).toMatchObject([{ title: 'Interrupted by a restart: 127.0.0.1' }]);
    expect(said[0]?.late).toContain('cut the scan off');
    expect(notes).toMatchObject([{ decision: 'failed', rule: 'interrupted', scanId: 'abc' }]);
    expect(await interruptedScans.find('3', 'abc')).toMatchObject({ requestedPorts: '1-9' });
    expect(await openReplies.list()).toEqual([]);
  });

  test('stands in the audit log once, however often the bot starts before Discord takes the ending', async () => {
    const { restart, openReplies, notes, said, discord } = await setUp();
    discord.answer = 'pending';
    for (let start = 0; start < 3; start += 1) await restart();
    expect(said).toHaveLength(3);
    expect(notes).toHaveLength(1);
    discord.answer = 'edited';
    await restart();
    expect(notes).toHaveLength(1);
    expect(await openReplies.list()).toEqual([]);
  });

  test.each([
    ['read', { records: { find: broken } }],
    ['written', { interruptedScans: { save: broken } }],
  ])('gets its ending also when what became of it cannot be %s', async (_what, deps) => {
    const { restart, openReplies, said } = await setUp(deps);
    await restart();
    expect(said).toMatchObject([{ title: 'Interrupted by a restart: 127.0.0.1' }]);
    expect(await openReplies.list()).toEqual([]);
  });
});
