import { h } from './dom.js';
import { avatarOf, messageElement } from './message.js';

/** @import { APIMessage } from 'discord.js' */
/** @import { Store, Pending } from './store.js' */

/** How near to the end counts as at the end, in pixels. */
const NEAR_END = 60;

/**
 * @param {Pending} pending
 * @param {Store} store
 */
function pendingElement(pending, store) {
  const { bot } = store.welcome;
  const avatar = avatarOf({ id: bot.id, bot: true, username: bot.name, global_name: null });
  const missing = pending.isCommand ? 'The application did not respond' : 'This interaction failed';
  const dismiss = () => {
    store.pending.delete(pending.interaction);
    store.changed();
  };
  return h(
    'div',
    { class: pending.failed ? 'pending failed' : 'pending' },
    h('img', { src: avatar, alt: '', width: 24, height: 24 }),
    h('span', { class: 'pending-text' }, h('strong', {}, pending.text), ' '),
    h('span', { role: 'status' }, pending.failed ? missing : 'Sending…'),
    pending.failed ? h('button', { type: 'button', class: 'as-link', onclick: dismiss }, 'Dismiss') : null,
  );
}

/** @param {Store} store */
function beginning(store) {
  const isServer = store.place.guild !== null;
  const name = isServer ? `#${store.channelName}` : store.channelName;
  return h(
    'div',
    { class: 'beginning' },
    h('h2', {}, isServer ? `Welcome to ${name}` : name),
    h(
      'p',
      {},
      isServer
        ? 'Nothing here leaves this machine. Type / below to see what the bot can do.'
        : 'Direct messages with the bot. Its commands work in servers.',
    ),
  );
}

/**
 * The list of messages of the open channel. Only what changed is drawn again, and the list stays at its end while the
 * reader is there.
 *
 * @param {Store} store
 * @param {(message: APIMessage, customId: string, values: readonly string[] | null) => void} use
 */
export function messageList(store, use) {
  const intro = h('div');
  const list = h('discord-messages', { noBackground: true });
  const waiting = h('div', { class: 'waiting' });
  const scroller = h(
    'div',
    { class: 'messages', role: 'log', tabIndex: 0, 'aria-label': 'Messages' },
    intro,
    list,
    waiting,
  );
  /** @type {Map<string, { message: APIMessage, element: HTMLElement }>} */
  const drawn = new Map();
  let channel = '';
  /** Whether the reader is at the end, and wants to stay there. */
  let follows = true;

  /** @param {APIMessage} message */
  function draw(message) {
    return messageElement(message, {
      nameOf: store.nameOf,
      guild: store.guild,
      typed: store.typed.get(message.interaction_metadata?.id ?? ''),
      use: (customId, values) => use(message, customId, values),
      dismiss: () => {
        store.dismissed.add(message.id);
        store.changed();
        scroller.focus();
      },
    });
  }

  /** The control that has the focus, so that the one drawn in its place can have it. */
  /** @param {HTMLElement} element */
  function focusedControl(element) {
    const focused = document.activeElement;
    return focused instanceof HTMLElement && element.contains(focused) ? focused.dataset.control : undefined;
  }

  /** @param {APIMessage} message */
  function update(message) {
    const known = drawn.get(message.id);
    if (known?.message === message) return known.element;
    const element = draw(message);
    drawn.set(message.id, { message, element });
    if (!known) return element;
    const control = focusedControl(known.element);
    known.element.replaceWith(element);
    const next = control && element.querySelector(`[data-control="${CSS.escape(control)}"]`);
    if (next instanceof HTMLElement) focusInside(next);
    return element;
  }

  function render() {
    if (channel !== `${store.person?.key} ${store.place.channel}`) {
      channel = `${store.person?.key} ${store.place.channel}`;
      drawn.clear();
      list.replaceChildren();
      follows = true;
      intro.replaceChildren(beginning(store));
    }
    const { shown } = store;
    for (const [id, { element }] of drawn) {
      if (shown.some((message) => message.id === id)) continue;
      element.remove();
      drawn.delete(id);
    }
    for (const [index, message] of shown.entries()) {
      const element = update(message);
      if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
    }
    const here = [...store.pending.values()].filter((pending) => pending.channel === store.place.channel);
    waiting.replaceChildren(...here.map((pending) => pendingElement(pending, store)));
    scroller.setAttribute('aria-label', `Messages in ${store.channelName}`);
  }

  // The components lay themselves out late, pictures later, and the room changes with what stands below.
  const follow = new ResizeObserver(() => {
    if (follows) scroller.scrollTop = scroller.scrollHeight;
  });
  for (const element of [scroller, intro, list, waiting]) follow.observe(element);
  scroller.addEventListener('scroll', () => {
    follows = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
  });
  store.subscribe(render);
  return scroller;
}

/** A button of the components takes the focus inside. */
/** @param {HTMLElement} element */
function focusInside(element) {
  const { updateComplete } = /** @type {{ updateComplete?: Promise<unknown> }} */ (/** @type {unknown} */ (element));
  if (updateComplete) void updateComplete.then(() => element.shadowRoot?.querySelector('button')?.focus());
  else element.focus();
}
