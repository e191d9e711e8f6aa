/** @import { Answers, PageNews, PageRequest } from '../protocol.ts' */

const RETRY_MS = 1_000;

/** What Discord's client would not send, or could not: a sentence for the person. */
export class Refusal extends Error {}

/**
 * The live connection to the sandbox. It is opened again when it breaks, until the page is closed.
 *
 * @param {(news: PageNews) => void} onNews
 * @param {(connected: boolean) => void} onConnected
 */
export function connect(onNews, onConnected) {
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  /** @type {WebSocket} */
  let socket;
  let lastId = 0;

  function open() {
    socket = new WebSocket(`ws://${location.host}/live`);
    socket.addEventListener('open', () => onConnected(true));
    socket.addEventListener('message', ({ data }) => hear(JSON.parse(data)));
    socket.addEventListener('close', () => {
      for (const { reject } of waiting.values()) reject(new Refusal('The sandbox is not there any more.'));
      waiting.clear();
      onConnected(false);
      setTimeout(open, RETRY_MS);
    });
  }

  /** @param {PageNews} news */
  function hear(news) {
    if (news.type !== 'answer' && news.type !== 'refusal') return onNews(news);
    const asked = waiting.get(news.id);
    waiting.delete(news.id);
    if (news.type === 'answer') asked?.resolve(news.value);
    else asked?.reject(new Refusal(news.text));
  }

  open();
  return {
    /**
     * Asks for something. Rejects with a Refusal.
     *
     * @template {keyof Answers} Name
     * @param {Extract<PageRequest, { do: Name }>} request
     * @returns {Promise<Answers[Name]>}
     */
    ask(request) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        if (socket.readyState !== WebSocket.OPEN) return reject(new Refusal('The sandbox is not there any more.'));
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, request }));
      });
    },
  };
}

/** @typedef {ReturnType<typeof connect>['ask']} Ask */
