import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { shippedExperiments, experimentPath } from '../experiment-names.ts';
import type { JsonSchema } from './described-key.ts';
import { experimentJsonSchema } from './json-schema.ts';
import { KEY_WORDS } from './key-words.ts';

const schema = experimentJsonSchema();

/** Every key below a schema that has a name of its own, with its schema. */
function keysOf(node: JsonSchema, path = ''): [path: string, key: JsonSchema][] {
  const { properties = {}, items, additionalProperties: rest, anyOf = [], oneOf = [] } = node;
  return [
    ...Object.entries(properties).flatMap(([key, one]): [string, JsonSchema][] => [
      [`${path}${key}`, one],
      ...keysOf(one, `${path}${key}.`),
    ]),
    ...[...anyOf, ...oneOf, items, rest].flatMap((one) => (typeof one === 'object' ? keysOf(one, path) : [])),
  ];
}

it('has words for every key that an experiment may hold', () => {
  const keys = keysOf(schema);
  expect(keys.length).toBeGreaterThan(350);
  expect(keys.filter(([, { description }]) => description === undefined).map(([path]) => path)).toEqual([]);
  expect(Object.values(KEY_WORDS).filter(([words]) => words.endsWith('.'))).toEqual([]);
});

it('has defaults, bounds, choices and units', () => {
  const { properties } = schema;
  expect(properties!['capital']).toMatchObject({ default: 100_000, 'x-unit': 'currency', exclusiveMinimum: 0 });
  expect(properties!['data']!.properties!['source']).toMatchObject({
    default: 'sample',
    enum: ['sample', 'simulated', 'csv', 'alpaca', 'polygon', 'binance'],
  });
  expect(schema.required).toEqual(['name', 'universe']);
});

it('knows the parameters of a rule and of an estimator by their kind', () => {
  const parametersOf = (list: string, kind: string): JsonSchema | undefined =>
    schema.properties![list]!.items!.allOf!.find((one) => one.if!.properties!['kind']!.const === kind)?.then;
  expect(parametersOf('strategies', 'sma-cross')!.properties!['parameters']!.properties!['fast']).toMatchObject({
    default: 10,
    minimum: 1,
  });
  expect(parametersOf('estimators', 'random-forest')!.properties).toHaveProperty('trees');
});

it('names every key that the experiments that come along hold', () => {
  const known = new Set(keysOf(schema).map(([path]) => path));
  const open = /^(strategies|estimators|search\.space|limits\.(symbols|groups)|instruments)\./;
  const held = (value: unknown, path: string): string[] =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? []
      : Object.entries(value).flatMap(([key, inner]) => [`${path}${key}`, ...held(inner, `${path}${key}.`)]);
  for (const name of shippedExperiments()) {
    const keys = held(parse(readFileSync(experimentPath(name), 'utf8')), '').filter((path) => !open.test(path));
    expect(
      keys.filter((path) => !known.has(path)),
      name,
    ).toEqual([]);
  }
});
