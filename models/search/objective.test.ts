import { expect, it } from 'vitest';
import { objectiveOf, type TrialEvidence } from './objective.ts';

const evidenceOf = (excessReturns: number[]): TrialEvidence => ({
  rows: excessReturns.length,
  scores: { informationCoefficient: 0, rankInformationCoefficient: 0, logLoss: 1, auc: 0.5, brier: 0.25, hitRate: 0.5 },
  dayMs: excessReturns.map((_, day) => day),
  returns: excessReturns,
  excessReturns,
  trades: 0,
});

const ratio = (returns: number[]): number | null => objectiveOf('netSharpe', evidenceOf(returns));

it('gives a record that never moves a ratio of 0, whatever its level and length', () => {
  for (const level of [0, 0.1, -0.0007, 1 / 3, 1e-6, 50.3]) {
    for (const length of [3, 10, 1000, 100_000]) expect(ratio(new Array<number>(length).fill(level))).toBe(0);
  }
});

it('gives the same ratio at any size of the returns', () => {
  const returns = [0.01, -0.004, 0.007, 0.002];
  // By hand: mean 0.00375, squares 39.0625e-6 + 60.0625e-6 + 10.5625e-6 + 3.0625e-6 = 112.75e-6, over 3.
  expect(ratio(returns)).toBeCloseTo(0.00375 / Math.sqrt(112.75e-6 / 3), 12);
  for (const size of [1e-9, 1e-4, 1e4]) expect(ratio(returns.map((one) => one * size))).toBeCloseTo(ratio(returns)!, 9);
});
