import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import { fitGarch, type GarchFit } from '../../features/fitted/garch.ts';
import type { Random } from '../../infra/random.ts';
import { modelConfidence } from '../statistics/model-confidence.ts';
import { mean } from '../statistics/moments.ts';
import { qlike, squaredError } from './loss.ts';

/**
 * How forecasts are made: bars of a window, lengths of a bar from one fit to the next, and what a bar's realised
 * variance is taken from.
 */
export interface ForecastPlan {
  readonly window: number;
  readonly every: number;
  readonly of: 'range' | 'returns';
}

/** A model of volatility, and the feature that is its forecast for the next bar. */
interface ForecastModel {
  readonly name: string;
  readonly feature: string;
}

/** The models that compete. Each forecast is a feature: what it is fitted on ends at its bar. */
export function forecastModels({ window, every, of }: ForecastPlan): ForecastModel[] {
  return [
    { name: 'EWMA', feature: 'riskmetrics(0.94)' },
    { name: 'GARCH(1,1)', feature: `garch(${window},${every})` },
    { name: 'HAR', feature: `har(${window},${every},of=${of})` },
    { name: 'HMM', feature: `regime(2,${window},${every}).volatility` },
  ];
}

/** All that is computed of a file: the models in their order, what they are scored against, regime and return. */
export function forecastFeatures(plan: ForecastPlan): string[] {
  const { window, every, of } = plan;
  const others = [`barvol(of=${of})`, `regime(2,${window},${every}).turbulent`, 'logreturn(close,1)'];
  return [...forecastModels(plan).map(({ feature }) => feature), ...others];
}

/** The set that holds the best model with this confidence: those above what is left of 1. */
export const CONFIDENCE = 0.9;
/** Scored bars below which a bootstrap of blocks says nothing. */
export const SCORED_MIN = 50;

interface ModelScore {
  readonly name: string;
  readonly feature: string;
  /** Means over the scored bars; null where a forecast was 0. */
  readonly qlike: number | null;
  readonly mse: number | null;
  /** P-value of the model confidence set by QLIKE; null where a forecast was 0. */
  readonly confidence: number | null;
  /** Whether it is in the set: a model that cannot be told from the best. */
  readonly inSet: boolean | null;
  /** Forecast of the deviation of the bar after the last, as a fraction. */
  readonly nextVolatility: number;
}

export interface SymbolScore {
  readonly symbol: string;
  /** Bars whose variance was forecast and scored: those after the first full window. */
  readonly scored: number;
  readonly from: string;
  readonly to: string;
  readonly models: readonly ModelScore[];
  /** Probability of the turbulent one of two states after the last bar, filtered. */
  readonly turbulent: number;
  /** Share of the scored bars that began in the turbulent state, and how often the state changed before one. */
  readonly turbulentShare: number;
  readonly switches: number;
  /** The GARCH(1,1) of the last full window, in units of fractions; null where its returns do not vary. */
  readonly garch: GarchFit | null;
}

/** Forecast variances and realised ones of the bars that are scored. */
export interface ScoredBars {
  /** Row of the first bar that is forecast. */
  readonly first: number;
  readonly forecasts: readonly Float64Array[];
  readonly realised: Float64Array;
  /** Probability of the turbulent state after the bar before. */
  readonly turbulent: Float64Array;
}

/** What was forecast for each bar after a full window, from the bar before it. */
export function scoredBars({ columns, length, values }: FeatureMatrix, plan: ForecastPlan): ScoredBars {
  const models = forecastModels(plan).length;
  const first = plan.window + 1;
  const rowsOf = (column: number, from: number): Float64Array =>
    Float64Array.from({ length: length - first }, (_, i) => values[(from + i) * columns.length + column]!);
  const squared = (column: number, from: number): Float64Array => rowsOf(column, from).map((value) => value * value);
  return {
    first,
    forecasts: Array.from({ length: models }, (_, column) => squared(column, first - 1)),
    realised: squared(models, first),
    turbulent: rowsOf(models + 1, first - 1),
  };
}

/** Scores the models of one symbol, whose matrix holds `forecastFeatures` in order; at least 50 bars are scored. */
export function scoreForecasts(matrix: FeatureMatrix, plan: ForecastPlan, random: Random): SymbolScore {
  const { symbol, columns, length, closeTimeMs, values } = matrix;
  const { first, forecasts, realised, turbulent } = scoredBars(matrix, plan);
  const losses = forecasts.map((column) => column.map((forecast, i) => qlike(realised[i]!, forecast)));
  const errors = forecasts.map((column) => column.map((forecast, i) => squaredError(realised[i]!, forecast)));
  const finite = losses.flatMap((column, k) => (column.every(Number.isFinite) ? [k] : []));
  const found = modelConfidence(
    finite.map((k) => losses[k]!),
    { random },
  );
  const last = (column: number): number => values[(length - 1) * columns.length + column]!;
  const models = forecastModels(plan).map((model, k): ModelScore => {
    const confidence = finite.includes(k) ? found![finite.indexOf(k)]! : null;
    return {
      ...model,
      qlike: confidence === null ? null : mean(losses[k]!),
      mse: mean(errors[k]!),
      confidence,
      inSet: confidence === null ? null : confidence > 1 - CONFIDENCE,
      nextVolatility: last(k),
    };
  });
  const time = (row: number): string => new Date(closeTimeMs[row]!).toISOString();
  return {
    symbol,
    scored: length - first,
    from: time(first),
    to: time(length - 1),
    models,
    turbulent: last(models.length + 1),
    turbulentShare: mean(turbulent.map((probability) => (probability > 0.5 ? 1 : 0))),
    switches: turbulent.filter((now, i) => i > 0 && now > 0.5 !== turbulent[i - 1]! > 0.5).length,
    garch: fitGarch(lastReturns(matrix, plan.window)),
  };
}

/** The last returns, whose column is the last. */
function lastReturns({ columns, length, values }: FeatureMatrix, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => values[(length - count + i + 1) * columns.length - 1]!);
}
