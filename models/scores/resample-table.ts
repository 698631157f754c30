import { doubleArray, integerArray } from '../estimators/trees/shared-array.ts';
import { ascendingOrder } from './ascending-order.ts';
import { barMoments } from './bar-moments.ts';
import { hitOf, logLossOf, squaredErrorOf } from './probability-scores.ts';
import type { Scorable } from './score.ts';

/**
 * Predictions prepared for being resampled by whole bars: sorted once, summed up per bar. Plain data over memory that
 * threads share. A resample then costs a walk over the rows in each of two orders, and no sorting.
 */
export interface ResampleTable {
  readonly rows: number;
  readonly bars: number;
  /** See `barMoments`: of score, realised return, log loss, Brier score and hits. */
  readonly moments: Float64Array;
  /** Rows in rising order of score: bar times 4, plus 2 for class 1, plus 1 where the next row has another score. */
  readonly byScore: Int32Array;
  /** Rows in rising order of realised return: bar times 2, plus 1 where the next row has another return. */
  readonly byOutcome: Int32Array;
  /** Where each entry of `byOutcome` stands in `byScore`. */
  readonly placeByScore: Int32Array;
}

/** The bar of each row, counted from 0, of rows that ascend in decision time. */
export function barsOfDecisions(decisionTimeMs: Float64Array): { barOfRow: Int32Array; bars: number } {
  const barOfRow = new Int32Array(decisionTimeMs.length);
  let bars = barOfRow.length === 0 ? 0 : 1;
  for (let row = 1; row < barOfRow.length; row++) {
    if (decisionTimeMs[row] !== decisionTimeMs[row - 1]) bars++;
    barOfRow[row] = bars - 1;
  }
  return { barOfRow, bars };
}

/** Sorts and sums up predictions for `ResampledScores`. */
export function resampleTable(input: Scorable): ResampleTable {
  const { score, probability, y, realisedReturn: outcome } = input;
  const { barOfRow, bars } = barsOfDecisions(input.decisionTimeMs);
  const rows = barOfRow.length;
  const moments = barMoments({
    barOfRow,
    bars,
    score,
    outcome,
    losses: [
      (row) => logLossOf(probability[row]!, y[row]!),
      (row) => squaredErrorOf(probability[row]!, y[row]!),
      (row) => hitOf(probability[row]!, y[row]!),
    ],
  });
  const integers = (): Int32Array => integerArray(rows, true);
  const [byScore, byOutcome, placeByScore] = [integers(), integers(), integers()];
  const placeOfRow = new Int32Array(rows);
  const scoreOrder = ascendingOrder(score);
  for (let place = 0; place < rows; place++) {
    const row = scoreOrder[place]!;
    placeOfRow[row] = place;
    const last = place + 1 === rows || score[scoreOrder[place + 1]!] !== score[row] ? 1 : 0;
    byScore[place] = barOfRow[row]! * 4 + (y[row] === 1 ? 2 : 0) + last;
  }
  const outcomeOrder = ascendingOrder(outcome);
  for (let place = 0; place < rows; place++) {
    const row = outcomeOrder[place]!;
    const last = place + 1 === rows || outcome[outcomeOrder[place + 1]!] !== outcome[row] ? 1 : 0;
    byOutcome[place] = barOfRow[row]! * 2 + last;
    placeByScore[place] = placeOfRow[row]!;
  }
  return { rows, bars, moments: inSharedMemory(moments), byScore, byOutcome, placeByScore };
}

function inSharedMemory(values: Float64Array): Float64Array {
  const shared = doubleArray(values.length, true);
  shared.set(values);
  return shared;
}
