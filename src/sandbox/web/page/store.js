/** @import { APIMessage } from 'discord.js' */
/** @import { GuildView, PersonView, Place, Responded, Welcome } from '../protocol.ts' */

/**
 * Something that was sent and has no answer yet, or never got one.
 * @typedef {{ interaction: string, channel: string, text: string, failed: boolean, isCommand: boolean }} Pending
 */

/** What the page knows. Whoever shows it subscribes and is told of every change. */
export class Store {
  /** @type {Welcome} */
  welcome = { bot: { id: '', name: '' }, people: [], guilds: [], names: {}, tour: [] };
  /** @type {PersonView | undefined} */
  person;
  /** @type {Place} */
  place = { guild: null, channel: '' };
  /** By id, oldest first. @type {Map<string, APIMessage>} */
  messages = new Map();
  /** Ids of private messages that were sent away. @type {Set<string>} */
  dismissed = new Set();
  /** What was typed, by interaction. @type {Map<string, string>} */
  typed = new Map();
  /** @type {Map<string, Pending>} */
  pending = new Map();
  /** Channels with something new. @type {Set<string>} */
  unread = new Set();
  online = false;
  connected = false;

  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  changed() {
    for (const listener of this.#listeners) listener();
  }

  /** @returns {GuildView | undefined} */
  get guild() {
    return this.welcome.guilds.find(({ id }) => id === this.place.guild);
  }

  /** @returns {readonly GuildView[]} */
  get guilds() {
    return this.welcome.guilds.filter(({ id }) => this.person?.guilds.includes(id));
  }

  get channelName() {
    if (this.place.guild === null) return this.welcome.bot.name;
    return this.guild?.channels.find(({ id }) => id === this.place.channel)?.name ?? '';
  }

  /** @param {string} id */
  nameOf = (id) => this.welcome.names[id];

  /** @param {Welcome} welcome */
  greet(welcome) {
    this.welcome = welcome;
    this.pending.clear();
  }

  /** @param {PersonView} person */
  become(person) {
    this.person = person;
    this.unread.clear();
    const isThere = this.place.guild === null ? false : person.guilds.includes(this.place.guild);
    const first = this.guilds[0];
    if (!isThere && first) this.place = { guild: first.id, channel: first.channels[0]?.id ?? '' };
    this.changed();
  }

  /** @param {Place} place */
  go(place) {
    this.place = place;
    this.unread.delete(place.channel);
    this.changed();
  }

  /**
   * @param {boolean} reset
   * @param {readonly APIMessage[]} changed
   * @param {readonly string[]} removed
   */
  take(reset, changed, removed) {
    if (reset) this.messages.clear();
    for (const id of removed) this.messages.delete(id);
    for (const message of changed) {
      const isNew = !this.messages.has(message.id);
      this.messages.set(message.id, message);
      if (!reset && isNew && message.channel_id !== this.place.channel) this.unread.add(message.channel_id);
      const interaction = message.interaction_metadata?.id;
      if (interaction !== undefined) this.pending.delete(interaction);
    }
    this.changed();
  }

  /** The messages of the open channel, oldest first. Ids grow with time. */
  get shown() {
    const here = [...this.messages.values()].filter(
      ({ id, channel_id }) => channel_id === this.place.channel && !this.dismissed.has(id),
    );
    return here.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  }

  /** @param {Responded} responded */
  respond({ interaction, response }) {
    const waiting = this.pending.get(interaction);
    if (!waiting) return;
    if (response === 'timeout') this.pending.set(interaction, { ...waiting, failed: true });
    else this.pending.delete(interaction);
    this.changed();
  }
}
