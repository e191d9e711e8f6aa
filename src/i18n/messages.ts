/** Every English wording, by `node scripts/messages.ts`; a test compares. */
export const MESSAGES = [] as const;

export type Message = (typeof MESSAGES)[number];
