import { h, letterPicture } from './dom.js';

/** @import { PersonView, Place } from '../protocol.ts' */
/** @import { Store } from './store.js' */

/**
 * Servers, channels, direct messages, and who acts.
 *
 * @param {Store} store
 * @param {{ act: (key: string) => void, go: (place: Place) => void }} actions
 */
export function sidebar(store, { act, go }) {
  const rail = h('ul', { class: 'rail' });
  const heading = h('h2', { class: 'server-name' });
  const channels = h('ul', { class: 'channels' });
  const who = h('select', { id: 'act-as', onchange: () => act(who.value) });
  const about = h('p', { class: 'person-about' });
  const online = h('p', { class: 'online', role: 'status' });
  const element = h(
    'nav',
    { class: 'sidebar', id: 'sidebar', 'aria-label': 'Servers and channels' },
    rail,
    h(
      'div',
      { class: 'places' },
      heading,
      channels,
      h('div', { class: 'person' }, h('label', { for: 'act-as' }, 'You act as'), who, about, online),
    ),
  );

  /**
   * @param {string} name
   * @param {string} picture
   * @param {Place} place
   * @param {boolean} isCurrent
   * @param {boolean} hasNews
   */
  function railItem(name, picture, place, isCurrent, hasNews) {
    const button = h(
      'button',
      {
        type: 'button',
        class: `server${isCurrent ? ' current' : ''}${hasNews ? ' news' : ''}`,
        title: name,
        'aria-label': hasNews ? `${name}, new messages` : name,
        onclick: () => go(place),
      },
      h('img', { src: picture, alt: '', width: 48, height: 48 }),
    );
    if (isCurrent) button.setAttribute('aria-current', 'true');
    return h('li', {}, button);
  }

  /**
   * @param {string} name
   * @param {Place} place
   */
  function channelItem(name, place) {
    const isCurrent = place.channel === store.place.channel;
    const hasNews = store.unread.has(place.channel);
    const button = h(
      'button',
      {
        type: 'button',
        class: `channel${isCurrent ? ' current' : ''}${hasNews ? ' news' : ''}`,
        onclick: () => go(place),
      },
      name,
      hasNews ? h('span', { class: 'news-mark' }, ' new') : null,
    );
    if (isCurrent) button.setAttribute('aria-current', 'page');
    return h('li', {}, button);
  }

  /** @param {PersonView} person */
  function renderRail(person) {
    const dm = { guild: null, channel: person.dmChannel };
    const items = store.guilds.map(({ id, name, channels: list }) => {
      const first = { guild: id, channel: list[0]?.id ?? '' };
      const hasNews = list.some((channel) => store.unread.has(channel.id));
      return railItem(name, letterPicture(name, '#3f4248'), first, store.place.guild === id, hasNews);
    });
    const messages = railItem(
      'Direct messages',
      '/icon.svg',
      dm,
      store.place.guild === null,
      store.unread.has(person.dmChannel),
    );
    rail.replaceChildren(messages, ...items);
  }

  function render() {
    const { person, guild, welcome } = store;
    if (!person) return;
    renderRail(person);
    heading.textContent = guild?.name ?? 'Direct messages';
    const list = guild
      ? guild.channels.map(({ id, name }) => channelItem(`# ${name}`, { guild: guild.id, channel: id }))
      : [channelItem(welcome.bot.name, { guild: null, channel: person.dmChannel })];
    channels.replaceChildren(...list);
    if (who.options.length !== welcome.people.length)
      who.replaceChildren(...welcome.people.map(({ key, name }) => h('option', { value: key }, name)));
    who.value = person.key;
    about.textContent = person.about;
    online.textContent = !store.connected
      ? '○ The sandbox is away'
      : store.online
        ? '● The bot is online'
        : '○ The bot is offline';
    online.classList.toggle('away', !store.online || !store.connected);
  }

  store.subscribe(render);
  return element;
}
