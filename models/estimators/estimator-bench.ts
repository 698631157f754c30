import { SignalboxError } from '../../infra/errors.ts';
import { createRandom } from '../../infra/random.ts';
import type { Dataset } from '../dataset.ts';
import type { FittedModel } from './estimator.ts';
import { areaUnderCurve, datasetOf, peerTable } from './known-tables.ts';
import { estimatorOf } from './registry.ts';
import { treeShapOf } from './shap/tree-shap.ts';

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

async function benchTrees(
  kind: string,
  params: Record<string, unknown>,
  tables: readonly BenchTable[],
  options: EstimatorBenchOptions,
): Promise<EstimatorBench[]> {
  const lines: EstimatorBench[] = [];
  const estimator = estimatorOf(kind);
  for (const table of tables) {
    for (const threads of [1, 2]) {
      const fit = () =>
        estimator.fit(table.train, estimator.params.parse(params), { random: createRandom(1), threads });
      const { seconds, runs, last: model } = await timed(options, fit);
      const { x, y, rows } = table.heldOut;
      const scores = model.predict(x, rows);
      const batch = await timed(options, async () => model.predict(x, rows, scores));
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
          batchRowsPerSecond: rows / batch.seconds,
          oneRowMicrosP50: single.p50,
          oneRowMicrosP99: single.p99,
          model: model.serialise().checksum.slice(0, 16),
        },
      });
    }
    const [one, two] = lines.slice(-2);
    if (one!.checks.model !== two!.checks.model) throw new SignalboxError(`${kind}: one and two threads differ`);
  }
  return lines;
}

function tablesOf(options: EstimatorBenchOptions): BenchTable[] {
  const small = benchTable(options.rows ?? 80_000, 40, 7);
  return options.large === true ? [small, benchTable(400_000, 60, 8)] : [small];
}

/** `bench forest`: 100 trees of depth 12, features by square root. */
export function benchForest(options: EstimatorBenchOptions): Promise<EstimatorBench[]> {
  return benchTrees('random-forest', { trees: 100, maxDepth: 12 }, tablesOf(options), options);
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
  return benchTrees('gradient-boosting', params, tablesOf(options), options);
}

/** `bench explain`: SHAP values of 1,000 rows on that forest; every row must add up to its prediction. */
export async function benchExplain(options: EstimatorBenchOptions): Promise<EstimatorBench[]> {
  const [table] = tablesOf(options);
  const estimator = estimatorOf('random-forest');
  const params = estimator.params.parse({ trees: 100, maxDepth: 12 });
  const model = await estimator.fit(table!.train, params, { random: createRandom(1), threads: 2 });
  const { width } = table!.train;
  const x = table!.heldOut.x.slice(0, 1000 * width);
  const shap = treeShapOf(model);
  const { seconds, runs, last: values } = await timed(options, async () => shap.explain(x, 1000));
  const predicted = model.predict(x, 1000);
  let worst = 0;
  for (let row = 0; row < 1000; row++) {
    let sum = shap.baseValue;
    for (let feature = 0; feature < width; feature++) sum += values[row * width + feature]!;
    worst = Math.max(worst, Math.abs(sum - predicted[row]!));
  }
  if (worst > 1e-9) throw new SignalboxError(`SHAP values miss their prediction by ${worst}`);
  const work = `1000 rows, 100 trees of depth 12, 1 thread`;
  return [
    { name: 'explain', work, seconds, runs, rate: 1000 / seconds, unit: 'rows/s', checks: { worstSumError: worst } },
  ];
}
