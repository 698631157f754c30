import { z } from 'zod';

/** What a value must be, by the validation library's name for it. */
const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a section with keys',
  record: 'a section with keys',
  null: 'null',
};

function told(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'string') return 'text';
  if (typeof input === 'number') return Number.isFinite(input) ? `${input}` : 'a number without a value';
  return typeof input === 'object' ? 'a section with keys' : String(input);
}

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', set: ' entries' };

function bound(word: string, { origin, limit }: { origin: string; limit: unknown }): string {
  const unit = UNITS[origin];
  return unit === undefined ? `must be ${word} ${String(limit)}` : `must have ${word} ${String(limit)}${unit}`;
}

function typeWords(expected: string, input: unknown): string {
  if (input === undefined) return 'is required';
  return `must be ${NOUNS[expected] ?? expected}, not ${told(input)}`;
}

/** What is wrong with a value, in words that a user of the file knows: `must be a number, not text`. */
function issueWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(issue.expected, issue.input);
    case 'too_small':
      return bound(issue.inclusive === false ? 'above' : 'at least', { origin: issue.origin, limit: issue.minimum });
    case 'too_big':
      return bound(issue.inclusive === false ? 'below' : 'at most', { origin: issue.origin, limit: issue.maximum });
    case 'invalid_value':
      if (issue.input === undefined) return 'is required';
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'date' ? 'must be a date written YYYY-MM-DD' : 'is not written as it should be';
    case 'not_multiple_of':
      return `must be a multiple of ${String(issue.divisor)}`;
    case 'unrecognized_keys':
      return `has unknown keys: ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is required' : 'has none of the forms that are allowed here';
    case 'invalid_key':
    case 'invalid_element':
      return 'holds something that is not allowed here';
    case 'custom':
    default:
      return 'is not valid';
  }
}

/** From here on every message of a schema that says nothing itself is in these words, wherever it is shown. */
z.config({ customError: issueWords });
