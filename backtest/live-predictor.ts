import type { Bar } from '../features/bar.ts';
import type { FeatureSet } from '../features/feature-set.ts';
import { SignalboxError } from '../infra/errors.ts';
import type { EnsembleModel } from '../models/ensemble/ensemble-model.ts';
import { AdjustedStream } from '../pipelines/adjustments/adjusted-stream.ts';
import type { DatedAction } from '../pipelines/adjustments/corporate-action.ts';
import type { ClosedBars } from '../trading/replayed-feed.ts';
import type { Prediction, Predictor } from '../trading/strategies/model-signals.ts';

export interface LivePredictorOptions {
  readonly set: FeatureSet;
  readonly symbols: readonly string[];
  /** Splits and dividends to take out, one list per symbol. */
  readonly actions: readonly (readonly DatedAction[])[];
  readonly model: Pick<EnsembleModel, 'featureNames' | 'window' | 'trainedToMs' | 'predict'>;
  /** Closes up to here warm the features up; nothing is predicted from them. */
  readonly liveFromMs: number;
  readonly expiresAtMs: number;
}

/** A model that is asked at each close: the features of training, computed bar by bar, and what the model says of them. */
export class LivePredictor {
  readonly #options: LivePredictorOptions;
  readonly #stream: AdjustedStream;
  readonly #bars: (Bar | null)[];
  /** The rows a prediction looks at, oldest first, and how many of them there are. */
  readonly #windows: Float64Array[];
  readonly #rows: number[];
  readonly #newest: (Prediction | null)[];
  readonly #probability = new Float64Array(1);

  /** Throws SignalboxError where the model was trained on other features. */
  constructor(options: LivePredictorOptions) {
    const { set, symbols, actions, model } = options;
    if (set.columns.join(' ') !== model.featureNames.join(' ')) {
      throw new SignalboxError('The model was trained on other features than the experiment names.', {
        remedy: 'Train the experiment again.',
      });
    }
    this.#options = options;
    this.#stream = new AdjustedStream(set, symbols, actions);
    this.#bars = symbols.map(() => null);
    this.#windows = symbols.map(() => new Float64Array(model.window * set.columns.length));
    this.#rows = symbols.map(() => 0);
    this.#newest = symbols.map(() => null);
  }

  /** Takes the bars of one close, before the session is shown them. */
  observe({ closeTimeMs, bars }: ClosedBars): void {
    this.#bars.fill(null);
    for (const { symbol, bar } of bars) this.#bars[symbol] = bar;
    this.#stream.advance(closeTimeMs, this.#bars);
    for (const { symbol } of bars) this.#predict(symbol, closeTimeMs);
  }

  /** The newest prediction of `symbol`, for the strategy. */
  predictorOf(symbol: string): Predictor {
    const index = this.#options.symbols.indexOf(symbol);
    return () => this.#newest[index] ?? null;
  }

  #predict(symbol: number, closeTimeMs: number): void {
    const { set, model, liveFromMs, expiresAtMs } = this.#options;
    const width = set.columns.length;
    const window = this.#windows[symbol]!;
    window.copyWithin(0, width);
    this.#stream.copyRow(symbol, window.subarray(window.length - width));
    this.#rows[symbol]! += 1;
    const warm = this.#rows[symbol]! >= set.warmUpBars + model.window;
    if (!warm || closeTimeMs <= liveFromMs) return;
    const probability = model.predict(window, 1, this.#probability)[0]!;
    const { trainedToMs } = model;
    this.#newest[symbol] = { decisionTimeMs: closeTimeMs, probability, trainedToMs, expiresAtMs };
  }
}
