/** What XML 1.0 (fifth edition, §2.2 Char) cannot hold, not even as a reference; lone surrogates are replaced before. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are what XML forbids.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  // Only `]]>` needs it; escaping each is simpler to see right.
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
  // Left as they are, a parser would make blanks of them in an attribute (§3.3.3).
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
]);

/** Any text, for between tags or in a quoted attribute: what XML cannot hold becomes U+FFFD, the rest reads back as it was. */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(FORBIDDEN, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (character) => REFERENCES.get(character) ?? character);
}

export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

/**
 * One element. `name` and the names of attributes are ours; `undefined` leaves an attribute out.
 *
 * @param children elements that are written already
 */
export function element(name: string, attributes: XmlAttributes, children: readonly string[] = []): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${xmlText(String(value))}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>\n${children.join('\n')}\n</${name}>`;
}

/** An element that holds text alone. */
export function textElement(name: string, attributes: XmlAttributes, text: string): string {
  const open = element(name, attributes).slice(0, -2);
  return `${open}>${xmlText(text)}</${name}>`;
}
