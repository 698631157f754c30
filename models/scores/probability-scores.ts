import type { OrderedColumn } from './information-coefficient.ts';
import { missingValue, scored, unscored, type Score } from './score.ts';

/** Probabilities are kept this far from 0 and 1 in a log loss, as scikit-learn does for double precision. */
const EPSILON = 2 ** -52;

/** Negative log likelihood of one prediction, in nats. */
export function logLossOf(probability: number, y: number): number {
  const p = Math.min(1 - EPSILON, Math.max(EPSILON, probability));
  return -Math.log(y === 1 ? p : 1 - p);
}

/** Squared distance of a probability from the class. */
export function squaredErrorOf(probability: number, y: number): number {
  return (probability - y) ** 2;
}

/** 1 where the more probable class came true; exactly one half predicts 0, as a zero return is labelled. */
export function hitOf(probability: number, y: number): number {
  return (probability > 0.5 ? 1 : 0) === y ? 1 : 0;
}

type Loss = (probability: number, y: number) => number;

function meanLoss(loss: Loss, probability: Float64Array, y: Float64Array): Score {
  const missing = missingValue(probability, 'probability') ?? missingValue(y, 'label');
  if (missing !== null) return missing;
  let sum = 0;
  for (let row = 0; row < y.length; row++) sum += loss(probability[row]!, y[row]!);
  return y.length === 0 ? unscored('There are no rows') : scored(sum / y.length);
}

/** Mean negative log likelihood, in nats. */
export function logLoss(probability: Float64Array, y: Float64Array): Score {
  return meanLoss(logLossOf, probability, y);
}

/** Brier score: mean squared distance of the probability from the class. */
export function brier(probability: Float64Array, y: Float64Array): Score {
  return meanLoss(squaredErrorOf, probability, y);
}

/** Share of rows whose more probable class came true. */
export function hitRate(probability: Float64Array, y: Float64Array): Score {
  return meanLoss(hitOf, probability, y);
}

/**
 * Pairs of one row up and one not: how many there are of each, and how many pairs the score puts in order, ties
 * counting one half.
 */
export interface PairCounts {
  readonly ordered: number;
  readonly positives: number;
  readonly negatives: number;
}

/** Area under the ROC curve from counts of pairs. */
export function areaOf({ ordered, positives, negatives }: PairCounts): Score {
  if (positives === 0 || negatives === 0) return unscored('All rows are of one class');
  return scored(ordered / (positives * negatives));
}

/** Area under the ROC curve: the share of (up, not up) pairs that the score puts in order, ties counting one half. */
export function auc(score: OrderedColumn, y: Float64Array): Score {
  const { values, order } = score;
  const missing = missingValue(values, 'score') ?? missingValue(y, 'label');
  if (missing !== null) return missing;
  let negatives = 0;
  let positives = 0;
  let ordered = 0;
  for (let from = 0; from < order.length;) {
    let tiedUp = 0;
    let tiedDown = 0;
    let to = from;
    for (; to < order.length && values[order[to]!] === values[order[from]!]; to++) {
      if (y[order[to]!] === 1) tiedUp++;
      else tiedDown++;
    }
    ordered += tiedUp * (negatives + tiedDown / 2);
    positives += tiedUp;
    negatives += tiedDown;
    from = to;
  }
  return areaOf({ ordered, positives, negatives });
}
