import type { EnsemblePrediction } from './ensemble-model.ts';

/** Distance between the probabilities of the two members that lie furthest apart, by row; 0 for a member alone. */
export function disagreementOf({ members }: Pick<EnsemblePrediction, 'members'>): Float64Array {
  const [first = new Float64Array(0), ...others] = members;
  return first.map((probability, row) => {
    let [low, high] = [probability, probability];
    for (const other of others) {
      low = Math.min(low, other[row]!);
      high = Math.max(high, other[row]!);
    }
    return high - low;
  });
}
