const MAX_QUOTED = 32;

/** Letters, digits and ordinary ASCII may be shown as they stand, but some letters are blank (Hangul fillers). */
const SHOWABLE = /^(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\x20-\x7e]$/u;

/** A character for a person to read: itself, or `U+200B` where it would be invisible, misleading or a control. */
export function visible(character: string): string {
  if (SHOWABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** What somebody wrote, in quotation marks, at most {@link MAX_QUOTED} characters, nothing invisible in it. */
export function quote(text: string): string {
  let shown = '';
  let count = 0;
  for (const character of text) {
    if (count === MAX_QUOTED) return `“${shown}…”`;
    shown += visible(character);
    count += 1;
  }
  return `“${shown}”`;
}
