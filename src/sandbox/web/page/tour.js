import { lineOf } from './commands.js';
import { h } from './dom.js';

/** @import { TourStep } from '../protocol.ts' */
/** @import { Store } from './store.js' */

const DONE_KEY = 'harbormaster.tour';

/** Storage may be forbidden; then the tour is new each time. */
function isDone() {
  try {
    return localStorage.getItem(DONE_KEY) === 'done';
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(DONE_KEY, 'done');
  } catch {
    // Nothing depends on it.
  }
}

/**
 * A few commands to begin with. Each is put into the composer, and Enter sends it: so the reader has done it once.
 *
 * @param {Store} store
 * @param {(step: TourStep) => void} fill
 */
export function tour(store, fill) {
  const element = h('section', { class: 'tour', 'aria-label': 'Tour', hidden: true });
  let at = 0;

  function end() {
    remember();
    element.hidden = true;
  }

  function render() {
    const steps = store.welcome.tour;
    const step = steps[at];
    const close = h('button', { type: 'button', class: 'plain', 'aria-label': 'End the tour', onclick: end }, '✕');
    if (!step) {
      element.replaceChildren(
        h('div', { class: 'tour-head' }, h('h2', {}, 'That was the tour'), close),
        h('p', {}, 'Try what the buttons below the results do, act as somebody else, or open “On the wire”.'),
      );
      remember();
      return;
    }
    element.replaceChildren(
      h(
        'div',
        { class: 'tour-head' },
        h('h2', {}, step.title),
        h('span', { class: 'tour-count' }, `${at + 1} of ${steps.length}`),
        close,
      ),
      h('p', {}, step.text),
      h(
        'div',
        { class: 'tour-do' },
        h('code', {}, lineOf(step.typed)),
        h('button', { type: 'button', class: 'primary', onclick: () => fill(step) }, 'Put it in the box'),
        h('button', { type: 'button', class: 'plain', onclick: next }, 'Skip'),
      ),
    );
  }

  function next() {
    at += 1;
    render();
  }

  function start() {
    at = 0;
    element.hidden = store.welcome.tour.length === 0;
    render();
  }

  return {
    element,
    start,
    /** On the first visit. */
    offer() {
      if (!isDone() && element.hidden) start();
    },
    /** A step is done when its command was sent, with whatever options. */
    /** @param {{ command: string }} typed */
    sent(typed) {
      if (!element.hidden && store.welcome.tour[at]?.typed.command === typed.command) next();
    },
  };
}
