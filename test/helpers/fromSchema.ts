import fc from 'fast-check';
import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;
type Schema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
};

/**
 * Any value that a zod schema takes; strings come from `text`, cut to their bounds, unless a pattern says what they are.
 * Knows what this repository's schemas use, and throws for anything else.
 */
export function fromSchema<T>(schema: z.ZodType<T>, text: fc.Arbitrary<string>): fc.Arbitrary<T> {
  const json = z.toJSONSchema(schema) as Schema;
  return build(json, text).filter((value) => schema.safeParse(value).success) as fc.Arbitrary<T>;
}

function build(schema: Schema, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return fc.oneof(...choices.map((choice) => build(choice, text)));
  switch (schema.type) {
    case 'object':
      return objectOf(schema, text);
    case 'array':
      return fc.array(build(schema.items ?? {}, text), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case 'string':
      return stringOf(schema, text);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1_000_000, max: Math.min(schema.maximum ?? 2 ** 40, 2 ** 40) });
    case 'number':
      return fc.integer({
        min: Math.ceil(schema.minimum ?? -1_000),
        max: Math.min(schema.maximum ?? 100_000, 100_000),
      });
    case 'null':
      return fc.constant(null);
    default:
      throw new Error(`no arbitrary for ${JSON.stringify(schema)}`);
  }
}

function objectOf(schema: Schema, text: fc.Arbitrary<string>): fc.Arbitrary<Json> {
  const own = Object.entries(schema.properties ?? {}).map(([key, value]) => [key, build(value, text)]);
  const required = [...(schema.required ?? [])];
  const fixed = fc.record(Object.fromEntries(own) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: required });
  const more = schema.additionalProperties;
  if (typeof more !== 'object') return fixed;
  return fc
    .tuple(fc.dictionary(fc.string({ maxLength: 8 }), build(more, text), { maxKeys: 3 }), fixed)
    .map(([extra, known]) => ({ ...extra, ...known }));
}

function stringOf({ format, pattern, minLength = 0, maxLength = 200 }: Schema, text: fc.Arbitrary<string>) {
  if (format === 'base64')
    return fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64'));
  if (format === 'date-time') {
    return fc
      .date({ min: new Date('1970-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return text.map((value) => value.slice(0, maxLength).padEnd(minLength, 'x'));
}
