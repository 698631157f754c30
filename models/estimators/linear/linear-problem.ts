/** Standardised rows with labels and weights; weights are scaled to sum 1, so that penalties do not depend on the number of rows. */
export interface LinearProblem {
  readonly rows: number;
  readonly width: number;
  /** Row-major, `rows * width`. */
  readonly z: Float64Array;
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

/** A linear score: `intercept + z . coefficients`. */
export interface LinearScore {
  readonly intercept: number;
  readonly coefficients: Float64Array;
}

/** The problem of the rows at `rowIndex`, or of all rows, whose `z` is then used as it is: a copy would be as large as the data. */
export function problemOf(
  z: Float64Array,
  width: number,
  labels: { y: Float64Array; weight: Float64Array },
  rowIndex?: Int32Array,
): LinearProblem {
  const rows = rowIndex?.length ?? labels.y.length;
  const weight = new Float64Array(rows);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    weight[row] = labels.weight[rowIndex === undefined ? row : rowIndex[row]!]!;
    total += weight[row]!;
  }
  for (let row = 0; row < rows; row++) weight[row]! /= total;
  if (rowIndex === undefined) return { rows, width, z, y: labels.y, weight };
  const chosen = new Float64Array(rows * width);
  const y = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const from = rowIndex[row]!;
    chosen.set(z.subarray(from * width, (from + 1) * width), row * width);
    y[row] = labels.y[from]!;
  }
  return { rows, width, z: chosen, y, weight };
}

export function scoreOf(score: LinearScore, z: Float64Array, at: number): number {
  let sum = score.intercept;
  for (let j = 0; j < score.coefficients.length; j++) sum += score.coefficients[j]! * z[at + j]!;
  return sum;
}

export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

/** Weighted mean log-loss of a score: `log(1 + e^s) - y s`, without overflow. */
export function logLossOf(score: LinearScore, problem: LinearProblem): number {
  let loss = 0;
  for (let row = 0; row < problem.rows; row++) {
    const s = scoreOf(score, problem.z, row * problem.width);
    loss += problem.weight[row]! * (Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s))) - problem.y[row]! * s);
  }
  return loss;
}

/** Log-odds of the weighted share of label 1, held within what half a row of evidence could say. */
export function priorLogOdds(problem: LinearProblem): number {
  let share = 0;
  for (let row = 0; row < problem.rows; row++) share += problem.weight[row]! * problem.y[row]!;
  const least = 0.5 / (problem.rows + 1);
  const held = Math.min(1 - least, Math.max(least, share));
  return Math.log(held / (1 - held));
}

/** `Z' W Z` (row-major, symmetric) for rows extended by a constant 1 in the last place: `(width + 1)^2`. */
export function gramOf(problem: LinearProblem, rowWeight: Float64Array): Float64Array {
  const { rows, width, z } = problem;
  const size = width + 1;
  const gram = new Float64Array(size * size);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    const w = rowWeight[row]!;
    for (let i = 0; i < width; i++) {
      const value = w * z[at + i]!;
      const to = i * size;
      for (let j = 0; j <= i; j++) gram[to + j]! += value * z[at + j]!;
      gram[width * size + i]! += value;
    }
    gram[width * size + width]! += w;
  }
  for (let i = 0; i < size; i++) for (let j = i + 1; j < size; j++) gram[i * size + j] = gram[j * size + i]!;
  return gram;
}
