/** Points drawn per line: more would be finer than the lines are thick. */
const POINTS_MAX = 520;

/**
 * Indices that draw `values` as all of them would: the first, the last, and the lowest and highest of each stretch, so
 * that no peak or trough is lost. At most `most`, give or take the ends.
 */
export function thinned(values: ArrayLike<number>, most = POINTS_MAX): number[] {
  const { length } = values;
  if (length <= most) return Array.from({ length }, (_, index) => index);
  const kept = new Set([0, length - 1]);
  const stretches = Math.floor(most / 2);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches);
    let low = from;
    let high = from;
    for (let i = from + 1; i < to; i++) {
      if (values[i]! < values[low]!) low = i;
      if (values[i]! > values[high]!) high = i;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}
