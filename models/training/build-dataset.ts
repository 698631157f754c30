import type { BarColumns } from '../../features/bar.ts';
import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import type { Dataset, RowHistory } from '../dataset.ts';
import { sideColumnOf, sideOf } from '../ensemble/primary-side.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { forwardReturns } from '../labels/forward-return.ts';
import { labelBars } from '../labels/label-bars.ts';
import type { LabelColumns } from '../labels/label-columns.ts';
import { metaLabels } from '../labels/meta-label.ts';
import { averageUniqueness } from '../labels/uniqueness.ts';
import { DatasetRows } from '../dataset-rows.ts';
import { learnsReturns } from '../registry/learned-returns.ts';
import { doubleArray } from '../estimators/trees/shared-array.ts';

/** Rows with features but, as yet, no label: the latest bars, for live and last signals. Ascends like a dataset. */
export interface InferenceRows {
  readonly featureNames: readonly string[];
  readonly rows: number;
  readonly width: number;
  readonly x: Float64Array;
  readonly decisionTimeMs: Float64Array;
  readonly symbolIndex: Int32Array;
  readonly symbols: readonly string[];
  readonly history?: RowHistory | undefined;
}

/** What became of the feature rows that are not in the dataset. */
interface DatasetReport {
  readonly featureRows: number;
  /** Dropped because a feature was still warming up, or a member that looks back has too few rows before them. */
  readonly warmUpRows: number;
  /** Dropped because they can never have a label: no positive volatility for the barriers. */
  readonly unlabelledRows: number;
  /** Label or realised return not known by the last bar: the inference rows. */
  readonly waitingRows: number;
  /** Features that have no value at all for a symbol, as `symbol:feature`; they do not count as warming up. */
  readonly emptyFeatures: readonly string[];
}

export interface BuiltDataset {
  readonly dataset: Dataset;
  readonly inferenceRows: InferenceRows;
  readonly report: DatasetReport;
}

export interface DatasetSource {
  readonly matrices: readonly FeatureMatrix[];
  /** Adjusted where the experiment says so: labels and returns are taken from them as they are. */
  readonly bars: readonly BarColumns[];
  /** What the bars were adjusted by, in the order of `bars`; none if absent. */
  readonly actions?: readonly (readonly DatedAction[])[] | undefined;
  readonly experiment: Pick<Experiment, 'labels' | 'estimators'>;
  /**
   * Rows are chosen or compared by their returns, as in a search: they count as known when those are, whatever the
   * members learn.
   */
  readonly judgedByReturns?: boolean | undefined;
  /**
   * Rows that the experiment's members look at (`experimentWindow`); with 1 no history is kept, and by default one row
   * is looked at.
   */
  readonly window?: number;
  /** Lay the columns out in memory that threads share. */
  readonly shared?: boolean;
}

interface SymbolRows {
  readonly matrix: FeatureMatrix;
  readonly bars: BarColumns;
  readonly y: Float64Array;
  readonly endBar: Int32Array;
  /**
   * When all that is learned of each bar was known: at the last close of its label (and of its return, where that is
   * learned), unless an action that it spans became known later.
   */
  readonly endTimeMs: Float64Array;
  readonly uniqueness: Float64Array;
  readonly realised: Float64Array;
}

/**
 * First row from which every column that ever has a value has had one; the matrix' length when it has no row at all.
 */
function warmUpEnd(matrix: FeatureMatrix, emptyFeatures: string[]): number {
  const width = matrix.columns.length;
  let end = 0;
  for (let column = 0; column < width; column++) {
    let first = 0;
    while (first < matrix.length && !Number.isFinite(matrix.values[first * width + column]!)) first++;
    if (first === matrix.length) emptyFeatures.push(`${matrix.symbol}:${matrix.columns[column]}`);
    else end = Math.max(end, first);
  }
  return end;
}

function assertSameColumns(matrices: readonly FeatureMatrix[]): void {
  const names = matrices[0]!.columns.join(' ');
  for (const matrix of matrices) {
    if (matrix.columns.join(' ') !== names) {
      throw new SignalboxError(`The feature columns of ${matrix.symbol} differ from those of ${matrices[0]!.symbol}`, {
        remedy: 'Materialise every symbol with the same feature set.',
      });
    }
  }
}

/** What the rows of one symbol are made of. */
interface SymbolSource {
  readonly bars: BarColumns;
  readonly actions: readonly DatedAction[];
  readonly labels: Experiment['labels'];
  /** Returns are learned, or rows chosen by them. */
  readonly returns: boolean;
}

function prepare(
  matrix: FeatureMatrix,
  { bars, actions, labels, returns }: SymbolSource,
): SymbolRows & { barOf: Int32Array; impossible: Uint8Array } {
  const known = labelBars(bars, labels);
  const { y, endBar, impossible } = known;
  const barOf = barsOfRows(matrix, bars);
  return {
    matrix,
    bars,
    barOf,
    y,
    endBar,
    impossible,
    endTimeMs: knownTimes(returns ? withReturns(endBar, labels.horizonBars) : endBar, bars, {
      actions,
      lookbackBars: labels.volatilityBars,
    }),
    uniqueness: averageUniqueness(learnedLabels(known, { matrix, barOf, meta: labels.meta }).endBar),
    realised: forwardReturns(bars.close, labels.horizonBars),
  };
}

/**
 * The last bar of label and return: a barrier may be touched long before the horizon that the return spans. Bars whose
 * return is not there yet have none.
 */
function withReturns(endBar: Int32Array, horizonBars: number): Int32Array {
  return endBar.map((end, i) => (end < 0 || i + horizonBars >= endBar.length ? -1 : Math.max(end, i + horizonBars)));
}

/** The labels that are learned: a label whose bar has no primary side shares its bars with none. */
function learnedLabels(
  labels: LabelColumns,
  { matrix, barOf, meta }: { matrix: FeatureMatrix; barOf: Int32Array; meta: Experiment['labels']['meta'] },
): LabelColumns {
  if (meta === undefined) return labels;
  const width = matrix.columns.length;
  const column = sideColumnOf(matrix.columns, meta.side);
  const side = new Int8Array(labels.y.length);
  barOf.forEach((bar, row) => (side[bar] = sideOf(matrix.values[row * width + column]!)));
  return metaLabels(labels, side);
}

/**
 * When labels were known. One that looks across an action (volatility looks back) waits until that action was known.
 */
function knownTimes(
  endBar: Int32Array,
  bars: BarColumns,
  { actions, lookbackBars }: { actions: readonly DatedAction[]; lookbackBars: number },
): Float64Array {
  const times = Float64Array.from(endBar, (end) => (end < 0 ? NaN : bars.closeTimeMs[end]!));
  for (const { effectiveMs, knownAtMs } of actions) {
    if (knownAtMs <= effectiveMs) continue;
    const first = bars.openTimeMs.findIndex((timeMs) => timeMs >= effectiveMs);
    if (first === -1) continue;
    for (let i = 0; i < bars.length && i - lookbackBars <= first; i++) {
      if (endBar[i]! >= first && knownAtMs > times[i]!) times[i] = knownAtMs;
    }
  }
  return times;
}

/** Index of the bar that closes at each matrix row. */
function barsOfRows(matrix: FeatureMatrix, bars: BarColumns): Int32Array {
  let bar = 0;
  return Int32Array.from({ length: matrix.length }, (_, row) => {
    const closeTimeMs = matrix.closeTimeMs[row]!;
    while (bar < bars.length && bars.closeTimeMs[bar]! < closeTimeMs) bar++;
    if (bar === bars.length || bars.closeTimeMs[bar] !== closeTimeMs) {
      throw new SignalboxError(
        `${matrix.symbol}: the feature row of ${new Date(closeTimeMs).toISOString()} has no bar that closes then`,
        { remedy: 'Materialise the features again (--fresh).' },
      );
    }
    return bar;
  });
}

/** The features of `rows`, row after row. By a loop: a view for each row would be an object. */
function copyFeatures({ count, symbol, row }: DatasetRows, sources: readonly SymbolRows[], x: Float64Array): void {
  const width = count === 0 ? 0 : x.length / count;
  for (let k = 0; k < count; k++) {
    const { values } = sources[symbol[k]!]!.matrix;
    const from = row[k]! * width;
    const to = k * width;
    for (let column = 0; column < width; column++) x[to + column] = values[from + column]!;
  }
}

/** What the rows of datasets have besides their features. */
interface Shape {
  readonly featureNames: readonly string[];
  readonly symbols: readonly string[];
  /** First row of each symbol after its warm-up. */
  readonly warm: Int32Array;
  readonly sources: readonly SymbolRows[];
  readonly shared: boolean;
  /** Keep what members look back into. */
  readonly history: readonly Float64Array[] | null;
}

function shapeRows(rows: DatasetRows, { featureNames, symbols, warm, sources, shared, history }: Shape): InferenceRows {
  const width = featureNames.length;
  const x = doubleArray(rows.count * width, shared);
  copyFeatures(rows, sources, x);
  return {
    featureNames,
    rows: rows.count,
    width,
    x,
    decisionTimeMs: inMemory(rows.timeMs, shared),
    symbolIndex: rows.symbol,
    symbols,
    history: history === null ? undefined : { values: history, from: warm, at: rows.row },
  };
}

/** The column itself, or over memory that threads share. */
function inMemory(column: Float64Array, shared: boolean): Float64Array {
  if (!shared) return column;
  const copy = doubleArray(column.length, true);
  copy.set(column);
  return copy;
}

/**
 * Joins feature rows with labels into a dataset. Rows of a symbol's warm-up (until every feature that ever has a value
 * for it has had one, and `window` rows are there for members that look back) and rows that can never have a label are
 * dropped and counted; rows whose label or realised return is not known by the last bar become `inferenceRows`.
 * `weight` is the label's average uniqueness (all 1 for `weights: none`; with `labels.meta` among the labels that have
 * a side, 0 for the others); a training window scales it to mean 1. Throws an InputError when a matrix has no bars.
 */
export function buildDataset(source: DatasetSource): BuiltDataset {
  const { matrices, bars, experiment, actions, window = 1, shared = false } = source;
  if (matrices.length === 0)
    throw new InputError('There are no feature rows to learn from', 'Check universe and data range.');
  assertSameColumns(matrices);
  const ordered = [...matrices].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  const emptyFeatures: string[] = [];
  const labelled = new DatasetRows();
  const waiting = new DatasetRows();
  const counts = { featureRows: 0, warmUpRows: 0, unlabelledRows: 0 };
  const warm = new Int32Array(ordered.length);
  const { labels } = experiment;
  const returns = source.judgedByReturns === true || learnsReturns(experiment);
  const placeOf = new Map(bars.map((columns, at) => [columns.symbol, at]));
  const sources = ordered.map((matrix, symbol) => {
    const at = placeOf.get(matrix.symbol);
    if (at === undefined)
      throw new InputError(`There are features but no bars for ${matrix.symbol}`, 'Ingest its bars.');
    const prepared = prepare(matrix, { bars: bars[at]!, actions: actions?.[at] ?? [], labels, returns });
    const { barOf } = prepared;
    warm[symbol] = warmUpEnd(matrix, emptyFeatures);
    const start = Math.min(matrix.length, warm[symbol]! + window - 1);
    counts.featureRows += matrix.length;
    counts.warmUpRows += start;
    for (let row = start; row < matrix.length; row++) {
      const bar = barOf[row]!;
      if (prepared.impossible[bar] === 1) {
        counts.unlabelledRows++;
        continue;
      }
      const waits = prepared.endBar[bar]! < 0 || Number.isNaN(prepared.realised[bar]!);
      (waits ? waiting : labelled).add({ timeMs: matrix.closeTimeMs[row]!, symbol, row, bar });
    }
    return prepared;
  });
  labelled.sort();
  waiting.sort();
  const shape: Shape = {
    featureNames: [...ordered[0]!.columns],
    symbols: ordered.map((matrix) => matrix.symbol),
    warm,
    sources,
    shared,
    history: source.window === 1 ? null : ordered.map(({ values }) => inMemory(values, shared)),
  };
  const column = (value: (rows: SymbolRows, bar: number) => number): Float64Array => {
    const values = doubleArray(labelled.count, shared);
    const { symbol, bar } = labelled;
    for (let k = 0; k < values.length; k++) values[k] = value(sources[symbol[k]!]!, bar[k]!);
    return values;
  };
  const dataset: Dataset = {
    ...shapeRows(labelled, shape),
    y: column((rows, bar) => rows.y[bar]!),
    weight: column((rows, bar) => (labels.weights === 'none' ? 1 : rows.uniqueness[bar]!)),
    realisedReturn: column((rows, bar) => rows.realised[bar]!),
    labelEndTimeMs: column((rows, bar) => rows.endTimeMs[bar]!),
  };
  return {
    dataset,
    inferenceRows: shapeRows(waiting, shape),
    report: { ...counts, waitingRows: waiting.count, emptyFeatures },
  };
}
