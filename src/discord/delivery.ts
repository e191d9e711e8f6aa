import { setTimeout as delay } from 'node:timers/promises';
import { type Client, DiscordAPIError, InteractionWebhook, PermissionFlagsBits, RESTJSONErrorCodes } from 'discord.js';
import type { Logger } from '../log.ts';
import { isGone } from './interaction.ts';
import type { RenderedMessage } from './render.ts';

/** Where a reply stands: enough to write into it, also after a restart. */
export interface ReplyPlace {
  readonly interactionId: string;
  readonly applicationId: string;
  /** Good until {@link expiresAtMs}. */
  readonly token: string;
  readonly channelId: string;
  /** Epoch milliseconds, by the clock of this machine. */
  readonly expiresAtMs: number;
}

/**
 * `edited`: the answer stands in the reply. `posted`: it came too late, and stands in the channel. `undelivered`: nobody
 * can be told. `pending`: told to stop while Discord was out of reach.
 */
export type Delivered = 'edited' | 'posted' | 'undelivered' | 'pending';

export interface DeliveryOptions {
  /** What to say in the channel, as a message of the bot's own, when the reply can no longer be written into. */
  readonly late?: RenderedMessage | undefined;
  /** Ends the waiting, not a request under way. */
  readonly signal: AbortSignal;
}

export interface Delivery {
  /** One attempt to change the reply; rejects when Discord does not take it. */
  edit(place: ReplyPlace, message: RenderedMessage): Promise<void>;
  /**
   * Puts the answer where its reply is. Outlasts a Discord that is slow or away: tries again, less and less often, until
   * the reply's token has expired. Rejects only for what trying again does not mend, such as a message that Discord does
   * not take.
   */
  deliver(place: ReplyPlace, message: RenderedMessage, options: DeliveryOptions): Promise<Delivered>;
}

export interface DeliveryDeps {
  readonly client: Client<true>;
  readonly log: Logger;
  readonly now: () => number;
  /** Resolves after so many milliseconds; rejects when the signal is aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** After the token has expired, a message of the bot's own is tried for so long. */
const POST_WITHIN_MS = 60 * 60_000;

const EXPIRED: ReadonlySet<unknown> = new Set([
  RESTJSONErrorCodes.InvalidWebhookToken,
  RESTJSONErrorCodes.UnknownWebhook,
]);
const MAY_POST = [PermissionFlagsBits.ViewChannel, PermissionFlagsBits.SendMessages, PermissionFlagsBits.EmbedLinks];

export function createDelivery({ client, log, now, sleep = wait }: DeliveryDeps): Delivery {
  /** Runs until it works; undefined when time is over, `pending` when told to stop. What cannot be mended is thrown. */
  async function persist<T>(work: () => Promise<T>, untilMs: number, signal: AbortSignal, what: object) {
    for (let waitMs = FIRST_WAIT_MS; now() < untilMs; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        return { value: await work() };
      } catch (err) {
        if (!isTransient(err)) throw err;
        log.info({ ...what, err, waitMs }, 'Discord did not take an answer: trying again');
      }
      try {
        await sleep(Math.min(waitMs, Math.max(0, untilMs - now())), signal);
      } catch {
        return 'pending' as const;
      }
    }
    return undefined;
  }

  async function edit(place: ReplyPlace, { embeds, components, files }: RenderedMessage): Promise<void> {
    const webhook = new InteractionWebhook(client, place.applicationId, place.token);
    const content = { embeds: [...embeds], components: [...components], files: [...files], content: null };
    await webhook.editMessage('@original', content);
  }

  /** False: the bot may not write there, or there is no such channel any more. */
  async function post(channelId: string, { embeds, components, files }: RenderedMessage): Promise<boolean> {
    const channel = await client.channels.fetch(channelId);
    if (!channel?.isSendable() || channel.isDMBased()) return false;
    const me = channel.guild.members.me;
    if (!me || !channel.permissionsFor(me).has(MAY_POST)) return false;
    await channel.send({ embeds: [...embeds], components: [...components], files: [...files] });
    return true;
  }

  async function postLate(place: ReplyPlace, late: RenderedMessage, signal: AbortSignal): Promise<Delivered> {
    const what = { interaction: place.interactionId };
    try {
      const posted = await persist(() => post(place.channelId, late), now() + POST_WITHIN_MS, signal, what);
      if (posted === 'pending') return 'pending';
      if (posted?.value) return 'posted';
      log.info(what, 'an answer came too late, and the bot may not write into the channel');
    } catch (err) {
      log.info({ ...what, err }, 'an answer came too late, and the channel takes none');
    }
    return 'undelivered';
  }

  return {
    edit,
    async deliver(place, message, { late, signal }) {
      const what = { interaction: place.interactionId };
      try {
        const edited = await persist(() => edit(place, message), place.expiresAtMs, signal, what);
        if (edited === 'pending') return 'pending';
        if (edited) return 'edited';
      } catch (err) {
        if (!isGone(err)) throw err;
        log.info({ ...what, err }, 'the reply is gone');
        // Who deleted the reply wants no other.
        if (!EXPIRED.has((err as DiscordAPIError).code)) return 'undelivered';
      }
      return late ? postLate(place, late, signal) : 'undelivered';
    },
  };
}

/** Worth another try: no answer at all, or one that speaks of Discord's own trouble. */
function isTransient(error: unknown): boolean {
  if (error instanceof DiscordAPIError) return error.status >= 500 || error.status === 429;
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number') return status >= 500 || status === 429;
  // Network trouble has a code of Node's or undici's, or is an abort by the request's own time limit.
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === 'AbortError' || name === 'TimeoutError' || (typeof code === 'string' && !code.startsWith('ERR_'));
}

function wait(ms: number, signal: AbortSignal): Promise<unknown> {
  return delay(ms, undefined, { signal });
}
