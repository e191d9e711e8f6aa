import { REST, RESTEvents, type RESTOptions } from 'discord.js';

/** "Interaction endpoints" of Discord's reference: the callback, and what the interaction's token edits and sends. */
const INTERACTION_ROUTE = /^\/(?:interactions|webhooks)\/\d+\/[^/?]+/;

/**
 * How often to forget buckets that rest, in milliseconds. Each interaction's token has a bucket of its own that is never
 * used again; with the library's hour, a busy bot keeps hundreds of thousands of them.
 */
const FORGET_BUCKETS_EVERY_MS = 60_000;

type Request = Parameters<REST['queueRequest']>[0];

/**
 * discord.js's REST, with a second one behind it for interactions.
 *
 * Discord allows a bot 50 requests a second, but "interaction endpoints are not bound to the bot's global rate limit"
 * (Rate Limits in Discord's reference). discord.js exempts the callback alone: edits of replies and follow-ups wait for
 * the 50, and use them up for the calls that are bound. Here they do neither. The limits of each bucket, 429 and
 * retries work the same on both sides, and listeners hear of both.
 */
export class DiscordRest extends REST {
  readonly #interactions: REST;

  constructor(options: Partial<RESTOptions>) {
    super(options);
    this.#interactions = new REST({
      ...options,
      globalRequestsPerSecond: Number.POSITIVE_INFINITY,
      handlerSweepInterval: FORGET_BUCKETS_EVERY_MS,
    });
    const { Response, RateLimited, InvalidRequestWarning } = RESTEvents;
    this.#interactions.on(Response, (...heard) => this.emit(Response, ...heard));
    this.#interactions.on(RateLimited, (...heard) => this.emit(RateLimited, ...heard));
    this.#interactions.on(InvalidRequestWarning, (...heard) => this.emit(InvalidRequestWarning, ...heard));
  }

  override async queueRequest(request: Request) {
    // What carries the bot's token is bound, whatever it is for.
    const isUnbound = request.auth === false && INTERACTION_ROUTE.test(request.fullRoute);
    return isUnbound ? this.#interactions.queueRequest(request) : super.queueRequest(request);
  }

  override clearHashSweeper(): void {
    super.clearHashSweeper();
    this.#interactions.clearHashSweeper();
  }

  override clearHandlerSweeper(): void {
    super.clearHandlerSweeper();
    this.#interactions.clearHandlerSweeper();
  }
}
