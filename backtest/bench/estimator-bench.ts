import { SignalboxError } from '../../infra/errors.ts';
import { createRandom } from '../../infra/random.ts';
import type { Dataset } from '../../models/dataset.ts';
import type { Estimator, FittedModel } from '../../models/estimators/estimator.ts';
import { areaUnderCurve, datasetOf, peerTable } from '../../models/estimators/known-tables.ts';
import { gradientBoosting } from '../../models/estimators/boosting/gradient-boosting.ts';
import type { GradientBoostingModel } from '../../models/estimators/boosting/gradient-boosting.ts';
import { randomForest } from '../../models/estimators/forest/random-forest.ts';
import type { RandomForestModel } from '../../models/estimators/forest/random-forest.ts';
import { treeShapOf } from '../../models/estimators/shap/tree-shap.ts';

/** One line of `bench --json`. */
export interface EstimatorBench {
  readonly name: string;
  readonly work: string;
  readonly seconds: number;
  readonly runs: number;
  readonly rate: number;
  readonly unit: string;
  readonly checks: Readonly<Record<string, number | string>>;
}

export interface EstimatorBenchOptions {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly runs?: number;
  /** The large case too: 400,000 x 60. */
  readonly large?: boolean;
  /** Most memory that the process has held so far, MB. */
  readonly peakRssMb?: () => number;
  /** Smaller tables for a test of the benchmark itself. */
  readonly rows?: number;
}

/** A table to learn from and rows to judge by; with a window, `heldOut.x` holds one window a row. */
export interface BenchTable {
  readonly name: string;
  readonly train: Dataset;
  readonly heldOut: { readonly x: Float64Array; readonly y: Float64Array; readonly rows: number };
}

/** The peers' classification table of a size, with rows held out. */
export function benchTable(trainRows: number, width: number, seed: number): BenchTable {
  const heldRows = Math.max(1000, Math.round(trainRows / 4 > 20_000 ? 20_000 : trainRows / 4));
  const { x, y } = peerTable(trainRows + heldRows, width, seed);
  return {
    name: `${trainRows} x ${width}`,
    train: datasetOf(x.subarray(0, trainRows * width), y.subarray(0, trainRows)),
    heldOut: { x: x.subarray(trainRows * width), y: y.subarray(trainRows), rows: heldRows },
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Median seconds of the runs, and what the last returned. */
export async function timed<T>(
  options: EstimatorBenchOptions,
  work: () => Promise<T>,
): Promise<{ seconds: number; runs: number; last: T }> {
  const runs = options.runs ?? 3;
  const seconds: number[] = [];
  let last: T | undefined;
  for (let run = 0; run < runs; run++) {
    const began = options.now();
    last = await work();
    seconds.push((options.now() - began) / 1000);
  }
  return { seconds: median(seconds), runs, last: last as T };
}

/** Microseconds of one-row predictions, each checked against the batch: middle and 99th percentile. */
export function oneRowMicros(model: FittedModel, table: BenchTable, now: () => number): { p50: number; p99: number } {
  const { x, rows } = table.heldOut;
  const width = (model.window ?? 1) * table.train.width;
  const batch = model.predict(x, rows);
  const row = new Float64Array(width);
  const out = new Float64Array(1);
  const micros: number[] = [];
  for (let i = 0; i < Math.min(rows, 5000); i++) {
    row.set(x.subarray(i * width, (i + 1) * width));
    const began = now();
    model.predict(row, 1, out);
    micros.push((now() - began) * 1000);
    if (out[0] !== batch[i]) throw new SignalboxError(`row ${i}: one-row and batch prediction differ`);
  }
  micros.sort((a, b) => a - b);
  return { p50: micros[micros.length >> 1]!, p99: micros[Math.floor(micros.length * 0.99)]! };
}

/** Rows of `bench forest`'s batches. */
const BATCH_ROWS = 400_000;

/** Rows a second in large batches: here, and on two threads of the pool. Both must give the same bits. */
async function batchRates(
  model: TreeModel,
  table: BenchTable,
  options: EstimatorBenchOptions,
): Promise<{ batchRowsPerSecond: number; batchRowsPerSecondTwoThreads: number }> {
  const { x, rows } = table.heldOut;
  const times = options.rows === undefined ? Math.ceil(BATCH_ROWS / rows) : 1;
  // As a service would that asks threads again and again: they read rows in shared memory where they lie.
  const batch = new Float64Array(new SharedArrayBuffer(8 * times * x.length));
  for (let copy = 0; copy < times; copy++) batch.set(x, copy * x.length);
  const here = await timed(options, async () => model.predict(batch, times * rows));
  const threads = await timed(options, () => model.predictOnThreads(batch, times * rows, 2));
  if (here.last.some((value, row) => value !== threads.last[row])) {
    throw new SignalboxError(`${model.kind}: predictions on threads differ`);
  }
  return {
    batchRowsPerSecond: (times * rows) / here.seconds,
    batchRowsPerSecondTwoThreads: (times * rows) / threads.seconds,
  };
}

type TreeModel = RandomForestModel | GradientBoostingModel;

async function benchTrees<Params>(
  estimator: Estimator<Params>,
  paramsOf: (table: BenchTable) => Record<string, unknown>,
  options: EstimatorBenchOptions,
): Promise<EstimatorBench[]> {
  const lines: EstimatorBench[] = [];
  const { kind } = estimator;
  const sizes = options.large === true ? [SMALL, LARGE] : [{ ...SMALL, rows: options.rows ?? SMALL.rows }];
  for (const size of sizes) {
    // One table at a time: two would hide what the large one needs.
    const table = benchTable(size.rows, size.width, size.seed);
    const params = estimator.params.parse(paramsOf(table));
    for (const threads of [1, 2]) {
      const fit = () => estimator.fit(table.train, params, { random: createRandom(1), threads });
      const { seconds, runs, last } = await timed({ ...options, runs: options.runs ?? size.runs }, fit);
      const model = last as FittedModel as TreeModel;
      const { x, y, rows } = table.heldOut;
      const scores = model.predict(x, rows);
      const peakRssMb = Math.round(options.peakRssMb?.() ?? 0);
      const batch = size === LARGE ? {} : await batchRates(model, table, options);
      const single = oneRowMicros(model, table, options.now);
      lines.push({
        name: kind === 'random-forest' ? 'forest' : 'boosting',
        work: `${table.name}, ${threads} thread${threads === 1 ? '' : 's'}`,
        seconds,
        runs,
        rate: table.train.rows / seconds,
        unit: 'training rows/s',
        checks: {
          aucHeldOut: areaUnderCurve(scores, y),
          ...batch,
          oneRowMicrosP50: single.p50,
          oneRowMicrosP99: single.p99,
          peakRssMb,
          model: model.serialise().checksum.slice(0, 16),
        },
      });
    }
    const [one, two] = lines.slice(-2);
    if (one!.checks.model !== two!.checks.model) throw new SignalboxError(`${kind}: one and two threads differ`);
  }
  return lines;
}

interface TableSize {
  readonly rows: number;
  readonly width: number;
  readonly seed: number;
  readonly runs: number;
}

const SMALL: TableSize = { rows: 80_000, width: 40, seed: 7, runs: 3 };
const LARGE: TableSize = { rows: 400_000, width: 60, seed: 8, runs: 1 };

/**
 * The peers' forest: 100 trees of depth 12, 0.158 of the features tried at each node (6 of 40, 9 of 60). They draw
 * 0.632 of the rows for a tree; 0.8 take a quarter more time for 0.006 more area under the curve (means of eight
 * seeds).
 */
const forestParams = (table: BenchTable): Record<string, unknown> => ({
  trees: 100,
  maxDepth: 12,
  rowFraction: 0.8,
  features: Math.floor(0.158 * table.train.width),
});

/** `bench forest`. */
export function benchForest(options: EstimatorBenchOptions): Promise<EstimatorBench[]> {
  return benchTrees(randomForest, forestParams, options);
}

/** `bench boosting`: 100 rounds of depth 6 at rate 0.1, as the peers do it, without early stopping. */
export function benchBoosting(options: EstimatorBenchOptions): Promise<EstimatorBench[]> {
  const params = {
    rounds: 100,
    maxDepth: 6,
    learningRate: 0.1,
    rowFraction: 1,
    featureFraction: 1,
    leafHessianMin: 1,
    validationFraction: 0,
  };
  return benchTrees(gradientBoosting, () => params, options);
}

/** `bench explain`: SHAP values of 1,000 rows on that forest; every row must add up to its prediction. */
export async function benchExplain(options: EstimatorBenchOptions): Promise<EstimatorBench[]> {
  const table = benchTable(options.rows ?? SMALL.rows, SMALL.width, SMALL.seed);
  const params = randomForest.params.parse(forestParams(table));
  const model = await randomForest.fit(table.train, params, { random: createRandom(1), threads: 2 });
  const { width } = table.train;
  const x = table.heldOut.x.slice(0, 1000 * width);
  const shap = treeShapOf(model);
  const here = await timed(options, async () => shap.explain(x, 1000));
  const lines = [{ threads: 1, ...(await timed(options, () => shap.explainOnThreads(x, 1000, { threads: 1 }))) }];
  lines.push({ threads: 2, ...(await timed(options, () => shap.explainOnThreads(x, 1000, { threads: 2 }))) });
  const predicted = model.predict(x, 1000);
  return lines.map(({ threads, seconds, runs, last: values }) => {
    if (values.some((value, cell) => value !== here.last[cell]))
      throw new SignalboxError('SHAP values on threads differ');
    let worst = 0;
    for (let row = 0; row < 1000; row++) {
      let sum = shap.baseValue;
      for (let feature = 0; feature < width; feature++) sum += values[row * width + feature]!;
      worst = Math.max(worst, Math.abs(sum - predicted[row]!));
    }
    if (worst > 1e-9) throw new SignalboxError(`SHAP values miss their prediction by ${worst}`);
    return {
      name: 'explain',
      work: `1000 rows, 100 trees of depth 12, ${threads} thread${threads === 1 ? '' : 's'}`,
      seconds,
      runs,
      rate: 1000 / seconds,
      unit: 'rows/s',
      checks: { worstSumError: worst, rowsPerSecondInTheCallersThread: 1000 / here.seconds },
    };
  });
}
