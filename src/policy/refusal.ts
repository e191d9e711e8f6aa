import { type Phrase, say } from '../engine/phrase.ts';

/** Which rule refused; kept in audit records, so a code never changes its meaning. */
export type RefusalCode =
  | 'empty-allowlist'
  | 'not-allowed'
  | 'denied'
  | 'expired'
  | 'ports-not-allowed'
  | 'blocklisted'
  | 'special-address'
  | 'private-address'
  | 'unverified'
  | 'quota-user'
  | 'quota-server'
  | 'quota-network'
  | 'quota-global'
  | 'not-a-person'
  | 'no-scanner-role'
  | 'left-server'
  | 'no-audit';

export interface Refusal {
  readonly code: RefusalCode;
  /** Which rule refused, in a sentence for a person. */
  readonly message: Phrase;
  /** Who can change it, and how. */
  readonly remedy: Phrase;
  /** A command that would change it. */
  readonly command?: string;
}

export const ADMIN = say`A member with Manage Server can change that:`;
/** @param variable of the configuration */
export function operatorOnly(variable: string): Phrase {
  return say`Only the operator of this bot can change that, in ${variable}.`;
}
