import { expect } from 'vitest';

/** What any sentence of the knowledge base has to be, wherever it is shown. */
export function expectPlainText(text: string, maxLength: number): void {
  expect(text.length, text).toBeGreaterThan(0);
  expect(text.length, text).toBeLessThanOrEqual(maxLength);
  expect(text, 'blanks around it or doubled').toBe(text.trim().replaceAll(/\s+/g, ' '));
  expect(text, 'code block').not.toContain('```');
  expect(text, 'mention').not.toMatch(/@everyone|@here|<[@#]/);
  expect(text.split('`').length % 2, `unpaired backtick: ${text}`).toBe(1);
  // Outside code spans nothing may turn into formatting, a mention or a link.
  expect(text.replaceAll(/`[^`]*`/g, ''), text).not.toMatch(/[*_~|<>@\\#]|https?:/);
}

/** First words of advice; a new one has to be a verb in the imperative. */
export const IMPERATIVES: ReadonlySet<string> = new Set(
  `Accept Allow Answer Assume Bind Block Change Check Choose Close Configure Confine Connect Create Debug Delete Deny
  Disable Drop Enforce Enter Export Filter Find Firewall Forbid Force Give Hide Identify Install Isolate Keep Leave Let
  Limit List Lock Log Look Make Move Name Offer Prefer Print Protect Publish Put Reach Redirect Refuse Reject Relay
  Remove Renew Replace Require Reset Restart Restrict Review Rotate Run Search Send Serve Set Share Start Stop Store
  Switch Revoke Take Turn Uninstall Update Use Watch`.split(/\s+/),
);

/** One sentence in the imperative that ends with a full stop. */
export function expectInstruction(text: string, maxLength: number): void {
  expectPlainText(text, maxLength);
  expect(IMPERATIVES.has(text.split(' ')[0] ?? ''), `not an imperative: ${text}`).toBe(true);
  expect(text.endsWith('.'), `no full stop: ${text}`).toBe(true);
}
