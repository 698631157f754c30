import type { OrderedColumn } from './information-coefficient.ts';
import { scored, unscored, type Score } from './score.ts';

/** Probabilities are kept this far from 0 and 1 in a log loss, as scikit-learn does for double precision. */
const EPSILON = 2 ** -52;

function meanOver(length: number, counts: Int32Array | undefined, loss: (row: number) => number): Score {
  let sum = 0;
  let n = 0;
  for (let row = 0; row < length; row++) {
    const count = counts === undefined ? 1 : counts[row]!;
    if (count === 0) continue;
    sum += count * loss(row);
    n += count;
  }
  return n === 0 ? unscored('There are no rows') : scored(sum / n);
}

/** Mean negative log likelihood, in nats. */
export function logLoss(probability: Float64Array, y: Float64Array, counts?: Int32Array): Score {
  return meanOver(y.length, counts, (row) => {
    const p = Math.min(1 - EPSILON, Math.max(EPSILON, probability[row]!));
    return -Math.log(y[row] === 1 ? p : 1 - p);
  });
}

/** Brier score: mean squared distance of the probability from the class. */
export function brier(probability: Float64Array, y: Float64Array, counts?: Int32Array): Score {
  return meanOver(y.length, counts, (row) => (probability[row]! - y[row]!) ** 2);
}

/** Share of rows whose more probable class came true; a probability of exactly one half predicts 0, as a zero return is labelled. */
export function hitRate(probability: Float64Array, y: Float64Array, counts?: Int32Array): Score {
  return meanOver(y.length, counts, (row) => ((probability[row]! > 0.5 ? 1 : 0) === y[row] ? 1 : 0));
}

/** Area under the ROC curve: the share of (up, not up) pairs that the score puts in order, ties counting one half. */
export function auc(score: OrderedColumn, y: Float64Array, counts?: Int32Array): Score {
  const { values, order } = score;
  let negatives = 0;
  let positives = 0;
  let ordered = 0;
  for (let from = 0; from < order.length;) {
    let tiedUp = 0;
    let tiedDown = 0;
    let to = from;
    for (; to < order.length && values[order[to]!] === values[order[from]!]; to++) {
      const count = counts === undefined ? 1 : counts[order[to]!]!;
      if (y[order[to]!] === 1) tiedUp += count;
      else tiedDown += count;
    }
    ordered += tiedUp * (negatives + tiedDown / 2);
    positives += tiedUp;
    negatives += tiedDown;
    from = to;
  }
  if (positives === 0 || negatives === 0) return unscored('All rows are of one class');
  return scored(ordered / (positives * negatives));
}
