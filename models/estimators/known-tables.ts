import { DAY_MS } from '../../features/timeframe.ts';
import type { Dataset } from '../dataset.ts';

/**
 * Wraps a row-major matrix and labels into a dataset of one symbol with one row per day and labels known the day after.
 */
export function datasetOf(x: Float64Array, y: Float64Array, weight?: Float64Array): Dataset {
  const rows = y.length;
  const width = x.length / rows;
  return {
    featureNames: Array.from({ length: width }, (_, feature) => `f${feature}`),
    rows,
    width,
    x,
    y,
    weight: weight ?? new Float64Array(rows).fill(1),
    realisedReturn: y.map((label) => (label === 1 ? 0.01 : -0.01)),
    decisionTimeMs: Float64Array.from({ length: rows }, (_, row) => row * DAY_MS),
    labelEndTimeMs: Float64Array.from({ length: rows }, (_, row) => (row + 1) * DAY_MS - 1),
    symbolIndex: new Int32Array(rows),
    symbols: ['TEST'],
  };
}

/**
 * mulberry32 (Tommy Ettinger): the generator of the peer benchmarks, so that their tables can be made here bit for bit.
 */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The classification table of the peer benchmarks: normal features (four uniforms), label 1 where
 * `x0 x1 + 0.8 x2 + (x3 > 0.5 ? 1 : -0.4) x4 + 0.5 (|x5| - 0.8) + 1.5 noise > 0`. Seed 7 with 40 features is `rf80k`
 * (first 80,000 of 100,000 rows train), seed 8 with 60 is `rf400k` (first 400,000 of 420,000).
 */
export function peerTable(rows: number, width: number, seed: number): { x: Float64Array; y: Float64Array } {
  const uniform = mulberry32(seed);
  const deviate = (): number => (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508075688772;
  const x = new Float64Array(rows * width);
  const y = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    for (let feature = 0; feature < width; feature++) x[at + feature] = deviate();
    const noise = deviate();
    const score =
      x[at]! * x[at + 1]! +
      0.8 * x[at + 2]! +
      (x[at + 3]! > 0.5 ? 1 : -0.4) * x[at + 4]! +
      0.5 * (Math.abs(x[at + 5]!) - 0.8);
    y[row] = score + 1.5 * noise > 0 ? 1 : 0;
  }
  return { x, y };
}

/** Area under the ROC curve by ranks, ties shared. */
export function areaUnderCurve(score: Float64Array, y: Float64Array): number {
  const order = Int32Array.from(score.keys()).sort((a, b) => score[a]! - score[b]!);
  let ranks = 0;
  let positives = 0;
  for (let i = 0; i < order.length;) {
    let end = i + 1;
    while (end < order.length && score[order[end]!] === score[order[i]!]) end++;
    for (let j = i; j < end; j++) {
      if (y[order[j]!] !== 1) continue;
      positives++;
      ranks += (i + end + 1) / 2;
    }
    i = end;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (order.length - positives));
}
