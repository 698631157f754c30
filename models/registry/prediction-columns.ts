import { takeInto } from '../dataset.ts';

/** What moved predictions, a row of `width` numbers for each. */
export interface RowMoves {
  readonly width: number;
  readonly values: Float64Array;
}

/** Out-of-sample predictions of one fold as columns of equal length. */
export interface FoldPredictions {
  readonly symbol: readonly string[];
  readonly decisionTimeMs: Float64Array;
  /** Calibrated probability of up. */
  readonly probability: Float64Array;
  /** What correlations are computed from. */
  readonly score: Float64Array;
  /** Share of training rows nearer to their centre than this row; NaN where it cannot be told. */
  readonly novelty: Float64Array;
  /** The label, 0 or 1. */
  readonly y: Float64Array;
  /** Simple return over the label's horizon. */
  readonly realisedReturn: Float64Array;
  /** Reconstructed path of a combinatorial split; 0 otherwise. */
  readonly path: Int32Array;
  /** What moved each prediction most, in words; null where that was not noted. */
  readonly reasons: readonly (string | null)[];
  /** Distance between the probabilities of the two members that lie furthest apart; NaN where that was not noted. */
  readonly disagreement?: Float64Array;
  /**
   * What each feature, each member as a whole, and last what is known without the row adds to the log-odds of up; null
   * or absent where that was not kept.
   */
  readonly moves?: RowMoves | null;
}

/** The predictions of a whole training, ascending in decision time, then symbol, then fold. */
export interface StoredPredictions extends Omit<FoldPredictions, 'moves'> {
  readonly length: number;
  readonly fold: Int32Array;
  /** Last label end the predicting model was trained on: it may trade only bars that close at or after it. */
  readonly trainedToMs: Float64Array;
}

/** A row as the store gives it. */
export interface PredictionRow {
  readonly fold: number;
  readonly symbol: string;
  readonly time_ms: number;
  readonly probability: number;
  readonly score: number;
  readonly label: number;
  readonly realised_return: number;
  readonly path: number;
  readonly novelty: number | null;
  readonly reasons: string | null;
  readonly disagreement?: number | null;
}

/** Predictions on their way into columns, fold after fold, each ascending in decision time, then symbol. */
export class PredictionColumns {
  #count = 0;
  readonly #columns: Required<StoredPredictions> & {
    readonly symbol: string[];
    readonly reasons: (string | null)[];
  };
  /** One string for each symbol: a driver makes a new one for every row. */
  readonly #names = new Map<string, string>();
  #ascends = true;

  constructor(length: number) {
    const floats = (): Float64Array => new Float64Array(length);
    this.#columns = {
      length,
      fold: new Int32Array(length),
      symbol: new Array<string>(length),
      decisionTimeMs: floats(),
      probability: floats(),
      score: floats(),
      novelty: floats(),
      disagreement: floats(),
      y: floats(),
      realisedReturn: floats(),
      path: new Int32Array(length),
      reasons: new Array<string | null>(length),
      trainedToMs: floats(),
    };
  }

  add(row: PredictionRow, trainedToMs: number): void {
    const columns = this.#columns;
    const at = this.#count++;
    const timeMs = Math.round(row.time_ms);
    // Walk-forward folds follow each other; others overlap.
    const before = at === 0 ? -Infinity : columns.decisionTimeMs[at - 1]!;
    if (timeMs < before || (timeMs === before && row.symbol <= columns.symbol[at - 1]!)) this.#ascends = false;
    columns.fold[at] = row.fold;
    columns.symbol[at] = this.#nameOf(row.symbol);
    columns.decisionTimeMs[at] = timeMs;
    columns.probability[at] = row.probability;
    columns.score[at] = row.score;
    columns.novelty[at] = row.novelty ?? NaN;
    columns.disagreement[at] = row.disagreement ?? NaN;
    columns.y[at] = row.label;
    columns.realisedReturn[at] = row.realised_return;
    columns.path[at] = row.path;
    columns.reasons[at] = row.reasons;
    columns.trainedToMs[at] = Math.round(trainedToMs);
  }

  /** The columns ascending in decision time, then symbol (by code point, as the rows came), then fold. */
  inOrder(): StoredPredictions {
    const columns = this.#columns;
    if (this.#ascends) return columns;
    const { decisionTimeMs, symbol, fold } = columns;
    const bySymbol = (i: number, j: number): number => (symbol[i]! < symbol[j]! ? -1 : symbol[i]! > symbol[j]! ? 1 : 0);
    const order = Int32Array.from(fold.keys()).sort(
      (i, j) => decisionTimeMs[i]! - decisionTimeMs[j]! || bySymbol(i, j) || fold[i]! - fold[j]!,
    );
    return takePredictions(columns, order);
  }

  #nameOf(symbol: string): string {
    const known = this.#names.get(symbol);
    if (known !== undefined) return known;
    this.#names.set(symbol, symbol);
    return symbol;
  }
}

/** The predictions at `rows`, in their order. */
export function takePredictions(predictions: StoredPredictions, rows: Int32Array): StoredPredictions {
  const floats = (column: Float64Array): Float64Array => takeInto(column, rows, new Float64Array(rows.length));
  const integers = (column: Int32Array): Int32Array => takeInto(column, rows, new Int32Array(rows.length));
  const texts = <T>(column: readonly T[]): T[] => Array.from(rows, (row) => column[row]!);
  return {
    length: rows.length,
    fold: integers(predictions.fold),
    symbol: texts(predictions.symbol),
    decisionTimeMs: floats(predictions.decisionTimeMs),
    probability: floats(predictions.probability),
    score: floats(predictions.score),
    novelty: floats(predictions.novelty),
    y: floats(predictions.y),
    realisedReturn: floats(predictions.realisedReturn),
    path: integers(predictions.path),
    reasons: texts(predictions.reasons),
    trainedToMs: floats(predictions.trainedToMs),
    ...(predictions.disagreement === undefined ? {} : { disagreement: floats(predictions.disagreement) }),
  };
}
