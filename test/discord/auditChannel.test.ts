import { MessageFlags } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { type AuditChannelDeps, createAuditChannel, type SilentMessage } from '../../src/discord/auditChannel.ts';
import { md } from '../../src/discord/markdown.ts';
import { ENGLISH } from '../../src/i18n/index.ts';

/** A clock whose timers are called by hand. */
function clock() {
  let nowMs = 1_000_000;
  let timers: { atMs: number; callback: () => void }[] = [];
  return {
    now: () => nowMs,
    turnBack: (ms: number) => {
      nowMs -= ms;
      for (const timer of timers) timer.atMs -= ms;
    },
    after: (delayMs: number, callback: () => void) => {
      const timer = { atMs: nowMs + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    pass: async (ms: number) => {
      const endMs = nowMs + ms;
      for (;;) {
        const next = timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (!next) break;
        timers = timers.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.callback();
        await new Promise((resolve) => setImmediate(resolve));
      }
      nowMs = endMs;
      await new Promise((resolve) => setImmediate(resolve));
    },
    waiting: () => timers.length,
  };
}

function setup(send?: AuditChannelDeps['send']) {
  const time = clock();
  const sent: { channelId: string; atMs: number; message: SilentMessage }[] = [];
  const errors: unknown[] = [];
  const channel = createAuditChannel({
    languageOf: () => ENGLISH,
    send: async (channelId, message) => {
      await send?.(channelId, message);
      sent.push({ channelId, atMs: time.now(), message });
    },
    now: time.now,
    after: time.after,
    onError: (_, error) => errors.push(error),
  });
  const text = (i: number) => sent[i]?.message.embeds[0]?.description ?? '';
  const footer = (i: number) => sent[i]?.message.embeds[0]?.footer?.text;
  const post = (seq: number, channelId = 'c') =>
    channel.post(channelId, md`line ${seq}`, { seq, hash: String(seq % 10).repeat(64) });
  return { time, sent, errors, channel, text, footer, post };
}
const refusal = (status: number) => Object.assign(new Error(`status ${status}`), { status });

describe('the audit channel', () => {
  test('tells the first line at once, with the hash of the log end, silently', async () => {
    const { time, sent, post, text, footer } = setup();
    post(1);
    await time.pass(0);
    expect(text(0)).toBe('line 1');
    expect(footer(0)).toBe(`Record 1, chain ${'1'.repeat(64)}`);
    expect(sent[0]?.message).toMatchObject({
      allowedMentions: { parse: [] },
      flags: MessageFlags.SuppressNotifications,
      files: [],
      components: [],
    });
  });

  test('then collects: one message in five seconds, with the latest hash', async () => {
    const { time, sent, post, text, footer } = setup();
    for (let seq = 1; seq <= 40; seq++) {
      post(seq);
      await time.pass(500);
    }
    await time.pass(60_000);
    const gaps = sent.slice(1).map(({ atMs }, i) => atMs - (sent[i]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5_000);
    expect(text(1).split('\n')).toEqual(Array.from({ length: 9 }, (_, i) => `line ${i + 2}`));
    expect(footer(1)).toMatch(/^Record 10, chain 0{64}$/);
    expect(
      sent
        .map((_, i) => text(i))
        .join('\n')
        .match(/^line \d+$/gm),
    ).toHaveLength(40);
    expect(time.waiting()).toBe(0);
  });

  test('at most twenty lines a message; the rest is counted, and its end is witnessed', async () => {
    const { time, sent, post, text, footer } = setup();
    for (let seq = 1; seq <= 57; seq++) post(seq);
    await time.pass(10_000);
    expect(sent).toHaveLength(1);
    expect(text(0).split('\n')).toHaveLength(21);
    expect(text(0)).toMatch(/line 20\n…and 37 more in \/audit list$/);
    expect(footer(0)).toContain('Record 57,');
    post(58);
    await time.pass(10_000);
    expect(text(1)).toBe('line 58');
  });

  test('lines that arrive in another order do not turn the witness back', async () => {
    const { time, post, footer } = setup();
    for (const seq of [2, 3, 1]) post(seq);
    await time.pass(0);
    expect(footer(0)).toContain('Record 3,');
  });

  test('channels do not wait for each other', async () => {
    const { time, sent, post } = setup();
    post(1, 'a');
    post(1, 'b');
    await time.pass(0);
    expect(sent.map(({ channelId }) => channelId).sort()).toEqual(['a', 'b']);
  });

  test.each([403, 404])('after %i the channel is left alone until it is set again', async (status) => {
    let calls = 0;
    let broken = true;
    const { time, sent, errors, channel, post } = setup(async (channelId) => {
      calls += 1;
      if (broken && channelId === 'c') throw refusal(status);
    });
    post(1);
    await time.pass(0);
    for (let seq = 2; seq < 50; seq++) post(seq);
    await time.pass(60_000);
    expect(calls).toBe(1);
    expect(errors).toHaveLength(1);
    expect(time.waiting()).toBe(0);
    post(1, 'other');
    await time.pass(0);
    expect(sent).toHaveLength(1);
    broken = false;
    channel.reset('c');
    post(50);
    await time.pass(0);
    expect(sent.at(-1)?.message.embeds[0]?.description).toBe('line 50');
  });

  test('any other failure is not repeated by itself; the next message counts what was not told', async () => {
    let failures = 2;
    let calls = 0;
    const { time, errors, post, text } = setup(async () => {
      calls += 1;
      if (failures-- > 0) throw refusal(500);
    });
    post(1);
    await time.pass(60_000);
    expect(calls).toBe(1);
    post(2);
    post(3);
    await time.pass(60_000);
    post(4);
    await time.pass(60_000);
    expect(calls).toBe(3);
    expect(errors).toHaveLength(2);
    expect(text(0)).toBe('line 4\n…and 3 more in /audit list');
  });

  test('a slow Discord: one message under way; never throws, whatever it throws', async () => {
    let release = () => {};
    let inFlight = 0;
    let most = 0;
    const { time, post, sent } = setup(async () => {
      most = Math.max(most, ++inFlight);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      inFlight -= 1;
    });
    post(1);
    await time.pass(0);
    post(2);
    await time.pass(60_000);
    release();
    await time.pass(0);
    await time.pass(60_000);
    release();
    await time.pass(0);
    expect(most).toBe(1);
    expect(sent).toHaveLength(2);
    for (const thrown of [undefined, null, 'text', 403]) {
      const odd = setup(() => Promise.reject(thrown));
      odd.post(1);
      await odd.time.pass(0);
      expect(odd.errors).toEqual([thrown]);
    }
  });

  test('a clock that was put back a day delays no more than five seconds', async () => {
    const { time, sent, post } = setup();
    post(1);
    await time.pass(0);
    time.turnBack(86_400_000);
    post(2);
    await time.pass(5_000);
    expect(sent).toHaveLength(2);
  });

  test('stopping sends what waits at once, also behind what is under way, and nothing after', async () => {
    let release = () => {};
    let isFirst = true;
    const { time, sent, channel, post } = setup(() =>
      isFirst
        ? new Promise<void>((resolve) => {
            isFirst = false;
            release = resolve;
          })
        : Promise.resolve(),
    );
    post(1);
    await time.pass(0);
    post(2);
    post(2, 'other');
    let stopped = false;
    const stopping = channel.stop().then(() => {
      stopped = true;
    });
    await time.pass(60_000);
    expect(stopped).toBe(false);
    release();
    await stopping;
    expect(sent).toHaveLength(3);
    post(3);
    await time.pass(60_000);
    expect(sent).toHaveLength(3);
  });
});
