import { SignalboxError } from '../../infra/errors.ts';
import type { EnsembleModel } from './ensemble-model.ts';

/** What a model says of a symbol's newest row, or why it says nothing. */
export type RowAnswer =
  { readonly kind: 'prediction'; readonly probability: number } | { readonly kind: 'refusal'; readonly reason: string };

/**
 * The last `window` feature rows of each symbol, for models that are asked one bar at a time. Rows go in as they are,
 * unscaled.
 */
export class RollingRows {
  readonly window: number;
  readonly width: number;
  /**
   * Rows of each symbol twice over: row `n` stands at `n % window` and again `window` later, so that a window is one
   * stretch.
   */
  readonly #rows: readonly Float64Array[];
  readonly #seen: Int32Array;

  constructor(symbols: number, size: { readonly window: number; readonly width: number }) {
    this.window = size.window;
    this.width = size.width;
    this.#rows = Array.from({ length: symbols }, () => new Float64Array(2 * size.window * size.width));
    this.#seen = new Int32Array(symbols);
  }

  /** Takes the next row of a symbol: every closed bar's, in order, from the first on whose features have warmed up. */
  push(symbol: number, row: Float64Array): void {
    const { window, width } = this;
    if (row.length !== width) throw new SignalboxError(`a row of ${row.length} features where ${width} are expected`);
    const at = (this.#seen[symbol]!++ % window) * width;
    this.#rows[symbol]!.set(row, at);
    this.#rows[symbol]!.set(row, at + window * width);
  }

  /** Rows that have to come before the symbol's window is full; 0 when it is. */
  missing(symbol: number): number {
    return Math.max(0, this.window - this.#seen[symbol]!);
  }

  /**
   * The symbol's last `window` rows, oldest first: a view that the next `push` changes. Throws while rows are missing.
   */
  windowOf(symbol: number): Float64Array {
    if (this.missing(symbol) > 0) throw new SignalboxError(`symbol ${symbol} lacks ${this.missing(symbol)} rows`);
    const from = (this.#seen[symbol]! % this.window) * this.width;
    return this.#rows[symbol]!.subarray(from, from + this.window * this.width);
  }
}

/**
 * Asks an ensemble row by row: to the bit what it says of the same rows in one batch. Until as many rows of a symbol
 * are there as the ensemble looks at it refuses, with the count.
 */
export function rollingPredictor(
  ensemble: Pick<EnsembleModel, 'window' | 'featureNames' | 'predict'>,
  symbols: number,
): (symbol: number, row: Float64Array) => RowAnswer {
  const { window } = ensemble;
  const rolling = new RollingRows(symbols, { window, width: ensemble.featureNames.length });
  const out = new Float64Array(1);
  return (symbol, row) => {
    rolling.push(symbol, row);
    const missing = rolling.missing(symbol);
    if (missing > 0) return { kind: 'refusal', reason: `warming up: ${window - missing} of ${window} rows` };
    ensemble.predict(rolling.windowOf(symbol), 1, out);
    return { kind: 'prediction', probability: out[0]! };
  };
}
