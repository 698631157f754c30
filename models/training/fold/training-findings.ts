import type { Dataset } from '../../dataset.ts';
import type { Reduction } from '../../estimators/reduction/fit-reduction.ts';
import type { Scaler } from '../../ensemble/scaler.ts';
import { valuesAt } from '../../estimators/trees/sorted-values.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { returnLearners } from '../../registry/learned-returns.ts';

/** Standard deviations of the middle half of a normal variable. */
const NORMAL_IQR = 1.349;
/**
 * Deviation of returns over that of their middle half from which a member that learns them sees outliers alone: 1 for
 * normal returns, 2 to 3 for daily returns of shares with their crashes.
 */
const BLIND_MIN = 10;

/**
 * What members cannot learn from these training rows: features without a value or without a spread that their scaler
 * can tell from rounding, features with infinite values, and returns whose outliers hide the rest. In words that do not
 * depend on the numbers, so that folds can be told together.
 */
export function trainingFindings(train: Dataset, scaler: Scaler, experiment: Experiment): string[] {
  return [
    ...train.featureNames.flatMap((name, column) =>
      columnFindings(train, column, scaler.factor[column]!).map((text) => `feature ${name} ${text}`),
    ),
    ...blinded(train.realisedReturn, returnLearners(experiment)),
  ];
}

function columnFindings({ x, rows, width }: Dataset, column: number, factor: number): string[] {
  let [low, high, infinite] = [Infinity, -Infinity, false];
  for (let at = column; at < rows * width; at += width) {
    const value = x[at]!;
    if (value - value === 0) {
      if (value < low) low = value;
      if (value > high) high = value;
    } else if (!Number.isNaN(value)) infinite = true;
  }
  const texts = infinite ? ['has infinite values, which are cut to the ends of its range'] : [];
  if (low > high) texts.push('has no finite value: nothing is learned from it');
  else if (low === high) texts.push('is constant: nothing is learned from it');
  else if (factor === 0) texts.push('varies by less than its rounding: nothing is learned from it');
  return texts;
}

function blinded(returns: Float64Array, learners: readonly string[]): string[] {
  const rows = returns.length;
  if (learners.length === 0 || rows < 8) return [];
  const [low, high] = valuesAt(returns, [Math.floor(rows / 4), Math.floor((3 * rows) / 4)]) as [number, number];
  let [mean, squares] = [0, 0];
  for (let row = 0; row < rows; row++) mean += returns[row]! / rows;
  for (let row = 0; row < rows; row++) squares += (returns[row]! - mean) ** 2;
  if (Math.sqrt(squares / rows) <= (BLIND_MIN * (high - low)) / NORMAL_IQR) return [];
  const names = learners.join(', ');
  return [`the returns that ${names} learns have outliers that hide all others: look for bad prices, or learn classes`];
}

/** Features that `reduction.maxDrift` leaves out. */
export function driftFindings(reduction: Reduction | null, featureNames: readonly string[]): string[] {
  if (reduction === null) return [];
  const kept = new Set(reduction.kept);
  return featureNames
    .filter((_, column) => !kept.has(column))
    .map((name) => `feature ${name} drifts within the training rows: nothing is learned from it`);
}
