import type { JsonSchema } from '../../../../../models/experiment/described/described-key.ts';

/** How a key is edited. */
type FieldKind = 'choice' | 'switch' | 'number' | 'text' | 'list' | 'section' | 'entries' | 'written';

/** The schema of an entry whose further keys follow from its kind. */
export function schemaOf(schema: JsonSchema, value: unknown): JsonSchema {
  const { kind } = (value ?? {}) as { kind?: unknown };
  const more = schema.allOf?.find((one) => one.if?.properties?.['kind']?.const === kind)?.then?.properties;
  return more === undefined ? schema : { ...schema, properties: { ...schema.properties, ...more } };
}

/**
 * The one form of a key that takes several which is meant: that of the value, else the first. A list of texts takes one
 * text too.
 */
export function branchOf(schema: JsonSchema, value: unknown): JsonSchema {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches === undefined) return schema;
  const found = branches.find((one) => fits(one, value)) ?? branches[0]!;
  const { anyOf: _any, oneOf: _one, ...own } = schema;
  return { ...own, ...found, ...(own.description === undefined ? {} : { description: own.description }) };
}

function fits({ type, enum: choices }: JsonSchema, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (choices !== undefined) return choices.includes(value);
  if (Array.isArray(value)) return type === 'array';
  if (typeof value === 'object') return type === 'object';
  return type === typeof value || (type === 'integer' && typeof value === 'number');
}

/** How the key of a schema is edited, as it stands. */
export function fieldKind(schema: JsonSchema): FieldKind {
  const { enum: choices, type, items, properties } = schema;
  if (choices !== undefined) return 'choice';
  if (type === 'boolean') return 'switch';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'string') return 'text';
  if (type === 'object' && properties !== undefined) return 'section';
  if (type === 'array' && items?.type === 'string') return 'list';
  if (type === 'array' && items?.properties !== undefined) return 'entries';
  return 'written';
}
