import { applicationLifecycles } from './applications.ts';
import type { Lifecycle } from './lifecycle.ts';
import { platformLifecycles } from './platforms.ts';
import { serverLifecycles } from './servers.ts';

/** The day this table was made. */
export const END_OF_LIFE_TABLE_MADE = '2026-11-23';

/**
 * Days on which products stop being maintained for everyone (paid extensions do not count; Debian with LTS). Read from
 * endoflife.date as it stood on 2026-08-22, BIND from ISC. Judgements of ours: IIS ends with the last Windows Server that
 * carries it; OpenSSH maintains only its newest release, so a version ends here when the last long-term distribution with
 * it does, which for everything before 8.0 was Red Hat Enterprise Linux 7 and Debian 10. The oldest cycle of a list ended
 * no earlier than any before it.
 */
export const LIFECYCLES: readonly Lifecycle[] = [...serverLifecycles, ...platformLifecycles, ...applicationLifecycles];
