import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { computeFeatures } from '../../features/feature-matrix.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import { ROUNDING } from '../../features/rounding.ts';

/** How much a feature's values depend on where history starts. */
export interface WarmUpFinding {
  readonly column: string;
  /** Bars after the later start from which on the two agree to `TOLERANCE`; null: never within the bars at hand. */
  readonly settlesAfterBars: number | null;
  /** Largest relative difference at the newest bar. */
  readonly differenceAtEnd: number;
}

/** Relative difference below which two values count as equal. */
const TOLERANCE = 1e-6;

/**
 * Computes `set` twice, from the first bar and from a later one, and compares the bars both have. Rolling features
 * agree as soon as they are warm; exponential ones settle slowly; sums since the beginning never do. One finding per
 * column that does not agree at its declared warm-up.
 */
export function warmUpFindings(set: FeatureSet, bars: readonly BarColumns[]): WarmUpFinding[] {
  const start = Math.floor(Math.min(...bars.map(({ length }) => length)) / 4);
  const later = bars.map((columns) => sliceBarColumns(columns, start, columns.length));
  const [whole] = computeFeatures(set, bars);
  const [part] = computeFeatures(set, later);
  const width = set.columns.length;
  return set.columns.flatMap((column, at) => {
    const floor = ROUNDING * largest(whole!.values, at, width);
    let settled = 0;
    let last = 0;
    for (let row = 0; row < part!.length; row++) {
      const [a, b] = [whole!.values[(row + start) * width + at]!, part!.values[row * width + at]!];
      last = Number.isNaN(a) || Number.isNaN(b) ? (Object.is(a, b) ? 0 : Infinity) : relative(a, b, floor);
      if (last > TOLERANCE) settled = row + 1;
    }
    if (settled <= set.warmUpBars) return [];
    return [{ column, settlesAfterBars: settled === part!.length ? null : settled, differenceAtEnd: last }];
  });
}

/** Difference of `a` and `b` as a part of the larger; `floor` is the rounding of the column they stand in. */
function relative(a: number, b: number, floor: number): number {
  const difference = Math.abs(a - b);
  return difference === 0 ? 0 : difference / Math.max(Math.abs(a), Math.abs(b), floor);
}

/** Largest size in column `at` of a matrix of rows. */
function largest(values: Float64Array, at: number, width: number): number {
  let size = 0;
  for (let i = at; i < values.length; i += width) if (Math.abs(values[i]!) > size) size = Math.abs(values[i]!);
  return size;
}
