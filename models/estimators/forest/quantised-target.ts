import { SignalboxError } from '../../../infra/errors.ts';

/**
 * Target and weight of a row in one exact integer, `target * 2^26 + weight`: one addition per histogram cell instead of
 * two.
 */
export const TARGET_UNIT = 2 ** 26;

export interface QuantisedTarget {
  /** One packed number per row. */
  readonly packed: Float64Array;
  /** Integer units that stand for a weight of 1. */
  readonly unit: number;
}

/**
 * Packs targets in [0, 1] with positive weights. Equal weights become 1 each, so nothing is lost; others are rounded to
 * 1/4096 of the mean weight, less finely where more than 8,000 rows would overflow (1/419 at 80,000 rows, never coarser
 * than the sum of weights allows). Integer sums are exact in any order: the reason why threads cannot change a forest.
 */
export function quantiseTarget(target: Float64Array, weight: Float64Array): QuantisedTarget {
  const rows = target.length;
  let total = 0;
  let largest = 0;
  let equal = true;
  let binary = true;
  for (let row = 0; row < rows; row++) {
    total += weight[row]!;
    largest = Math.max(largest, weight[row]!);
    if (weight[row] !== weight[0]) equal = false;
    if (target[row] !== 0 && target[row] !== 1) binary = false;
  }
  const finest = equal && binary ? 1 : 4096;
  // Twice the sum, and sixteen draws of the heaviest row, must stay below 2^26 in a bootstrap sample.
  const room = (TARGET_UNIT - 1) / ((2 * total + 16 * largest) / (total / rows));
  const unit = finest === 1 ? 1 : Math.max(1, Math.min(finest, Math.floor(room)));
  const packed = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const units = equal ? unit : Math.max(1, Math.round((weight[row]! / (total / rows)) * unit));
    packed[row] = Math.round(target[row]! * units) * TARGET_UNIT + units;
  }
  return { packed, unit };
}

/** A sample's sum must not spill over into the target's half. Only a sample of nearly one enormous weight could. */
export function assertRoom(units: number): void {
  if (units < TARGET_UNIT) return;
  throw new SignalboxError('sample weights are too uneven for exact sums', {
    remedy: 'lower the largest sample weights or use fewer rows',
  });
}

/** Weight half of a packed sum. */
export function weightOf(packed: number): number {
  return packed - Math.floor(packed / TARGET_UNIT) * TARGET_UNIT;
}
