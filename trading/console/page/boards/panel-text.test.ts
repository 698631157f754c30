import { expect, it } from 'vitest';
import { Formats } from '../parts/formats.ts';
import { spanMsOf, toneOf, unitText } from './panel-text.ts';

const formats = new Formats('en-GB', 'UTC');

it.each([
  [1234.5, 'money', '1,234.50'],
  [0.1234, 'ratio', '12.34%'],
  [0.0123, 'seconds', '12.3 ms'],
  [90, 'seconds', '90 s'],
  [7_200, 'seconds', '2 h'],
  [3 * 1_048_576, 'bytes', '3 MiB'],
  [0, 'bytes', '0 B'],
  [12, 'count', '12'],
  [null, 'count', '–'],
] as const)('%s as %s reads %s', (value, unit, text) => expect(unitText(value, unit, formats)).toBe(text));

it('reads a value by the last threshold that it has reached, the first from below on', () => {
  const thresholds = [
    { from: 0, tone: 'good' },
    { from: 0.1, tone: 'look' },
    { from: 0.2, tone: 'bad' },
  ] as const;
  expect([-1, 0.05, 0.1, 0.3].map((value) => toneOf(value, [...thresholds]))).toEqual(['good', 'good', 'look', 'bad']);
  expect(toneOf(null, [...thresholds])).toBeNull();
  expect(toneOf(1, undefined)).toBeNull();
});

it('understands the spans of boards', () => expect(['24h', '30d', '15m'].map(spanMsOf)).toEqual([864e5, 2592e6, 9e5]));
