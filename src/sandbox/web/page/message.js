import { controlsElement } from './controls.js';
import { h, letterPicture } from './dom.js';
import { attachmentsElement, embedElement } from './embed.js';
import { markdown } from './markdown.js';

/** @import { APIMessage, APIUser } from 'discord.js' */
/** @import { GuildView } from '../protocol.ts' */
/** @import { Component, Use } from './controls.js' */
/** @import { NameOf } from './markdown.js' */

const EPHEMERAL = 64;
const LOADING = 128;
const COLOURS = ['#c2410c', '#15803d', '#9333ea', '#be123c', '#0e7490'];

/** Each person has a colour, always the same. */
/** @param {Pick<APIUser, 'id'>} user */
function colourOf({ id }) {
  return COLOURS[Number(id.slice(-4)) % COLOURS.length] ?? '';
}

/** @param {Pick<APIUser, 'id' | 'bot' | 'username' | 'global_name'>} user */
export function avatarOf(user) {
  return user.bot === true ? '/icon.svg' : letterPicture(user.global_name ?? user.username, colourOf(user));
}

/**
 * What a message needs of the page around it.
 * @typedef {{ nameOf: NameOf, guild: GuildView | undefined, typed: string | undefined,
 *   use: (customId: string, values: readonly string[] | null) => void, dismiss: () => void }} MessageContext
 */

/** @param {APIMessage} message */
export const isPrivate = (message) => ((message.flags ?? 0) & EPHEMERAL) !== 0;
/** @param {APIMessage} message */
export const isThinking = (message) => ((message.flags ?? 0) & LOADING) !== 0;

/**
 * The line above a reply: who used which command.
 * @param {APIMessage} message
 * @param {string | undefined} typed
 */
function commandElement(message, typed) {
  const { interaction } = message;
  const user = message.interaction_metadata?.user;
  if (!interaction || !user) return null;
  const name = user.global_name ?? user.username;
  const command = typed ?? interaction.name;
  return h('discord-command', { slot: 'reply', author: name, avatar: avatarOf(user), command });
}

/** @param {() => void} dismiss */
function privateNote(dismiss) {
  return h(
    'div',
    { slot: 'reactions', class: 'private-note' },
    'Only you can see this • ',
    h('button', { type: 'button', class: 'as-link', onclick: dismiss }, 'Dismiss message'),
  );
}

function thinking() {
  return h('span', { class: 'thinking' }, h('span', { class: 'dots', 'aria-hidden': 'true' }, '•••'), ' is thinking…');
}

/** Text in messages without embeds ("Components V2"), at any depth. */
/**
 * @param {readonly Component[]} components
 * @param {NameOf} nameOf
 * @returns {Node[]}
 */
function displayed(components, nameOf) {
  return components.flatMap((component) => [
    ...(component.content === undefined ? [] : [h('div', {}, ...markdown(component.content, nameOf))]),
    ...displayed(component.components ?? [], nameOf),
  ]);
}

/** @param {readonly Component[]} components */
function rowsOf(components) {
  return components.flatMap((component) =>
    component.type === 1 ? [component] : (component.components ?? []).filter((child) => child.type === 1),
  );
}

/** @param {string} timestamp */
function timeText(timestamp) {
  const date = new Date(timestamp);
  const time = date.toTimeString().slice(0, 5);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? `Today at ${time}` : `${date.toLocaleDateString('en-GB')} ${time}`;
}

/**
 * A message as Discord draws it.
 *
 * @param {APIMessage} message
 * @param {MessageContext} context
 */
export function messageElement(message, context) {
  const { nameOf, guild, typed, dismiss } = context;
  const { author } = message;
  const components = /** @type {readonly Component[]} */ (message.components ?? []);
  const name = author.global_name ?? nameOf(author.id)?.replace(/^@/, '') ?? author.username;
  const privately = isPrivate(message);
  /** @type {Use} */
  const use = (customId, values) => context.use(customId, values);
  const element = h(
    'discord-message',
    {
      role: 'article',
      'aria-label': `${name}${privately ? ', only you can see this' : ''}`,
      'data-message': message.id,
      author: name,
      avatar: avatarOf(author),
      bot: author.bot ?? false,
      // Discord writes it behind the text, and nowhere else.
      edited: Boolean(message.edited_timestamp) && message.content !== '',
      timestamp: new Date(message.timestamp),
      class: privately ? 'private' : '',
    },
    commandElement(message, typed),
    isThinking(message) ? thinking() : h('div', { class: 'markup' }, ...markdown(message.content, nameOf)),
    ...displayed(components, nameOf),
    attachmentsElement(message),
    ...message.embeds.map((embed) => embedElement(embed, message, nameOf)),
    controlsElement(rowsOf(components), guild, use),
    privately ? privateNote(dismiss) : null,
  );
  element.style.setProperty('--time', `"${timeText(message.timestamp)}"`);
  return element;
}
