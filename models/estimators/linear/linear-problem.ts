import type { Dataset } from '../../dataset.ts';
import { standardiseRow, standardiseRows, type Standardiser } from '../standardiser.ts';

/** Standardised rows, row-major, handed out in stretches: `[from, to)` begins at the start of `z`. */
export interface RowStretches {
  each(use: (z: Float64Array, from: number, to: number) => void): void;
}

/** Rows that lie in memory: one stretch. */
export function stretchesOf(z: Float64Array, rows: number): RowStretches {
  return { each: (use) => use(z, 0, rows) };
}

/** Values of a matrix from which it is standardised again in each pass, and not kept: 256 MB. */
const KEPT_VALUES_MAX = 2 ** 25;
/** Rows that are standardised at a time: they stay in cache. */
const STRETCH_ROWS = 256;

/**
 * Standardised rows of `dataset`. Those of a large panel are made a stretch at a time whenever they are asked for: a
 * fit passes over them a few dozen times, and a matrix of them would be as large as the data. The values are the same
 * either way.
 */
export function standardisedStretches(
  standardiser: Standardiser,
  { x, rows, width }: Pick<Dataset, 'x' | 'rows' | 'width'>,
  keptValuesMax = KEPT_VALUES_MAX,
): RowStretches {
  if (rows * width <= keptValuesMax) return stretchesOf(standardiseRows(standardiser, x, rows), rows);
  const z = new Float64Array(STRETCH_ROWS * width);
  return {
    each: (use) => {
      for (let from = 0; from < rows; from += STRETCH_ROWS) {
        const to = Math.min(rows, from + STRETCH_ROWS);
        for (let row = from; row < to; row++) {
          standardiseRow(standardiser, { x, from: row * width }, { out: z, to: (row - from) * width });
        }
        use(z, from, to);
      }
    },
  };
}

/**
 * Standardised rows with labels and weights; weights are scaled to sum 1, so that penalties do not depend on the number
 * of rows.
 */
export interface LinearProblem {
  readonly rows: number;
  readonly width: number;
  readonly stretches: RowStretches;
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

/** A linear score: `intercept + z . coefficients`. */
export interface LinearScore {
  readonly intercept: number;
  readonly coefficients: Float64Array;
}

interface Labels {
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

/** The problem of all rows. */
export function problemOf(stretches: RowStretches, width: number, { y, weight }: Labels): LinearProblem {
  return { rows: y.length, width, stretches, y, weight: summingToOne(weight.slice()) };
}

/** The problem of the rows of `z` at `rowIndex`, which are copied. */
export function problemOfRows(z: Float64Array, width: number, labels: Labels, rowIndex: Int32Array): LinearProblem {
  const rows = rowIndex.length;
  const chosen = new Float64Array(rows * width);
  const y = new Float64Array(rows);
  const weight = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const from = rowIndex[row]!;
    chosen.set(z.subarray(from * width, (from + 1) * width), row * width);
    y[row] = labels.y[from]!;
    weight[row] = labels.weight[from]!;
  }
  return { rows, width, stretches: stretchesOf(chosen, rows), y, weight: summingToOne(weight) };
}

function summingToOne(weight: Float64Array): Float64Array {
  let total = 0;
  for (let row = 0; row < weight.length; row++) total += weight[row]!;
  for (let row = 0; row < weight.length; row++) weight[row]! /= total;
  return weight;
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
  const { width, y, weight } = problem;
  let loss = 0;
  problem.stretches.each((z, from, to) => {
    for (let row = from; row < to; row++) {
      const s = scoreOf(score, z, (row - from) * width);
      loss += weight[row]! * (Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s))) - y[row]! * s);
    }
  });
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
  const { width } = problem;
  const size = width + 1;
  const gram = new Float64Array(size * size);
  problem.stretches.each((z, from, to) => addToGram(gram, { z, from, to }, { width, rowWeight }));
  for (let i = 0; i < size; i++) for (let j = i + 1; j < size; j++) gram[i * size + j] = gram[j * size + i]!;
  return gram;
}

/** Rows `[from, to)` of a problem, of which row `first` begins `z`. */
interface Stretch {
  readonly z: Float64Array;
  readonly first: number;
  readonly from: number;
  readonly to: number;
}

interface GramRows {
  readonly width: number;
  readonly rowWeight: Float64Array;
}

/** Rows are added four at a time, in their order: a cell is read and written once for the four (2.3 times as fast). */
function addToGram(gram: Float64Array, { z, from, to }: Omit<Stretch, 'first'>, rows: GramRows): void {
  const middle = from + ((to - from) % 4);
  addOneByOne(gram, { z, first: from, from, to: middle }, rows);
  addByFours(gram, { z, first: from, from: middle, to }, rows);
}

function addByFours(gram: Float64Array, { z, first, from, to }: Stretch, { width, rowWeight }: GramRows): void {
  const size = width + 1;
  const last = width * size;
  for (let row = from; row < to; row += 4) {
    const w0 = rowWeight[row]!;
    const w1 = rowWeight[row + 1]!;
    const w2 = rowWeight[row + 2]!;
    const w3 = rowWeight[row + 3]!;
    const a = (row - first) * width;
    const b = a + width;
    const c = b + width;
    const d = c + width;
    for (let i = 0; i < width; i++) {
      const v0 = w0 * z[a + i]!;
      const v1 = w1 * z[b + i]!;
      const v2 = w2 * z[c + i]!;
      const v3 = w3 * z[d + i]!;
      const place = i * size;
      for (let j = 0; j <= i; j++) {
        gram[place + j] = gram[place + j]! + v0 * z[a + j]! + v1 * z[b + j]! + v2 * z[c + j]! + v3 * z[d + j]!;
      }
      gram[last + i] = gram[last + i]! + v0 + v1 + v2 + v3;
    }
    gram[last + width] = gram[last + width]! + w0 + w1 + w2 + w3;
  }
}

function addOneByOne(gram: Float64Array, { z, first, from, to }: Stretch, { width, rowWeight }: GramRows): void {
  const size = width + 1;
  for (let row = from; row < to; row++) {
    const at = (row - first) * width;
    const w = rowWeight[row]!;
    for (let i = 0; i < width; i++) {
      const value = w * z[at + i]!;
      const place = i * size;
      for (let j = 0; j <= i; j++) gram[place + j]! += value * z[at + j]!;
      gram[width * size + i]! += value;
    }
    gram[width * size + width]! += w;
  }
}
