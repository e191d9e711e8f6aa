/** The columns of a list as a file, in the order in which they are written. */
export const COLUMNS = ['target', 'effect', 'ports', 'expires', 'note'] as const;

export type Column = (typeof COLUMNS)[number];

/**
 * Where a spreadsheet takes a cell for a formula: `=`, `+`, `-`, `@`, tab and carriage return, or their full-width forms, at
 * the start (OWASP, CSV injection). Also after a semicolon, where many countries' settings begin the next cell.
 */
const UNGUARDED = /(^|;)(?=[ ']*[=+\-@\t\r＝＋－＠])/g;
const GUARDED = /(^|;)'(?=[ ']*[=+\-@\t\r＝＋－＠])/g;

/** A cell that no spreadsheet computes; {@link unguard} gives back any text. */
export function guard(cell: string): string {
  return cell.replace(UNGUARDED, "$1'");
}

export function unguard(cell: string): string {
  return cell.replace(GUARDED, '$1');
}
