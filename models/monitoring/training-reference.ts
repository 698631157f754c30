import { takeInto, type Dataset } from '../dataset.ts';
import { decisionTimesOf } from '../splits/fold.ts';
import { describeFeature, kolmogorovSmirnov, stabilityIndex, type FeatureReference } from './distribution-shift.ts';
import { distancesOf, fitNovelty, type NoveltyReference } from './novelty.ts';

/** How far windows of the training rows themselves lie from all of them, for one measure. */
export interface WindowSpread {
  /** Mean over the windows of each feature's measure: what the measure of a new window is divided by. */
  readonly typical: readonly number[];
  /** Mean and sample deviation over the windows of the largest such ratio. */
  readonly meanLargest: number;
  readonly deviation: number;
}

/** What a model keeps of its training rows, so that later rows can be compared with them. Plain data. */
export interface TrainingReference {
  readonly rows: number;
  /** The features, and as the last one `novelty`: the distance from the training centre, where that could be fitted. */
  readonly features: readonly FeatureReference[];
  readonly novelty: NoveltyReference | null;
  /** Bars of a window, and how many windows were looked at. */
  readonly windowBars: number;
  readonly windows: number;
  /** Null where the training range holds too few windows. */
  readonly kolmogorovSmirnov: WindowSpread | null;
  readonly stabilityIndex: WindowSpread | null;
}

/** Windows that do not overlap: below this many the spread between them says nothing. */
const WINDOWS_MIN = 8;
/** Windows overlap by three quarters; more would only repeat each other. At most this many are looked at. */
const WINDOWS_MAX = 200;
/** Rows of one window that are compared: of a panel's many rows every n-th. */
const WINDOW_ROWS_MAX = 1_000;

/**
 * Describes the training rows: distribution of every feature, novelty, and how much windows of `windowBars` bars differ
 * from the whole though nothing has happened. Features of bars depend on each other in time, so that textbook p-values
 * alarm far too often; the spread between training windows does not.
 */
export function describeTraining(train: Dataset, windowBars: number): TrainingReference {
  const novelty = fitNovelty(train);
  const windows = windowsOf(train, windowBars);
  const features: FeatureReference[] = [];
  const distances: number[][] = windows.map(() => []);
  const indices: number[][] = windows.map(() => []);
  // One column at a time, in the same memory: all of them would be a second copy of the rows.
  for (const { name, values } of columnsOf(train, novelty, new Float64Array(train.rows))) {
    const feature = describeFeature(name, values);
    features.push(feature);
    windows.forEach((rows, w) => {
      const taken = takeInto(values, rows, new Float64Array(rows.length));
      distances[w]!.push(kolmogorovSmirnov(feature, taken));
      indices[w]!.push(stabilityIndex(feature, taken));
    });
  }
  const spread = (measures: number[][]): WindowSpread | null => (windows.length === 0 ? null : spreadOf(measures));
  return {
    rows: train.rows,
    features,
    novelty,
    windowBars,
    windows: windows.length,
    kolmogorovSmirnov: spread(distances),
    stabilityIndex: spread(indices),
  };
}

/**
 * The features of `data` as columns, one after another, with the distance from the training centre as the last where
 * there is one. With `room` they are written there, each over the one before.
 */
export function* columnsOf(
  data: Pick<Dataset, 'x' | 'rows' | 'width' | 'featureNames'>,
  novelty: NoveltyReference | null,
  room?: Float64Array,
): Generator<{ readonly name: string; readonly values: Float64Array }> {
  const { x, rows, width } = data;
  for (let column = 0; column < width; column++) {
    const values = room ?? new Float64Array(rows);
    for (let row = 0; row < rows; row++) values[row] = x[row * width + column]!;
    yield { name: data.featureNames[column]!, values };
  }
  if (novelty !== null) yield { name: 'novelty', values: distancesOf(novelty, data) };
}

/** Rows of windows over the training range, evenly spaced; none when fewer than `WINDOWS_MIN` fit side by side. */
function windowsOf(train: Dataset, windowBars: number): Int32Array[] {
  const { timeMs, firstRow } = decisionTimesOf(train);
  if (timeMs.length < WINDOWS_MIN * windowBars) return [];
  const step = Math.max(1, Math.floor(windowBars / 4), Math.ceil((timeMs.length - windowBars) / WINDOWS_MAX));
  const windows: Int32Array[] = [];
  for (let bar = 0; bar + windowBars <= timeMs.length; bar += step) {
    windows.push(everyNth(firstRow[bar]!, firstRow[bar + windowBars]!));
  }
  return windows;
}

/** At most `WINDOW_ROWS_MAX` rows of `[from, to)`, evenly spread. */
export function everyNth(from: number, to: number): Int32Array {
  const rows = Math.min(to - from, WINDOW_ROWS_MAX);
  return Int32Array.from({ length: rows }, (_, k) => from + Math.floor((k * (to - from)) / rows));
}

function spreadOf(measures: readonly (readonly number[])[]): WindowSpread {
  const typical = measures[0]!.map((_, f) => measures.reduce((sum, window) => sum + window[f]!, 0) / measures.length);
  const largest = measures.map((window) => largestRatio(window, typical));
  const meanLargest = largest.reduce((sum, value) => sum + value, 0) / largest.length;
  const squares = largest.reduce((sum, value) => sum + (value - meanLargest) ** 2, 0);
  return { typical, meanLargest, deviation: Math.sqrt(squares / (largest.length - 1)) };
}

/**
 * The largest measure of a window in units of what is typical of its feature; features without any spread are left out.
 */
export function largestRatio(measures: readonly number[], typical: readonly number[]): number {
  return measures.reduce((worst, value, f) => (typical[f]! > 0 ? Math.max(worst, value / typical[f]!) : worst), 0);
}
