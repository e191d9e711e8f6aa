/** A JSON object as it came off the wire: nothing about its members is known yet. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value when it is an object, else an empty one: for reading optional members of unknown input. */
export function asJson(value: unknown): Json {
  return isJson(value) ? value : {};
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Absent and null mean the same in most of Discord's requests. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/**
 * Length as Discord counts it: code points, after surrounding blanks are taken off. Its staff say so in the issues of
 * discord/discord-api-docs ("Message/Embed limitations"): the API is Python 3 and counts as Python does.
 */
export function discordLength(text: string): number {
  return [...text.trim()].length;
}
