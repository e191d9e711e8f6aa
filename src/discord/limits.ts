/** Discord's limits, in UTF-16 code units unless said otherwise (Discord API docs: message resource, components). */
export const LIMITS = {
  embedTitle: 256,
  embedDescription: 4_096,
  embedFields: 25,
  fieldName: 256,
  fieldValue: 1_024,
  embedFooter: 2_048,
  /** Over title, description, fields and footer of all embeds of a message. */
  embedTotal: 6_000,
  attachmentDescription: 1_024,
  buttonLabel: 80,
  /** Placeholder, labels and descriptions of a menu. */
  menuText: 100,
  customId: 100,
  files: 10,
  choices: 25,
  choiceName: 100,
  choiceValue: 100,
  /** Milliseconds from the interaction to its first response, and from there to the last edit. */
  acknowledgeMs: 3_000,
  tokenMs: 15 * 60_000,
} as const;
