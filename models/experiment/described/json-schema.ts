import { z } from 'zod';
import { ESTIMATOR_KINDS, estimatorOf } from '../../estimators/registry.ts';
import { experimentSchema } from '../experiment.ts';
import { RULE_KINDS, RULE_PARAMETERS } from '../rule-parameters.ts';
import type { JsonSchema } from './described-key.ts';
import { wordsAt } from './key-words.ts';

/**
 * The JSON schema of an experiment file, generated from the schema that files are checked with: every key with its
 * default, bounds, unit and words. Parameters follow the kind of their rule or estimator.
 */
export function experimentJsonSchema(): JsonSchema {
  const schema = plain(experimentSchema);
  const { strategies, estimators } = schema.properties!;
  byKind(strategies!.items!, RULE_KINDS, (kind) => ({ parameters: plain(RULE_PARAMETERS[kind]) }));
  strategies!.items!.properties!['kind']!.enum = [...RULE_KINDS, 'ensemble'];
  const kinds = ESTIMATOR_KINDS.filter((kind) => kind !== 'file');
  byKind(estimators!.items!, kinds, (kind) => plain(estimatorOf(kind).params).properties ?? {});
  describe(schema, []);
  return { ...schema, title: 'An experiment of Signalbox' };
}

function plain(schema: z.ZodType): JsonSchema {
  return withoutBounds(
    z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }),
  ) as JsonSchema;
}

/** Without the bounds of whole numbers, which say nothing, and the pattern of dates, which their format says. */
function withoutBounds(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutBounds);
  if (typeof node !== 'object' || node === null) return node;
  const isDate = (node as { format?: unknown }).format === 'date';
  return Object.fromEntries(
    Object.entries(node)
      .filter(([, value]) => Math.abs(value as number) !== Number.MAX_SAFE_INTEGER)
      .filter(([key]) => !(isDate && key === 'pattern'))
      .map(([key, value]) => [key, withoutBounds(value)]),
  );
}

/** Adds what an entry holds once its kind is known. */
function byKind<Kind extends string>(
  entry: JsonSchema,
  kinds: readonly Kind[],
  propertiesOf: (kind: Kind) => Record<string, JsonSchema>,
): void {
  entry.allOf = kinds.map((kind) => ({
    if: { properties: { kind: { const: kind } }, required: ['kind'] },
    then: { properties: propertiesOf(kind) },
  }));
  entry.properties!['kind']!.enum = kinds;
}

/** Puts words and unit to every key below a schema. */
function describe(schema: JsonSchema, path: readonly string[]): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const at = [...path, key];
    const found = wordsAt(at);
    if (found !== undefined) {
      const [words, unit] = found;
      property.description = words;
      if (unit !== undefined) property['x-unit'] = unit;
    }
    describe(property, at);
  }
  const { items, additionalProperties: rest } = schema;
  for (const one of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) describe(one, path);
  if (items !== undefined) describe(items, path);
  if (schema.then !== undefined) describe(schema.then, path);
  if (typeof rest === 'object') describe(rest, path);
}
