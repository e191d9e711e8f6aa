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
  `Accept Administer Allow Answer Assume Bind Block Change Check Choose Close Configure Confine Connect Create Debug Delete Deny
  Disable Drop Enforce Enter Export Filter Find Firewall Forbid Force Give Hide Identify Install Isolate Keep Leave Let
  Limit List Lock Log Look Make Move Name Offer Prefer Print Protect Publish Put Reach Redirect Refuse Reject Relay
  Remove Renew Replace Require Reset Restart Restrict Review Rotate Run Search Send Serve Set Share Start Stop Store
  Switch Revoke Take Turn Uninstall Update Use Watch`.split(/\s+/),
);

/** What a sentence of advice must not hold: a verb first may still be a noun ("Limits are"), and hedges are no advice. */
const NOT_ADVICE = /\?|\b(?:should|could|might|maybe|perhaps|consider|please|recommended)\b/i;

/** Why a text is not one instruction; `undefined` when it is one. */
export function instructionFault(text: string): string | undefined {
  const words = text.replaceAll(/`[^`]*`/g, 'X');
  if (!IMPERATIVES.has(text.split(' ')[0] ?? '')) return 'not an imperative';
  if (!/[^.]\.$/.test(text)) return 'no full stop';
  if (/\. [A-Z]/.test(words)) return 'more than one sentence';
  if (NOT_ADVICE.test(words)) return 'a hedge or a question';
  return /^\w+(?: \w+)? (?:is|are|was|were|can|may|must|has|have)\b/.test(words) ? 'a statement' : undefined;
}

/** One sentence in the imperative that ends with a full stop. */
export function expectInstruction(text: string, maxLength: number): void {
  expectPlainText(text, maxLength);
  expect(instructionFault(text), text).toBeUndefined();
}
