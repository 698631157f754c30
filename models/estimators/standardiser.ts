import { z } from 'zod';
import { InputError } from '../../infra/errors.ts';
import type { Dataset } from '../dataset.ts';
import { sortedValues } from './trees/sorted-values.ts';

const finite = z.array(z.number());

/**
 * Centres, scales and fills features with figures of the training rows alone. All arrays have one entry per feature.
 */
export const standardiserSchema = z.strictObject({
  mean: finite,
  /** 1 / standard deviation; 0 for a constant feature, whose value then is always 0. */
  inverseDeviation: finite,
  /** Put in place of a missing value. */
  median: finite,
  /** Training cells that were missing: kept so that nobody has to guess whether filling took place. */
  missing: z.array(z.int().min(0)),
});

export type Standardiser = z.infer<typeof standardiserSchema>;

/** Standardised values beyond this are cut to it: one fat-tailed bar must not decide a linear score. */
const CLIP = 6;
/** The same for others: an exported number is read again, and tested, at every turn of a loop. */
export const STANDARDISED_MOST = CLIP;

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Unweighted figures of each column; non-finite values count as missing. A column of only missing values becomes 0. */
export function fitStandardiser(dataset: Pick<Dataset, 'rows' | 'width' | 'x'>): Standardiser {
  const { rows, width, x } = dataset;
  const result = {
    mean: [] as number[],
    inverseDeviation: [] as number[],
    median: [] as number[],
    missing: [] as number[],
  };
  const column = new Float64Array(rows);
  for (let feature = 0; feature < width; feature++) {
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const value = x[row * width + feature]!;
      if (Number.isFinite(value)) column[count++] = value;
    }
    const values = sortedValues(column.subarray(0, count));
    const median = medianOf(values);
    // Sums around the median, filled cells included (they add nothing): no cancellation for prices far from zero.
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[i]! - median;
    const mean = median + sum / rows;
    let squares = (rows - count) * (median - mean) ** 2;
    for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2;
    const deviation = Math.sqrt(squares / rows);
    const scale = Math.abs(mean) + Math.abs(median);
    result.mean.push(mean);
    result.inverseDeviation.push(deviation > 1e-12 * scale && deviation > 0 ? 1 / deviation : 0);
    result.median.push(median);
    result.missing.push(rows - count);
  }
  return result;
}

/** Writes one standardised row from `x` at `from` into `out` at `to`: finite always, within -6 and 6. */
export function standardiseRow(
  standardiser: Standardiser,
  source: { x: Float64Array; from: number },
  target: { out: Float64Array | Float32Array; to: number },
): void {
  const { mean, inverseDeviation, median } = standardiser;
  const { x, from } = source;
  const { out, to } = target;
  for (let feature = 0; feature < mean.length; feature++) {
    const raw = x[from + feature]!;
    const value = ((Number.isFinite(raw) ? raw : median[feature]!) - mean[feature]!) * inverseDeviation[feature]!;
    out[to + feature] = value > CLIP ? CLIP : value < -CLIP ? -CLIP : value;
  }
}

/** Standardises `rows` rows into a new row-major matrix. */
export function standardiseRows(standardiser: Standardiser, x: Float64Array, rows: number): Float64Array {
  const width = standardiser.mean.length;
  const out = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    standardiseRow(standardiser, { x, from: row * width }, { out, to: row * width });
  }
  return out;
}

/** A stored standardiser must have one entry per feature. */
export function assertStandardiserWidth(standardiser: Standardiser, width: number): void {
  for (const [name, values] of Object.entries(standardiser)) {
    if (values.length !== width) {
      throw new InputError(
        `model: standardiser.${name} has ${values.length} entries for ${width} features`,
        'train it again',
      );
    }
  }
}
