import type { OwnEstimator } from 'signalbox';

interface Model {
  /** Share of the weight of rows that went up. */
  readonly prior: number;
  readonly down: readonly number[];
  readonly up: readonly number[];
}

/** Sums of the squared distance of a row from either mean; a feature that is missing counts for neither. */
function distances({ down, up }: Model, x: Float64Array, row: number): [number, number] {
  const width = up.length;
  let [toDown, toUp] = [0, 0];
  for (let j = 0; j < width; j++) {
    const value = x[row * width + j]!;
    if (!Number.isFinite(value)) continue;
    toDown += (value - down[j]!) * (value - down[j]!);
    toUp += (value - up[j]!) * (value - up[j]!);
  }
  return [toDown, toUp];
}

/** Nearest of the weighted means of the rows that went up and of those that went down, softened, from their shares. */
const nearestMeans: OwnEstimator<{ softness: number }> = {
  parameters: { softness: { default: 2, min: 0 } },
  fit({ rows, featureNames, x, y, weight }) {
    const width = featureNames.length;
    const meanOf = (label: number): number[] =>
      featureNames.map((_, j) => {
        let [sum, total] = [0, 0];
        for (let row = 0; row < rows; row++) {
          const value = x[row * width + j]!;
          if (y[row] !== label || !Number.isFinite(value)) continue;
          sum += weight[row]! * value;
          total += weight[row]!;
        }
        return total > 0 ? sum / total : 0;
      });
    let [ups, total] = [0, 0];
    for (let row = 0; row < rows; row++) {
      total += weight[row]!;
      ups += weight[row]! * y[row]!;
    }
    return { prior: ups / total, down: meanOf(0), up: meanOf(1) };
  },
  predict(model, { x, rows }, { softness }) {
    const means = model as unknown as Model;
    const { prior } = means;
    return Array.from({ length: rows }, (_, row) => {
      const [toDown, toUp] = distances(means, x, row);
      const spread = toDown + toUp;
      const up = spread > 0 ? 0.5 + (0.5 * (toDown - toUp)) / (spread * (1 + softness)) : 0.5;
      return (prior * up) / (prior * up + (1 - prior) * (1 - up));
    });
  },
};

export default nearestMeans;
