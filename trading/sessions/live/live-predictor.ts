import type { Bar } from '../../../features/bar.ts';
import type { FeatureSet } from '../../../features/feature-set.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import { disagreementOf } from '../../../models/ensemble/disagreement.ts';
import type { EnsembleModel } from '../../../models/ensemble/ensemble-model.ts';
import { AdjustedStream } from '../../../pipelines/adjustments/adjusted-stream.ts';
import type { DatedAction } from '../../../pipelines/adjustments/corporate-action.ts';
import type { ClosedBars } from '../replayed-feed.ts';
import type { Prediction, Predictor } from '../../strategies/model-signals.ts';

/** What is asked at a close. */
export interface DecidingModel {
  /** `name@version`: signals carry it. */
  readonly label: string;
  readonly model: Pick<EnsembleModel, 'featureNames' | 'window' | 'trainedToMs' | 'predictDetailed'>;
  /** Bars that close later get no signal from it. */
  readonly expiresAtMs: number;
  /** What moved the prediction of a window most, in words. */
  readonly reasonsOf: (window: Float64Array) => string;
  /**
   * Share of its training rows that lie nearer to their centre than a row; null where it keeps none to compare with.
   */
  readonly noveltyOf: (row: Float64Array) => number | null;
}

/** What would be asked and cannot: its signals are refused. */
export interface UnfitModel {
  readonly label: string;
  /** Why, in words. */
  readonly unfit: string;
}

export interface LivePredictorOptions {
  readonly set: FeatureSet;
  readonly symbols: readonly string[];
  /** Splits and dividends to take out, one list per symbol. */
  readonly actions: readonly (readonly DatedAction[])[];
  /** Rows of each symbol that are kept: the longest window that a model of this session may look at. */
  readonly keptRows: number;
}

/**
 * A model that is asked at each close: the features of training, computed bar by bar, and what the model says of them.
 */
export class LivePredictor {
  readonly #options: LivePredictorOptions;
  readonly #stream: AdjustedStream;
  readonly #bars: (Bar | null)[];
  /** The newest rows of each symbol, oldest first, the last of them at the end; and how many there have been. */
  readonly #kept: Float64Array[];
  readonly #rows: number[];
  readonly #newest: (Prediction | null)[];
  #deciding: DecidingModel | UnfitModel | null = null;

  constructor(options: LivePredictorOptions) {
    const { set, symbols, actions, keptRows } = options;
    this.#options = options;
    this.#stream = new AdjustedStream(set, symbols, actions).expectActions();
    this.#bars = symbols.map(() => null);
    this.#kept = symbols.map(() => new Float64Array(keptRows * set.columns.length));
    this.#rows = symbols.map(() => 0);
    this.#newest = symbols.map(() => null);
  }

  /**
   * Takes the bars of one close, before the session is shown them. `deciding` predicts from them; null: they only warm
   * the features up. One that does not fit is not asked: its signals are refused. So are all of a close at which a
   * member fails: what it answered is then no prediction.
   * @param onFailure says as what the close is refused at which the model could not answer
   * @throws SignalboxError where a model is to be asked that cannot be (`misfitOf`), and of one that could not answer
   *   where nobody hears of it.
   */
  observe(
    closed: ClosedBars,
    deciding: DecidingModel | UnfitModel | null,
    onFailure?: (failure: SignalboxError) => UnfitModel,
  ): void {
    const { closeTimeMs, bars, actions = [] } = closed;
    if (deciding !== null && 'model' in deciding && deciding !== this.#deciding) this.#requireFit(deciding);
    this.#deciding = deciding;
    this.#bars.fill(null);
    for (const { symbol, action } of actions) this.#stream.addAction(symbol, action);
    for (const { symbol, bar } of bars) this.#bars[symbol] = bar;
    this.#stream.advance(closeTimeMs, this.#bars);
    const width = this.#options.set.columns.length;
    for (const { symbol } of bars) {
      const kept = this.#kept[symbol]!;
      kept.copyWithin(0, width);
      this.#stream.copyRow(symbol, kept.subarray(kept.length - width));
      this.#rows[symbol]! += 1;
    }
    if (deciding === null) return;
    try {
      for (const { symbol } of bars) this.#predict(symbol, closeTimeMs, deciding);
    } catch (error) {
      // A member of a user's own that throws or says what is no probability. Anything else is a broken invariant.
      if (!(error instanceof SignalboxError) || onFailure === undefined) throw error;
      const unfit = onFailure(error);
      for (const { symbol } of bars) this.#predict(symbol, closeTimeMs, unfit);
    }
  }

  /** The newest prediction of `symbol`, for the strategy. */
  predictorOf(symbol: string): Predictor {
    const index = this.#options.symbols.indexOf(symbol);
    return () => this.#newest[index] ?? null;
  }

  /** Why `model` cannot be asked about the rows of this session, in words; null where it can. */
  misfitOf({ featureNames, window }: DecidingModel['model']): string | null {
    const { set, keptRows } = this.#options;
    if (set.columns.join(' ') !== featureNames.join(' ')) {
      return 'it was trained on other features than the experiment names';
    }
    if (window <= keptRows) return null;
    return `it looks at ${window} rows and this session keeps ${keptRows}: a restart of the session keeps more`;
  }

  #requireFit({ label, model }: DecidingModel): void {
    const misfit = this.misfitOf(model);
    if (misfit === null) return;
    throw new SignalboxError(`${label} cannot be asked: ${misfit}.`, { remedy: 'Train the experiment again.' });
  }

  #predict(symbol: number, closeTimeMs: number, deciding: DecidingModel | UnfitModel): void {
    const { label } = deciding;
    if ('unfit' in deciding) {
      const never = { probability: NaN, trainedToMs: -Infinity, expiresAtMs: Infinity };
      this.#newest[symbol] = { decisionTimeMs: closeTimeMs, ...never, model: label, unfit: deciding.unfit };
      return;
    }
    const { model, expiresAtMs, ...say } = deciding;
    const { set } = this.#options;
    const width = set.columns.length;
    const { trainedToMs, window: looksAt } = model;
    if (this.#rows[symbol]! < set.warmUpBars + looksAt) return;
    const kept = this.#kept[symbol]!;
    const window = kept.subarray(kept.length - looksAt * width);
    const said = model.predictDetailed(window, 1);
    this.#newest[symbol] = {
      decisionTimeMs: closeTimeMs,
      probability: said.probability[0]!,
      trainedToMs,
      expiresAtMs,
      reasons: say.reasonsOf(window),
      novelty: say.noveltyOf(kept.subarray(kept.length - width)),
      disagreement: disagreementOf(said)[0]!,
      model: label,
    };
  }
}
