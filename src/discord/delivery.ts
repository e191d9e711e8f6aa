import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  DiscordAPIError,
  InteractionWebhook,
  MessageFlags,
  PermissionFlagsBits,
  RESTJSONErrorCodes,
} from 'discord.js';
import type { Logger } from '../log.ts';
import { isGone } from './interaction.ts';
import type { RenderedMessage } from './render.ts';
import { untilStopped } from './untilStopped.ts';

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
  /**
   * Says more, to the same person or to the whole channel. Goes by the token alone: whether this process knows that the
   * interaction was acknowledged does not matter. Tried again as long as Discord says that it did not take it; rejects
   * when it was not taken, or when nobody knows, for a second one would stand beside the first.
   */
  followUp(place: ReplyPlace, message: RenderedMessage, options: FollowUpOptions): Promise<void>;
}

export interface FollowUpOptions {
  readonly isPublic: boolean;
  readonly signal: AbortSignal;
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
/** Posts whose answer was lost, so that nobody knows whether they stand in the channel. */
const MAX_UNSURE_POSTS = 3;
/** For a request under way when the bot stops. */
const STOP_GRACE_MS = 2_000;

const EXPIRED: ReadonlySet<unknown> = new Set([
  RESTJSONErrorCodes.InvalidWebhookToken,
  RESTJSONErrorCodes.UnknownWebhook,
]);
const MAY_POST = [PermissionFlagsBits.ViewChannel, PermissionFlagsBits.SendMessages, PermissionFlagsBits.EmbedLinks];

export function createDelivery({ client, log, now, sleep = wait }: DeliveryDeps): Delivery {
  /** Runs until it works; undefined when time is over, `pending` when told to stop. What cannot be mended is thrown. */
  async function persist<T>(work: () => Promise<T>, { untilMs, signal, what, maxUnsure }: Persistence) {
    let unsure = 0;
    for (let waitMs = FIRST_WAIT_MS; now() < untilMs; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        return (await untilStopped(work(), signal, STOP_GRACE_MS)) ?? ('pending' as const);
      } catch (err) {
        unsure += Number(!isSurelyNotTaken(err));
        if (!isTransient(err) || unsure > maxUnsure) throw err;
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

  const webhookOf = ({ applicationId, token }: ReplyPlace) => new InteractionWebhook(client, applicationId, token);

  async function edit(place: ReplyPlace, message: RenderedMessage): Promise<void> {
    await webhookOf(place).editMessage('@original', { ...contentOf(message), content: null });
  }

  /** False: the bot may not write there, or there is no such channel any more. */
  async function post({ channelId, interactionId }: ReplyPlace, message: RenderedMessage): Promise<boolean> {
    const channel = await client.channels.fetch(channelId);
    if (!channel?.isSendable() || channel.isDMBased()) return false;
    const me = channel.guild.members.me;
    if (!me || !channel.permissionsFor(me).has(MAY_POST)) return false;
    // The nonce makes Discord take it once, also when its answer was lost and it is sent again.
    await channel.send({ ...contentOf(message), nonce: interactionId, enforceNonce: true });
    return true;
  }

  async function postLate(place: ReplyPlace, late: RenderedMessage, signal: AbortSignal): Promise<Delivered> {
    const what = { interaction: place.interactionId };
    try {
      const untilMs = now() + POST_WITHIN_MS;
      const posted = await persist(() => post(place, late), { untilMs, signal, what, maxUnsure: MAX_UNSURE_POSTS });
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
        const edited = await persist(() => edit(place, message), {
          untilMs: place.expiresAtMs,
          signal,
          what,
          maxUnsure: Number.POSITIVE_INFINITY,
        });
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
    async followUp(place, message, { isPublic, signal }) {
      const flags = isPublic ? {} : { flags: MessageFlags.Ephemeral as const };
      const what = { interaction: place.interactionId };
      const send = () => webhookOf(place).send({ ...contentOf(message), ...flags });
      const sent = await persist(send, { untilMs: place.expiresAtMs, signal, what, maxUnsure: 0 });
      if (!sent || sent === 'pending') throw new Error('Discord did not take a message in time');
    },
  };
}

interface Persistence {
  /** Epoch milliseconds. */
  readonly untilMs: number;
  readonly signal: AbortSignal;
  /** For the log. */
  readonly what: object;
  /** Failures that leave open whether it was done, after which it is not tried again. */
  readonly maxUnsure: number;
}

/** discord.js takes mutable arrays. */
function contentOf({ embeds, components, files }: RenderedMessage) {
  return { embeds: [...embeds], components: [...components], files: [...files] };
}

const NO_CONNECTION: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Discord said no, or was never reached. */
function isSurelyNotTaken(error: unknown): boolean {
  const { status, code } = error as { status?: unknown; code?: unknown };
  return typeof status === 'number' || NO_CONNECTION.has(code);
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
