import { expect, it } from 'vitest';
import { constantScores, shareOfUp } from './constant-forecast.ts';

const f = (...values: number[]): Float64Array => Float64Array.from(values);

it('scores a constant by hand: what it loses on ups and on the others, and no order', () => {
  const rows = { y: f(1, 1, 0, 1), realisedReturn: f(0.1, 0.2, -0.1, 0.3), decisionTimeMs: f(1, 2, 3, 4) };
  const scores = constantScores(rows, () => 0.6);
  expect(scores.logLoss.value).toBeCloseTo(-(3 * Math.log(0.6) + Math.log(0.4)) / 4, 14);
  expect(scores.brier.value).toBeCloseTo((3 * 0.16 + 0.36) / 4, 14);
  expect(scores.hitRate.value).toBe(0.75);
  expect(scores.auc.value).toBe(0.5);
  expect(scores.informationCoefficient).toEqual({ value: null, reason: 'A constant puts no row before another' });
  expect(scores.rankInformationCoefficient.value).toBeNull();
});

it('takes each row’s own rate', () => {
  const rows = { y: f(1, 0), realisedReturn: f(1, -1), decisionTimeMs: f(1, 2) };
  expect(constantScores(rows, (row) => [0.7, 0.4][row]!).brier.value).toBeCloseTo((0.09 + 0.16) / 2, 14);
  expect(constantScores(rows, (row) => [0.7, 0.4][row]!).hitRate.value).toBe(1);
  expect(shareOfUp(f(1, 0, 0, 1, 1))).toBe(0.6);
});
