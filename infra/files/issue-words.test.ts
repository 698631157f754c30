import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import './issue-words.ts';
import { meantBy } from './known-elsewhere.ts';

const said = (schema: z.ZodType, value: unknown): string => {
  const parsed = schema.safeParse(value);
  return parsed.success ? 'nothing' : parsed.error.issues[0]!.message;
};

describe('what is wrong with a value is said without words of the validation library', () => {
  it.each([
    [z.number(), 'abc', 'must be a number, not text'],
    [z.int(), 1.5, 'must be a whole number, not 1.5'],
    [z.number(), undefined, 'is required'],
    [z.number(), null, 'must be a number, not nothing'],
    [z.number().positive(), -1, 'must be above 0'],
    [z.number().min(2), 1, 'must be at least 2'],
    [z.number().max(1), 3, 'must be at most 1'],
    [z.number().lt(1), 1, 'must be below 1'],
    [z.array(z.int()).min(1), [], 'must have at least 1 entries'],
    [z.string().min(1), '', 'must have at least 1 characters'],
    [z.string(), ['a'], 'must be text, not a list'],
    [z.strictObject({}), 'x', 'must be a section with keys, not text'],
    [z.boolean(), 'yes', 'must be true or false, not text'],
    [z.enum(['raw', 'splits']), 'row', 'must be one of raw, splits'],
    [z.literal('a'), 'b', 'must be a'],
    [z.iso.date(), '01/02/2024', 'must be a date written YYYY-MM-DD'],
    [z.union([z.number(), z.boolean()]), 'x', 'has none of the forms that are allowed here'],
    [z.number().multipleOf(5), 3, 'must be a multiple of 5'],
    [z.number().refine(() => false, 'is not what it should be'), 3, 'is not what it should be'],
  ])('%#: %s', (schema, value, words) => {
    expect(said(schema, value)).toBe(words);
  });
});

describe('names of other libraries', () => {
  it('lead to ours where there is one', () => {
    expect(meantBy('n_estimators', ['objective', 'trees'])).toBe('trees');
    expect(meantBy('n_estimators', ['rounds', 'patience'])).toBe('rounds');
    expect(meantBy('n_estimators', ['layers'])).toBeNull();
    expect(meantBy('n_estimator', ['trees'])).toBeNull();
    for (const key of ['constructor', 'toString', '__proto__']) expect(meantBy(key, ['trees'])).toBeNull();
  });
});
