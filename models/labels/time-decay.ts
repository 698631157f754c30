/** Weight of the oldest row relative to the newest under `uniqueness-and-decay`. */
const OLDEST_SHARE = 0.5;

/**
 * Linear time decay over cumulative weight (Lopez de Prado 2018, section 4.7): the newest row keeps its weight, the
 * oldest is multiplied by close to `oldestShare`, rows between by a line in cumulative weight. `timeMs` ascends; rows
 * of one time, one for each symbol, are equally old. Applied inside a training window, because what counts as newest is
 * where that window ends.
 */
export function decayWeights(weight: Float64Array, timeMs: Float64Array, oldestShare = OLDEST_SHARE): Float64Array {
  let total = 0;
  for (const value of weight) total += value;
  let cumulative = 0;
  const decayed = new Float64Array(weight.length);
  for (let from = 0, to = 0; from < decayed.length; from = to) {
    for (; to < decayed.length && timeMs[to] === timeMs[from]; to++) cumulative += weight[to]!;
    const share = oldestShare + (1 - oldestShare) * (cumulative / total);
    for (let row = from; row < to; row++) decayed[row] = weight[row]! * share;
  }
  return decayed;
}

/** Scales positive weights to mean 1. */
export function meanOne(weight: Float64Array): Float64Array {
  let total = 0;
  for (const value of weight) total += value;
  const scale = weight.length / total;
  const scaled = new Float64Array(weight.length);
  for (let row = 0; row < scaled.length; row++) scaled[row] = weight[row]! * scale;
  return scaled;
}
