import type { Random } from '../../infra/random.ts';

/** What is sampled: a function of windows, and the window that is explained. */
export interface SampledQuestion {
  /** Values of `rows` windows, one after another (`rows * window * width`). */
  readonly value: (windows: Float64Array, rows: number) => Float64Array;
  /** The window in question, oldest row first. */
  readonly present: Float64Array;
  /** The window that stands for "nothing is known": a feature that is absent has its values in every row. */
  readonly absent: Float64Array;
  readonly width: number;
}

/**
 * Contributions of the features, adding up to `value - base` but for rounding, and how uncertain the sampling leaves
 * them.
 */
export interface SampledShapley {
  readonly base: number;
  readonly value: number;
  readonly contributions: Float64Array;
  /** Standard error of each contribution over the pairs of orders; NaN for a single pair. */
  readonly standardError: Float64Array;
}

function shuffled(width: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: width }, (_, feature) => feature);
  for (let i = width - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** Values while the features appear in `order`, one by one: `width + 1` of them. */
function alongOrder(question: SampledQuestion, order: Int32Array): Float64Array {
  const { present, absent, width, value } = question;
  const size = present.length;
  const windows = new Float64Array((width + 1) * size);
  const current = absent.slice();
  windows.set(current);
  order.forEach((feature, step) => {
    for (let at = feature; at < size; at += width) current[at] = present[at]!;
    windows.set(current, (step + 1) * size);
  });
  return value(windows, width + 1);
}

/**
 * Sampled Shapley values (Castro, Gomez and Tejada 2009): the mean over random orders of what a feature changes when it
 * appears, each order followed by its reverse, which takes out much of the chance (Mitchell et al. 2022). A feature is
 * its values in all rows of the window. Costs `2 pairs (width + 1)` evaluations.
 */
export function sampledShapley(question: SampledQuestion, sampling: { pairs: number; random: Random }): SampledShapley {
  const { width } = question;
  const { pairs, random } = sampling;
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  let ends = { base: 0, value: 0 };
  for (let pair = 0; pair < pairs; pair++) {
    const order = shuffled(width, random);
    const own = new Float64Array(width);
    for (const direction of [order, order.toReversed()]) {
      const values = alongOrder(question, direction);
      direction.forEach((feature, step) => (own[feature]! += (values[step + 1]! - values[step]!) / 2));
      ends = { base: values[0]!, value: values[width]! };
    }
    own.forEach((value, feature) => {
      sum[feature]! += value;
      squares[feature]! += value * value;
    });
  }
  const contributions = sum.map((total) => total / pairs);
  const standardError = squares.map((total, feature) => {
    if (pairs < 2) return NaN;
    const variance = Math.max(0, total - pairs * contributions[feature]! ** 2) / (pairs - 1);
    return Math.sqrt(variance / pairs);
  });
  return { ...ends, contributions, standardError };
}
