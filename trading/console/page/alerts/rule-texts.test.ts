import { expect, it } from 'vitest';
import type { Metric, Rule } from './alert-queries.ts';
import { boundText } from './rule-texts.ts';

it('says the bound of a rule in the unit of what it watches', () => {
  const metrics = [
    { name: 'feed-to-decision-p99-ms', of: 'session', unit: 'ms', words: 'a time' },
    { name: 'drawdown-ratio', of: 'session', unit: 'ratio', words: 'a share' },
    { name: 'equity', of: 'session', unit: 'number', words: 'money' },
  ] satisfies Metric[];
  const bound = (metric: Rule['metric'], above: boolean, threshold: number, windowSeconds: number | null = null) =>
    boundText({ metric, above, threshold, windowSeconds } as Rule, metrics);
  expect(bound('feed-to-decision-p99-ms', true, 250)).toBe('feed-to-decision-p99-ms at or above 250 ms');
  expect(bound('feed-to-decision-p99-ms', true, 250, 300)).toBe('feed-to-decision-p99-ms over 5m at or above 250 ms');
  expect(bound('drawdown-ratio', true, 0.1)).toBe('drawdown-ratio at or above 10 %');
  expect(bound('equity', false, 900)).toBe('equity at or below 900');
});
