import { PermissionFlagsBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { createDelivery, type ReplyPlace } from '../../src/discord/delivery.ts';
import { md } from '../../src/discord/markdown.ts';
import { renderCard } from '../../src/discord/render.ts';
import { createLogger } from '../../src/log.ts';
import { openBot, openSandbox, rest } from '../sandbox/support.ts';

const MINUTE_MS = 60_000;
const message = (title: string) => renderCard({ tone: 'good', title: md`${title}` });
const ANSWER = message('The answer');
const LATE = message('Too late');
const EDITS = /PATCH \/webhooks\/.*/;

/** A reply that has been acknowledged, on a Discord whose clock the test moves; waiting moves it too. */
async function setUp() {
  const clock = { nowMs: Date.now() };
  const sandbox = await openSandbox({ now: () => clock.nowMs });
  const commands = [{ name: 'ask', description: 'Something' }];
  const acknowledged = Promise.withResolvers<ReplyPlace>();
  const { client } = await openBot(sandbox, {
    commands,
    onInteraction: async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply({ flags: 64 });
      const { id, applicationId, token, channelId } = interaction;
      const expiresAtMs = clock.nowMs + 15 * MINUTE_MS;
      acknowledged.resolve({ interactionId: id, applicationId, token, channelId: channelId, expiresAtMs });
    },
  });
  const handle = await sandbox.slash('/ask');
  const place = await acknowledged.promise;
  const waits: number[] = [];
  const delivery = createDelivery({
    client,
    log: createLogger({ level: 'silent', secrets: [] }),
    now: () => clock.nowMs,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
      clock.nowMs += ms;
    },
  });
  const stop = new AbortController();
  const deliver = (late = true) =>
    delivery.deliver(place, ANSWER, { signal: stop.signal, ...(late && { late: LATE }) });
  const posted = () =>
    sandbox
      .channelMessages(place.channelId)
      .filter(({ flags = 0 }) => (flags & 64) === 0)
      .map(({ embeds }) => embeds[0]?.title);
  const edits = () => sandbox.requests.filter(({ method }) => method === 'PATCH').length;
  return { sandbox, clock, handle, place, deliver, waits, stop, posted, edits };
}

describe('an answer', () => {
  test('is put where the reply is', async () => {
    const { handle, deliver, waits } = await setUp();
    expect(await deliver()).toBe('edited');
    expect(handle.message()?.embeds[0]?.title).toBe('The answer');
    expect(waits).toEqual([]);
  });

  test.each([
    ['5xx', { status: 503 }],
    ['dropped connections', { drop: true }],
  ])('outlasts minutes of %s, asking less and less often', async (_what, fault) => {
    const { sandbox, handle, deliver, waits, edits } = await setUp();
    sandbox.fault(EDITS, { ...fault, times: 20 });
    expect(await deliver()).toBe('edited');
    expect(handle.message()?.embeds[0]?.title).toBe('The answer');
    expect(waits.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
    expect(edits()).toBeLessThanOrEqual(21);
  });

  test('that Discord takes only after the token has expired goes to the channel', async () => {
    const { sandbox, deliver, posted, clock, place } = await setUp();
    sandbox.fault(EDITS, { status: 503, times: 1_000 });
    expect(await deliver()).toBe('posted');
    expect(clock.nowMs).toBeGreaterThanOrEqual(place.expiresAtMs);
    expect(posted()).toEqual(['Too late']);
  });

  test('after a long time goes to the channel at once, also when the clocks disagree', async () => {
    const { clock, deliver, posted, place, edits } = await setUp();
    clock.nowMs += 16 * MINUTE_MS;
    (place as { expiresAtMs: number }).expiresAtMs = clock.nowMs + 5 * MINUTE_MS;
    expect(await deliver()).toBe('posted');
    expect(posted()).toEqual(['Too late']);
    expect(edits()).toBe(1);
  });

  test('with nothing to say in the channel is given up', async () => {
    const { clock, deliver, posted } = await setUp();
    clock.nowMs += 16 * MINUTE_MS;
    expect(await deliver(false)).toBe('undelivered');
    expect(posted()).toEqual([]);
  });

  test('is not posted where the bot may not write', async () => {
    const { sandbox, clock, deliver, posted, place } = await setUp();
    sandbox.denyBot(place.channelId, PermissionFlagsBits.SendMessages);
    clock.nowMs += 16 * MINUTE_MS;
    expect(await deliver()).toBe('undelivered');
    expect(posted()).toEqual([]);
  });

  test('is posted once when the answers to the post get lost', async () => {
    const { sandbox, clock, deliver, posted } = await setUp();
    sandbox.fault(/POST \/channels\/.*/, { loseAnswer: true, times: 100 });
    clock.nowMs += 16 * MINUTE_MS;
    expect(await deliver()).toBe('undelivered');
    expect(posted()).toEqual(['Too late']);
    expect(sandbox.requests.filter(({ method }) => method === 'POST').length).toBeLessThan(20);
  });

  test('to a deleted channel is tried once', async () => {
    const { sandbox, clock, deliver, waits, place } = await setUp();
    sandbox.deleteChannel(place.channelId);
    clock.nowMs += 16 * MINUTE_MS;
    expect(await deliver()).toBe('undelivered');
    expect(waits).toEqual([]);
  });

  test('whose reply somebody deleted is not said elsewhere', async () => {
    const { sandbox, deliver, posted, edits, place } = await setUp();
    await rest(sandbox, 'DELETE', `/webhooks/${place.applicationId}/${place.token}/messages/@original`);
    expect(await deliver()).toBe('undelivered');
    expect(posted()).toEqual([]);
    expect(edits()).toBe(1);
  });

  test('waits for the next start when the bot stops meanwhile', async () => {
    const { sandbox, deliver, stop, posted } = await setUp();
    sandbox.fault(EDITS, { status: 503, times: 1_000 });
    stop.abort();
    expect(await deliver()).toBe('pending');
    expect(posted()).toEqual([]);
  });
});
