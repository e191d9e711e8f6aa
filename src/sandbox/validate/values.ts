import { discordLength, isAbsent, isJson, type Json } from '../json.ts';
import type { Spot } from './issues.ts';

export interface TextRule {
  readonly min?: number;
  readonly max: number;
  readonly required?: boolean;
}

/** `BASE_TYPE_REQUIRED`, the answer to a missing member. */
export function failRequired(spot: Spot): void {
  spot.fail('BASE_TYPE_REQUIRED', 'This field is required');
}

function failLength(spot: Spot, min: number | undefined, max: number): void {
  if (min) spot.fail('BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`);
  else spot.fail('BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`);
}

/** Checks a string member and returns it, or undefined when it is absent or no string. */
export function checkText(spot: Spot, value: unknown, rule: TextRule): string | undefined {
  if (isAbsent(value)) {
    if (rule.required) failRequired(spot);
    return undefined;
  }
  if (typeof value !== 'string') {
    spot.fail('STRING_TYPE_CONVERT', `Could not interpret "${JSON.stringify(value)}" as string.`);
    return undefined;
  }
  const length = discordLength(value);
  if (length === 0 && rule.required && !rule.min) failRequired(spot);
  else if (length > rule.max || length < (rule.min ?? 0)) failLength(spot, rule.min, rule.max);
  return value;
}

export interface ListRule {
  readonly min?: number;
  readonly max: number;
  readonly required?: boolean;
}

/** Checks a list member and returns its items; an absent list has none. */
export function checkList(spot: Spot, value: unknown, rule: ListRule): readonly unknown[] {
  if (isAbsent(value)) {
    if (rule.required) failRequired(spot);
    return [];
  }
  if (!Array.isArray(value)) {
    spot.fail('LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType');
    return [];
  }
  if (value.length > rule.max || value.length < (rule.min ?? 0)) failLength(spot, rule.min, rule.max);
  return value;
}

/** Checks that a value is an object; returns null (with the failure noted) when it is not. */
export function checkObject(spot: Spot, value: unknown): Json | null {
  if (isJson(value)) return value;
  spot.fail('MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
  return null;
}

/** Checks an integer within bounds and returns it, or undefined. */
export function checkInteger(spot: Spot, value: unknown, min: number, max: number): number | undefined {
  if (isAbsent(value)) return undefined;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) {
    spot.fail('NUMBER_TYPE_COERCE', `Value "${String(value)}" is not int.`);
    return undefined;
  }
  if (number > max) spot.fail('NUMBER_TYPE_MAX', `int value should be less than or equal to ${max}.`);
  if (number < min) spot.fail('NUMBER_TYPE_MIN', `int value should be greater than or equal to ${min}.`);
  return number;
}

/** Checks that a value is one of a closed set. */
export function checkChoice(spot: Spot, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) spot.fail('BASE_TYPE_CHOICES', `Value must be one of (${choices.join(', ')}).`);
}

export function checkBoolean(spot: Spot, value: unknown): void {
  if (!isAbsent(value) && typeof value !== 'boolean')
    spot.fail('BOOLEAN_TYPE_CONVERT', 'Must be either true or false.');
}

/** Checks a URL of the given schemes (without colon); `max` is the longest allowed. */
export function checkUrl(spot: Spot, value: unknown, schemes: readonly string[], max = 2048): void {
  const text = checkText(spot, value, { max });
  if (text === undefined) return;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text.trim())?.[1]?.toLowerCase();
  if (scheme !== undefined && !schemes.includes(scheme)) {
    const list = schemes.map((name) => `'${name}'`).join(', ');
    spot.fail('URL_TYPE_INVALID_SCHEME', `Scheme "${scheme}" is not supported. Scheme must be one of (${list}).`);
    return;
  }
  if (scheme !== 'attachment' && !URL.canParse(text)) spot.fail('URL_TYPE_INVALID_URL', 'Not a well formed URL.');
}
