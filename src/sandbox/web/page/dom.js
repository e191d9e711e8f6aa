/**
 * Makes an element. Keys with a dash, and `role`, `slot`, `for`, `class` are attributes, `on…` are listeners, everything
 * else is a property; null and undefined are left out. Text among the children becomes text, never markup.
 *
 * @template {string} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} props
 * @param {...(Node | string | null | undefined)} children
 * @returns {Tag extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Tag] : HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
    else if (key.includes('-') || ATTRIBUTES.has(key)) element.setAttribute(key, String(value));
    else Reflect.set(element, key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return /** @type {any} */ (element);
}

const ATTRIBUTES = new Set(['role', 'slot', 'for', 'class', 'list']);

let lastId = 0;

/** An id that no other element has. */
export function freshId(prefix = 'e') {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/**
 * A picture of a letter on a colour, for who and what has no picture.
 * @param {string} name
 * @param {string} colour
 */
export function letterPicture(name, colour) {
  const letter = name.replace(/[^\p{L}\p{N}]/gu, '').slice(0, 1) || '?';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="${colour}"/><text x="20" y="27" font-family="sans-serif" font-size="20" fill="#fff" text-anchor="middle">${letter}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
