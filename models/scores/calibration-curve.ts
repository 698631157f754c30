import { ascendingOrder } from './ascending-order.ts';

/** Predictions of similar probability beside what came of them. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Mean probability of the bin. */
  readonly predicted: number;
  /** Share of class 1 in the bin. */
  readonly observed: number;
}

/** Calibration curve over `bins` bins of equal row count (the last takes the rest); equal probabilities share a bin. */
export function calibrationCurve(probability: Float64Array, y: Float64Array, bins = 10): CalibrationBin[] {
  const order = ascendingOrder(probability);
  const size = Math.max(1, Math.floor(order.length / bins));
  const curve: CalibrationBin[] = [];
  for (let from = 0; from < order.length;) {
    let to = Math.min(order.length, curve.length === bins - 1 ? order.length : from + size);
    while (to < order.length && probability[order[to]!] === probability[order[to - 1]!]) to++;
    let predicted = 0;
    let observed = 0;
    for (let k = from; k < to; k++) {
      predicted += probability[order[k]!]!;
      observed += y[order[k]!]!;
    }
    const rows = to - from;
    curve.push({
      from: probability[order[from]!]!,
      to: probability[order[to - 1]!]!,
      rows,
      predicted: predicted / rows,
      observed: observed / rows,
    });
    from = to;
  }
  return curve;
}

/** Expected calibration error: mean |predicted - observed| of the bins, weighted by their rows; null without rows. */
export function calibrationError(bins: readonly CalibrationBin[]): number | null {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  const off = bins.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.observed), 0);
  return rows === 0 ? null : off / rows;
}
