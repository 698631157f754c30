import { takeInto, type Dataset } from '../../dataset.ts';
import type { Fold } from '../../splits/fold.ts';

/** Out-of-sample predictions as columns: one entry per predicted row, ascending in decision time, then symbol. */
export interface Predictions {
  readonly rows: number;
  /** Calibrated probability of up. */
  readonly probability: Float64Array;
  /** Combined member probability before calibration; ranks and correlations use it. */
  readonly score: Float64Array;
  /** Share of training rows nearer to their centre than this row; NaN where it cannot be told. */
  readonly novelty: Float64Array;
  /** Distance between the probabilities of the two members that lie furthest apart. */
  readonly disagreement?: Float64Array;
  readonly y: Float64Array;
  readonly realisedReturn: Float64Array;
  readonly decisionTimeMs: Float64Array;
  readonly symbolIndex: Int32Array;
  readonly symbols: readonly string[];
  /** Fold that predicted the row, and the reconstructed path it belongs to (0 but for combinatorial splits). */
  readonly fold: Int32Array;
  readonly path: Int32Array;
}

/** Puts a fold's predicted values beside what came true. */
export function predictionsOf(
  dataset: Dataset,
  fold: Pick<Fold, 'index' | 'testRows' | 'testBlocks'>,
  predicted: Pick<Predictions, 'probability' | 'score' | 'novelty' | 'disagreement'>,
): Predictions {
  const { testRows } = fold;
  const take = (column: Float64Array): Float64Array => takeInto(column, testRows, new Float64Array(testRows.length));
  const pathOf = (row: number): number =>
    fold.testBlocks.find((block) => row >= block.fromRow && row < block.toRow)?.path ?? 0;
  return {
    rows: testRows.length,
    probability: predicted.probability,
    score: predicted.score,
    novelty: predicted.novelty,
    ...(predicted.disagreement === undefined ? {} : { disagreement: predicted.disagreement }),
    y: take(dataset.y),
    realisedReturn: take(dataset.realisedReturn),
    decisionTimeMs: take(dataset.decisionTimeMs),
    symbolIndex: takeInto(dataset.symbolIndex, testRows, new Int32Array(testRows.length)),
    symbols: dataset.symbols,
    fold: new Int32Array(testRows.length).fill(fold.index),
    path: testRows.map(pathOf),
  };
}

/**
 * Stitches the predictions of several folds into one series per path, each ascending in decision time, then symbol.
 * Walk-forward and k-fold give one path; combinatorial splits give `C(folds, testFolds) x testFolds / folds`.
 */
export function stitchPredictions(parts: readonly Predictions[]): Predictions[] {
  if (parts.length === 0) return [];
  const byPath = new Map<number, { part: Predictions; row: number }[]>();
  for (const part of parts) {
    for (let row = 0; row < part.rows; row++) {
      const list = byPath.get(part.path[row]!) ?? [];
      list.push({ part, row });
      byPath.set(part.path[row]!, list);
    }
  }
  return [...byPath.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, entries]) => {
      entries.sort(
        (a, b) =>
          a.part.decisionTimeMs[a.row]! - b.part.decisionTimeMs[b.row]! ||
          a.part.symbolIndex[a.row]! - b.part.symbolIndex[b.row]!,
      );
      const floats = (
        name: 'probability' | 'score' | 'novelty' | 'y' | 'realisedReturn' | 'decisionTimeMs',
      ): Float64Array => Float64Array.from(entries, ({ part, row }) => part[name][row]!);
      const integers = (name: 'symbolIndex' | 'fold' | 'path'): Int32Array =>
        Int32Array.from(entries, ({ part, row }) => part[name][row]!);
      return {
        rows: entries.length,
        probability: floats('probability'),
        score: floats('score'),
        novelty: floats('novelty'),
        y: floats('y'),
        realisedReturn: floats('realisedReturn'),
        decisionTimeMs: floats('decisionTimeMs'),
        symbolIndex: integers('symbolIndex'),
        symbols: parts[0]!.symbols,
        fold: integers('fold'),
        path: integers('path'),
      };
    });
}
