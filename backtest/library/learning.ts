import type { BarColumns } from '../../features/bar.ts';
import { computeFeatures, type FeatureMatrix } from '../../features/feature-matrix.ts';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';
import { createRandom } from '../../infra/random.ts';
import type { Dataset } from '../../models/dataset.ts';
import type { FittedModel } from '../../models/estimators/estimator.ts';
import { estimatorOf } from '../../models/estimators/registry.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { experimentEvents } from '../../models/experiment/events/experiment-events.ts';
import { experimentFeatures } from '../../models/experiment/experiment-features.ts';
import { experimentWindow } from '../../models/registry/experiment-window.ts';
import { buildDataset } from '../../models/training/build-dataset.ts';
import type { Predictions } from '../../models/training/fold/predictions.ts';
import type { CalendarName } from '../../pipelines/calendars/calendar.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import { judgeInMemory, runInMemory } from '../experiment/memory-experiment.ts';
import type { BacktestResult } from '../judgement/result.ts';
import { experimentOf, requireModelAlone, type ExperimentInput } from './experiment-of.ts';
import { listed, timeframeOf, type Bars } from './input-bars.ts';

export interface MarketOptions {
  /** Hours of the market: `us-equities`, the same with `-extended` or `-overnight`, `crypto` or `none` (default). */
  readonly calendar?: CalendarName;
}

/**
 * Features over whole series, one matrix per symbol: the numbers that a live session computes bar by bar.
 * @param features expressions such as `rsi(14)`, a registered set, or files of your own; `features` lists them
 * @throws InputError that names the expression at fault and the nearest known one
 */
export function features(
  features: string | readonly string[],
  bars: Bars,
  options: MarketOptions = {},
): FeatureMatrix[] {
  const all = listed(bars);
  return matricesOf({ features: features as Experiment['features'] }, all, options.calendar ?? 'none');
}

function matricesOf(
  experiment: Pick<Experiment, 'features' | 'featureFiles'>,
  bars: readonly BarColumns[],
  calendar: CalendarName,
): FeatureMatrix[] {
  const symbols = bars.map(({ symbol }) => symbol);
  const hours = marketHours(calendarNamed(calendar));
  return computeFeatures(experimentFeatures(experiment, { timeframe: timeframeOf(bars), symbols, hours }), bars);
}

/** One column of a matrix of features, a value per bar; NaN while it warms up. @throws InputError for another name */
export function column({ columns, length, values }: FeatureMatrix, name: string): Float64Array {
  const at = columns.indexOf(name);
  if (at < 0) {
    throw new InputError(`There is no column "${name}".`, `Did you mean ${nearestName(name, columns, Infinity)}?`);
  }
  return Float64Array.from({ length }, (_, row) => values[row * columns.length + at]!);
}

/**
 * Rows of features with what became of each: what an estimator learns from. Left out are rows that warm up, and those
 * whose label is not known by the last bar.
 * @param experiment its `features` and `labels` count; see the key reference of experiments
 */
export function dataset(experiment: string | ExperimentInput, bars: Bars, options: MarketOptions = {}): Dataset {
  const [all, calendar] = [listed(bars), options.calendar ?? 'none'];
  const read = experimentOf(experiment, all, calendar);
  const matrices = matricesOf(read, all, calendar);
  return buildDataset({ matrices, bars: all, experiment: read, window: experimentWindow(read) }).dataset;
}

export interface FitOptions {
  /** Default: 7. The same data, parameters and seed give the same model to the last bit. */
  readonly seed?: number;
  /** Default: 1. The model is the same for any number. */
  readonly threads?: number;
  /** Aborted: the fit ends soon, and rejects by the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Fits one estimator, such as `random-forest` or `gradient-boosting` (`signalbox estimators` lists them).
 * @throws InputError that names the kind or parameter at fault
 */
export async function fit(
  kind: string,
  rows: Dataset,
  parameters: Readonly<Record<string, unknown>> = {},
  { seed = 7, threads = 1, signal }: FitOptions = {},
): Promise<FittedModel> {
  const estimator = estimatorOf(kind);
  const parsed = estimator.params.safeParse(parameters);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new InputError(`${[kind, ...path].join('.')}: ${message}`, '`signalbox estimators` lists the parameters.');
  }
  const mistake = estimator.mistake?.(parsed.data, rows.featureNames) ?? null;
  if (mistake !== null) throw new InputError(`${kind}.${mistake.key}: ${mistake.message}`, mistake.remedy);
  const given = signal === undefined ? {} : { signal };
  return estimator.fit(rows, parsed.data, { random: createRandom(seed), threads, ...given });
}

export interface WalkForward {
  /** Figures, verdict and reasons, as `walk-forward --json` has them; the run counts as the only trial. */
  readonly result: BacktestResult;
  /** Out of sample, each by the model of its fold. */
  readonly predictions: Predictions;
  readonly rows: Dataset;
}

/**
 * Trains on each window and trades the next by the engine that trades live, with costs: nothing is fitted on what it is
 * judged by. Nothing is stored; `signalbox walk-forward` keeps runs, counts trials and uses every processor.
 * @throws InputError that names the key at fault, or says how many bars it lacks
 */
export async function walkForward(
  experiment: string | ExperimentInput,
  bars: Bars,
  options: MarketOptions = {},
): Promise<WalkForward> {
  const [all, calendar] = [listed(bars), options.calendar ?? 'none'];
  const read = experimentOf(experiment, all, calendar);
  requireModelAlone(read);
  const asked = { symbols: all.map(({ symbol }) => symbol), database: null };
  const events = (await experimentEvents(read, asked))?.book;
  const running = { experiment: read, bars: all, calendar: calendarNamed(calendar), events };
  const run = await runInMemory(running);
  return { result: judgeInMemory(run, running), predictions: run.predictions, rows: run.dataset };
}
