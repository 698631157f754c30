/** Weight of the oldest row relative to the newest under `uniqueness-and-decay`. */
export const OLDEST_SHARE = 0.5;

/**
 * Linear time decay over cumulative weight (Lopez de Prado 2018, section 4.7): the newest row keeps its weight, the oldest
 * is multiplied by close to `oldestShare`, rows between by a line in cumulative weight. `weight` ascends in time. Applied inside a training
 * window, because what counts as newest is where that window ends.
 */
export function decayWeights(weight: Float64Array, oldestShare = OLDEST_SHARE): Float64Array {
  let total = 0;
  for (const value of weight) total += value;
  let cumulative = 0;
  return weight.map((value) => {
    cumulative += value;
    return value * (oldestShare + (1 - oldestShare) * (cumulative / total));
  });
}

/** Scales positive weights to mean 1. */
export function meanOne(weight: Float64Array): Float64Array {
  let total = 0;
  for (const value of weight) total += value;
  const scale = weight.length / total;
  return weight.map((value) => value * scale);
}
