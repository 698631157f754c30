import { DAY_MS } from '../../features/timeframe.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { BarView } from '../bar-view.ts';
import { memoryOf, type Json } from './memory.ts';
import { HOLD, type Remembering, type Signal, type Strategy } from './strategy.ts';

/** Stored out-of-fold predictions as columns of equal length, any order; the registry's `StoredPredictions` is one. */
export interface PredictionTable {
  readonly symbol: readonly string[];
  /** Close of the bar after which the prediction was made. */
  readonly decisionTimeMs: Float64Array;
  /** Calibrated probability of up. */
  readonly probability: Float64Array;
  /** Last label end that the predicting model was trained on. */
  readonly trainedToMs: Float64Array;
  /** When that model expires: bars that close later get no signal from it. Infinity: never. */
  readonly expiresAtMs: Float64Array;
  /** What moved each prediction most, in words: signals repeat it, decisions do not depend on it. */
  readonly reasons?: readonly (string | null)[];
  /** Share of training rows nearer to their centre than each row; NaN where that is not known. */
  readonly novelty?: Float64Array;
  /** Distance between the two members that lie furthest apart; NaN where that is not known. */
  readonly disagreement?: Float64Array | undefined;
}

/** What a model says at a close. */
export interface Prediction {
  readonly decisionTimeMs: number;
  readonly probability: number;
  readonly trainedToMs: number;
  readonly expiresAtMs: number;
  readonly reasons?: string | null;
  /** Share of training rows nearer to their centre than the row; null or NaN where that is not known. */
  readonly novelty?: number | null;
  /** Distance between the probabilities of the two members that lie furthest apart; as `novelty` where not known. */
  readonly disagreement?: number | null;
  /** The registered version that says so, `name@version`. */
  readonly model?: string;
  /** Why the version was not asked: it does not fit the session. */
  readonly unfit?: string;
}

/**
 * The newest prediction at or before the bar that has just closed, or null: a stored table, or a model that is asked
 * live.
 */
export type Predictor = (view: BarView) => Prediction | null;

export interface ModelSignalRules {
  readonly buyAbove: number;
  readonly sellBelow: number;
}

/**
 * BUY above one probability, SELL below another, HOLD between. The engine's validator judges age, confidence (|2p - 1|)
 * and whether the model has expired by the bar's close.
 * @throws SignalboxError (exit 1) when a prediction comes from a model that had seen labels beyond the bar it would
 *   trade.
 */
export function createModelStrategy(predictorOf: (symbol: string) => Predictor, rules: ModelSignalRules): Strategy {
  return {
    name: 'model-signals',
    parameters: { ...rules },
    forSymbol: (symbol) => new ModelSignals(symbol, predictorOf(symbol), rules),
  };
}

/** The predictor of each symbol over a stored table. */
export function storedPredictors(table: PredictionTable): (symbol: string) => Predictor {
  const rowsOf = new Map<string, number[]>();
  table.symbol.forEach((symbol, row) => {
    const rows = rowsOf.get(symbol);
    if (rows === undefined) rowsOf.set(symbol, [row]);
    else rows.push(row);
  });
  return (symbol) => {
    const rows = (rowsOf.get(symbol) ?? []).sort((a, b) => table.decisionTimeMs[a]! - table.decisionTimeMs[b]!);
    refuseRepeats(symbol, rows, table.decisionTimeMs);
    let next = 0;
    let newest: Prediction | null = null;
    return (view) => {
      const nowMs = view.closeTimeMs();
      for (; next < rows.length && table.decisionTimeMs[rows[next]!]! <= nowMs; next++) {
        const row = rows[next]!;
        newest = {
          decisionTimeMs: table.decisionTimeMs[row]!,
          probability: table.probability[row]!,
          trainedToMs: table.trainedToMs[row]!,
          expiresAtMs: table.expiresAtMs[row]!,
          reasons: table.reasons?.[row] ?? null,
          novelty: table.novelty?.[row] ?? null,
          disagreement: table.disagreement?.[row] ?? null,
        };
      }
      return newest;
    };
  };
}

function refuseRepeats(symbol: string, rows: readonly number[], times: Float64Array): void {
  for (let at = 1; at < rows.length; at++) {
    if (times[rows[at]!] !== times[rows[at - 1]!]) continue;
    const time = new Date(times[rows[at]!]!).toISOString();
    throw new SignalboxError(`${symbol} has two predictions for ${time}`, {
      remedy: 'choose one path of a combinatorial split, or one fold per time',
    });
  }
}

class ModelSignals implements Remembering {
  readonly #symbol: string;
  readonly #predict: Predictor;
  readonly #rules: ModelSignalRules;
  /** Bars since the newest prediction. */
  #ageBars = 0;
  #newestMs = NaN;

  constructor(symbol: string, predict: Predictor, rules: ModelSignalRules) {
    this.#symbol = symbol;
    this.#predict = predict;
    this.#rules = rules;
  }

  save(): Json {
    return memoryOf({ ageBars: this.#ageBars, newestMs: this.#newestMs }).save();
  }

  restore(state: Json): void {
    const kept = { ageBars: 0, newestMs: NaN };
    memoryOf(kept).restore(state);
    this.#ageBars = kept.ageBars;
    this.#newestMs = kept.newestMs;
  }

  decide(view: BarView): Signal {
    const prediction = this.#predict(view);
    if (prediction === null) return HOLD;
    if (prediction.unfit !== undefined) {
      const { unfit: reason, model = null } = prediction;
      return { action: 'HOLD', probability: null, confidence: 0, ageBars: 0, reason, model, unfit: true };
    }
    const { decisionTimeMs, probability, trainedToMs, expiresAtMs, reasons = null, model = null } = prediction;
    if (trainedToMs > view.closeTimeMs()) throw this.#overlap(trainedToMs, view.closeTimeMs());
    this.#ageBars = decisionTimeMs === this.#newestMs ? this.#ageBars + 1 : barsSince(view, decisionTimeMs);
    this.#newestMs = decisionTimeMs;
    // Written out: a panel asks at every bar of each symbol, and each spread would be one more object.
    const signal = {
      action: actionOf(probability, this.#rules),
      probability,
      confidence: confidenceOf(probability),
      ageBars: this.#ageBars,
      reason: wordsOf(probability, this.#rules, reasons),
      decidedAtMs: decisionTimeMs,
      model,
      novelty: Number.isFinite(prediction.novelty) ? prediction.novelty! : null,
      disagreement: Number.isFinite(prediction.disagreement) ? prediction.disagreement! : null,
    };
    const expiredMs = view.closeTimeMs() - expiresAtMs;
    return expiredMs > 0 ? { ...signal, expiredDays: expiredMs / DAY_MS } : signal;
  }

  #overlap(trainedToMs: number, closeMs: number): SignalboxError {
    return new SignalboxError(
      `${this.#symbol}: a model trained on labels up to ${new Date(trainedToMs).toISOString()} may not trade ` +
        `the bar that closes at ${new Date(closeMs).toISOString()}`,
      { remedy: 'backtest only out-of-fold predictions: run `walk-forward`, or shorten the training range' },
    );
  }
}

/** Closed bars after the one that `decisionTimeMs` closed. */
function barsSince(view: BarView, decisionTimeMs: number): number {
  let bars = 0;
  while (bars < view.length && view.closeTimeMs(bars) > decisionTimeMs) bars += 1;
  return bars;
}

/**
 * The signal that a calibrated probability of up gives; its confidence is |2p - 1|. `reasons`, where they are known,
 * end its words: what moved the prediction most.
 */
export function modelSignal(
  probability: number,
  rules: ModelSignalRules,
  { ageBars = 0, reasons = null }: { ageBars?: number; reasons?: string | null } = {},
): Signal {
  return {
    action: actionOf(probability, rules),
    probability,
    confidence: confidenceOf(probability),
    ageBars,
    reason: wordsOf(probability, rules, reasons),
  };
}

function actionOf(probability: number, { buyAbove, sellBelow }: ModelSignalRules): Signal['action'] {
  return probability > buyAbove ? 'BUY' : probability < sellBelow ? 'SELL' : 'HOLD';
}

function confidenceOf(probability: number): number {
  return Math.abs(2 * probability - 1);
}

function wordsOf(probability: number, rules: ModelSignalRules, reasons: string | null): string {
  const words = reasonOf(probability, rules);
  return reasons === null || reasons === '' ? words : `${words}: ${reasons}`;
}

function reasonOf(probability: number, { buyAbove, sellBelow }: ModelSignalRules): string {
  const text = `probability of up ${probability.toFixed(3)}`;
  if (probability > buyAbove) return `${text} above ${buyAbove}`;
  if (probability < sellBelow) return `${text} below ${sellBelow}`;
  return `${text} between ${sellBelow} and ${buyAbove}`;
}
