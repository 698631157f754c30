/** Per bar: rows, means and centred second moments of two columns, and sums of three losses. */
export const MOMENTS = 9;

/** What the moments are taken of: columns of equal length, and the bar of each row, ascending. */
export interface MomentColumns {
  readonly barOfRow: Int32Array;
  readonly bars: number;
  readonly score: Float64Array;
  readonly outcome: Float64Array;
  /** What each row adds to the mean losses. */
  readonly losses: readonly [(row: number) => number, (row: number) => number, (row: number) => number];
}

/**
 * Sums of every bar, `MOMENTS` numbers each: rows, mean score, mean outcome, centred squares of both and their product,
 * three losses. A resample draws whole bars, so that these say of it what its rows would. Squares are centred on the
 * bar's own mean: uncentred ones would lose digits where the mean is large beside the spread.
 */
export function barMoments({ barOfRow, bars, score, outcome, losses }: MomentColumns): Float64Array {
  const moments = new Float64Array(bars * MOMENTS);
  const [first, second, third] = losses;
  for (let row = 0; row < barOfRow.length; row++) {
    const at = barOfRow[row]! * MOMENTS;
    moments[at]! += 1;
    moments[at + 1]! += score[row]!;
    moments[at + 2]! += outcome[row]!;
    moments[at + 6]! += first(row);
    moments[at + 7]! += second(row);
    moments[at + 8]! += third(row);
  }
  for (let at = 0; at < moments.length; at += MOMENTS) {
    moments[at + 1]! /= moments[at]!;
    moments[at + 2]! /= moments[at]!;
  }
  for (let row = 0; row < barOfRow.length; row++) {
    const at = barOfRow[row]! * MOMENTS;
    const a = score[row]! - moments[at + 1]!;
    const b = outcome[row]! - moments[at + 2]!;
    moments[at + 3]! += a * a;
    moments[at + 4]! += b * b;
    moments[at + 5]! += a * b;
  }
  return moments;
}
