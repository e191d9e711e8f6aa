import './components.js';
import { composer } from './composer.js';
import { connect, Refusal } from './connection.js';
import { h } from './dom.js';
import { messageList } from './messages.js';
import { showModal } from './modal.js';
import { panel } from './panel.js';
import { sidebar } from './sidebar.js';
import { Store } from './store.js';
import { applyTheme, switchTheme } from './theme.js';
import { tour } from './tour.js';

/** @import { APIMessage } from 'discord.js' */
/** @import { PageNews, Responded, TourStep } from '../protocol.ts' */

applyTheme();
const store = new Store();
const { ask } = connect(hear, (connected) => {
  store.connected = connected;
  store.changed();
});

const tourCard = tour(store, (step) => void tryStep(step));
const typing = composer(store, ask, (typed) => tourCard.sent(typed));
const wire = panel(ask, () => togglePanel(false));
const list = messageList(store, (message, customId, values) => void use(message, customId, values));
const toast = h('div', { class: 'toast', role: 'alert' });
const title = h('h1', { class: 'channel-title' });
const menuButton = h(
  'button',
  { type: 'button', class: 'plain menu-toggle', 'aria-label': 'Servers and channels', 'aria-controls': 'sidebar' },
  '☰',
);
const panelButton = h(
  'button',
  { type: 'button', class: 'plain', 'aria-controls': 'panel', 'aria-expanded': 'false', 'aria-label': 'On the wire' },
  '⇄',
);

document.getElementById('app')?.append(
  sidebar(store, {
    act: (key) => void act(key),
    go: (place) => {
      store.go(place);
      toggleSidebar(false);
    },
  }),
  h(
    'main',
    { class: 'main' },
    h(
      'header',
      { class: 'top' },
      menuButton,
      title,
      h('button', { type: 'button', class: 'plain', onclick: tourCard.start }, 'Tour'),
      h('button', { type: 'button', class: 'plain', 'aria-label': 'Light or dark', onclick: switchTheme }, '◐'),
      panelButton,
    ),
    list,
    tourCard.element,
    typing.element,
    toast,
  ),
  wire.element,
);

menuButton.addEventListener('click', () => toggleSidebar(!document.body.classList.contains('sidebar-open')));
panelButton.addEventListener('click', () => togglePanel(panelButton.getAttribute('aria-expanded') !== 'true'));
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') toggleSidebar(false);
});
store.subscribe(() => {
  title.textContent = store.place.guild === null ? store.channelName : `# ${store.channelName}`;
  document.title = `${title.textContent} · Harbormaster in a local Discord`;
});

/** @param {boolean} open */
function toggleSidebar(open) {
  document.body.classList.toggle('sidebar-open', open);
  menuButton.setAttribute('aria-expanded', String(open));
}

/** @param {boolean} open */
function togglePanel(open) {
  wire.show(open);
  document.body.classList.toggle('panel-open', open);
  panelButton.setAttribute('aria-expanded', String(open));
  if (!open) panelButton.focus();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let toastTimer;

/** @param {unknown} error */
function say(error) {
  toast.textContent = error instanceof Refusal ? error.message : String(error);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.replaceChildren(), 6_000);
}

/** @param {string} key */
async function act(key) {
  try {
    const { person } = await ask({ do: 'act', as: key });
    store.become(person);
  } catch (error) {
    say(error);
  }
}

/**
 * @param {APIMessage} message
 * @param {string} customId
 * @param {readonly string[] | null} values
 */
async function use(message, customId, values) {
  try {
    const { interaction } =
      values === null
        ? await ask({ do: 'click', message: message.id, button: customId })
        : await ask({ do: 'select', message: message.id, menu: customId, values });
    expect(interaction, '');
  } catch (error) {
    say(error);
  }
}

/**
 * @param {string} interaction
 * @param {string} text
 */
function expect(interaction, text) {
  store.pending.set(interaction, { interaction, channel: store.place.channel, text, failed: false, isCommand: false });
  store.changed();
}

/** @param {Responded} responded */
function heard(responded) {
  store.respond(responded);
  if (responded.response !== 'modal' || !responded.modal) return;
  showModal(responded.modal, {
    guild: store.guild,
    submit: async (fields) => {
      const { interaction } = await ask({ do: 'submit', interaction: responded.interaction, fields });
      expect(interaction, '');
    },
  });
}

/** The tour is for who may do everything in the first server. */
/** @param {TourStep} step */
async function tryStep(step) {
  if (store.person?.key !== 'admin' && store.person?.key !== 'owner') await act('admin');
  const first = store.guilds[0];
  if (first && store.place.guild !== first.id) store.go({ guild: first.id, channel: first.channels[0]?.id ?? '' });
  await typing.fill(step.typed);
}

/** @param {PageNews} news */
function hear(news) {
  switch (news.type) {
    case 'welcome': {
      store.greet(news.welcome);
      wire.empty();
      const known = news.welcome.people.find(({ key }) => key === store.person?.key);
      const admin = news.welcome.people.find(({ key }) => key === 'admin');
      if (known && known.key !== 'admin') void act(known.key);
      else if (admin) store.become(admin);
      tourCard.offer();
      return;
    }
    case 'messages':
      return store.take(news.reset, news.changed, news.removed);
    case 'responded':
      return heard(news.responded);
    case 'online':
      store.online = news.online;
      return store.changed();
    case 'log':
      return wire.add(news.entries);
  }
}
