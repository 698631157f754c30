import { calibrationCurve } from '../scores/calibration-curve.ts';
import { shareOfUp } from '../scores/constant-forecast.ts';
import type { CalibrationEvidence } from './promotion-gate.ts';

/** Mean absolute value of a standard normal deviate. */
const MEAN_ABSOLUTE = Math.sqrt(2 / Math.PI);

/**
 * How well out-of-sample probabilities agree with what came true: expected calibration error over ten bins of equal
 * size (Naeini, Cooper and Hauskrecht, AAAI 2015) beside what a perfectly calibrated model would show by chance, the
 * mean absolute binomial deviation of each bin; and the Brier score beside that of a constant that knows `rate`, the
 * share of up in the rows that the model of each row was trained on (by default, in hindsight, that of the rows
 * themselves). Null without rows or where only one class came true.
 */
export function calibrationEvidence(
  probability: Float64Array,
  y: Float64Array,
  rate?: Float64Array,
): CalibrationEvidence | null {
  const rows = y.length;
  const share = shareOfUp(y);
  if (rows === 0 || share === 0 || share === 1) return null;
  let error = 0;
  let errorByChance = 0;
  for (const { predicted, observed, rows: binRows } of calibrationCurve(probability, y)) {
    error += (binRows / rows) * Math.abs(observed - predicted);
    errorByChance += (binRows / rows) * MEAN_ABSOLUTE * Math.sqrt((predicted * (1 - predicted)) / binRows);
  }
  const brierOf = (said: Float64Array): number =>
    said.reduce((sum, value, row) => sum + (value - y[row]!) ** 2, 0) / rows;
  const baseRateBrier = rate === undefined ? share * (1 - share) : brierOf(rate);
  return { rows, error, errorByChance, brier: brierOf(probability), baseRateBrier };
}
