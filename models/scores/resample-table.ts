import { doubleArray, integerArray } from '../estimators/trees/shared-array.ts';
import { ascendingOrder } from './ascending-order.ts';
import { barMoments } from './bar-moments.ts';
import { hitOf, logLossOf, squaredErrorOf } from './probability-scores.ts';
import type { Scorable } from './score.ts';

/**
 * Places of one stretch of the outcome's order: its ranks, 8 bytes each, stay in the cache of a core while the rows of
 * the stretch look them up. Looked up all over 8 MB, 2.1 million ranks took four fifths of a resample's time.
 */
const STRETCH_PLACES = 32_768;

/**
 * Predictions prepared for being resampled by whole bars: sorted once, summed up per bar. Plain data over memory that
 * threads share. A resample then costs three walks over the rows, and no sorting.
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
  /** Where each entry of `byScore` stands in the order of `outcomePlaces`. */
  readonly stretchPlaces: Int32Array;
  /**
   * Where rows stand in `byOutcome`, stretch by stretch of it, and those of a stretch in the order of `byScore`: what
   * is written in that order is read in this one with few jumps.
   */
  readonly outcomePlaces: Int32Array;
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
  const [byScore, byOutcome] = [integers(), integers()];
  const scoreOrder = ascendingOrder(score);
  for (let place = 0; place < rows; place++) {
    const row = scoreOrder[place]!;
    const last = place + 1 === rows || score[scoreOrder[place + 1]!] !== score[row] ? 1 : 0;
    byScore[place] = barOfRow[row]! * 4 + (y[row] === 1 ? 2 : 0) + last;
  }
  const outcomePlaceOf = new Int32Array(rows);
  const outcomeOrder = ascendingOrder(outcome);
  for (let place = 0; place < rows; place++) {
    const row = outcomeOrder[place]!;
    const last = place + 1 === rows || outcome[outcomeOrder[place + 1]!] !== outcome[row] ? 1 : 0;
    outcomePlaceOf[row] = place;
    byOutcome[place] = barOfRow[row]! * 2 + last;
  }
  const [stretchPlaces, outcomePlaces] = [integers(), integers()];
  const next = stretchStarts(rows);
  for (let place = 0; place < rows; place++) {
    const outcomePlace = outcomePlaceOf[scoreOrder[place]!]!;
    const at = next[Math.floor(outcomePlace / STRETCH_PLACES)]!++;
    stretchPlaces[place] = at;
    outcomePlaces[at] = outcomePlace;
  }
  return { rows, bars, moments: inSharedMemory(moments), byScore, byOutcome, stretchPlaces, outcomePlaces };
}

/** Every stretch has as many rows as places: it begins where they do. */
function stretchStarts(rows: number): Int32Array {
  return Int32Array.from({ length: Math.ceil(rows / STRETCH_PLACES) }, (_, stretch) => stretch * STRETCH_PLACES);
}

function inSharedMemory(values: Float64Array): Float64Array {
  const shared = doubleArray(values.length, true);
  shared.set(values);
  return shared;
}
