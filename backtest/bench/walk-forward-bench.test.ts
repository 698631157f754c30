import { expect, it } from 'vitest';
import { benchWalkForward } from './walk-forward-bench.ts';

it('trains and tests every window once, equal for one and two workers', async () => {
  const options = { now: () => performance.now(), runs: 1, symbols: 4, windows: 3, trees: 4 };
  const lines = await benchWalkForward(options);
  expect(lines.map(({ checks }) => checks.rowsPredicted)).toEqual([3 * 190 * 4, 3 * 190 * 4]);
  // A thousand days less the one whose label reaches into the first test day.
  expect(lines.map(({ checks }) => checks.trainRowsPerWindow)).toEqual([999 * 4, 999 * 4]);
  expect(lines[1]!.checks.models).toBe(lines[0]!.checks.models);
});
