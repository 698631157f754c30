import { Worker } from 'node:worker_threads';
import { computeFeatures } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { hashOf } from '../../infra/hash.ts';
import { buildDataset } from '../../models/training/build-dataset.ts';
import type { Dataset } from '../../models/dataset.ts';
import { areaUnderCurve } from '../../models/estimators/known-tables.ts';
import { experimentSchema, type Experiment } from '../../models/experiment/experiment.ts';
import type { Now } from './benchmark.ts';
import type { BenchmarkResult } from './benchmark-result.ts';
import { panelBars } from './peer-data.ts';
import type { WindowMessage, WindowsJob } from './walk-forward-thread.ts';

/** The peer's: each window trains on the thousand days before it and tests the next 190. */
const WINDOWS = 20;
const TRAIN_BARS = 1000;
const TEST_BARS = 190;

const FEATURES = [
  ...[1, 2, 3, 5, 10, 20].map((bars) => `return(${bars})`),
  ...[5, 10, 20, 50].map((bars) => `distance(sma(${bars}))`),
  ...[5, 10, 20].map((bars) => `realised(${bars})`),
  'rsi(5)',
  'rsi(14)',
  'natr(1)',
  'natr(14)',
  'volumeratio(20)',
  'stoch(14,1,1).k',
  'ppo(12,26,9).line',
];

export interface WalkForwardBenchOptions {
  readonly now: Now;
  readonly runs: number;
  /** Fewer for a test of the benchmark itself. */
  readonly symbols?: number;
  readonly windows?: number;
  readonly trees?: number;
}

interface Prepared {
  readonly dataset: Dataset;
  readonly experiment: Experiment;
  readonly windows: number;
}

function prepare(options: WalkForwardBenchOptions): Prepared {
  const windows = options.windows ?? WINDOWS;
  const bars = panelBars(options.symbols ?? 50, TRAIN_BARS + windows * TEST_BARS + 60);
  const symbols = bars.map(({ symbol }) => symbol);
  const experiment = experimentSchema.parse({
    name: 'walk-forward-bench',
    universe: symbols,
    features: FEATURES,
    labels: { kind: 'forward-return', horizonBars: 1, weights: 'none' },
    splits: { trainBars: TRAIN_BARS, testBars: TEST_BARS, window: 'sliding', embargoBars: 0 },
    estimators: [{ name: 'forest', kind: 'random-forest', trees: options.trees ?? 100, maxDepth: 8 }],
    ensemble: { innerFolds: 2 },
  });
  const set = parseFeatureSet(FEATURES, { timeframe: '1d', symbols });
  const { dataset } = buildDataset({ matrices: computeFeatures(set, bars), bars, experiment });
  return { dataset: inSharedMemory(dataset), experiment, windows };
}

/** The dataset over memory that workers read without a copy; its history, which no member looks at, is left behind. */
function inSharedMemory({ history, ...dataset }: Dataset): Dataset {
  const doubles = (from: Float64Array): Float64Array => {
    const to = new Float64Array(new SharedArrayBuffer(from.byteLength));
    to.set(from);
    return to;
  };
  return {
    ...dataset,
    x: doubles(dataset.x),
    y: doubles(dataset.y),
    weight: doubles(dataset.weight),
    realisedReturn: doubles(dataset.realisedReturn),
    decisionTimeMs: doubles(dataset.decisionTimeMs),
    labelEndTimeMs: doubles(dataset.labelEndTimeMs),
  };
}

/** The worker's file in the form this code runs in; TypeScript needs its loader in every thread. */
function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const loader = new URL('../../infra/typescript/typescript-loader.mjs', import.meta.url).href;
  return new Worker(new URL(isSource ? './walk-forward-thread.ts' : './walk-forward-thread.js', import.meta.url), {
    execArgv: isSource ? ['--import', loader] : [],
  });
}

/** Runs every window once, each on the worker that is free; returns what they found in the order of the windows. */
async function runWindows(workers: readonly Worker[], prepared: Prepared): Promise<WindowMessage[]> {
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const job: WindowsJob = { ...prepared, taken };
  const found: WindowMessage[] = [];
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          const receive = (message: WindowMessage | { done: true } | { failed: string }): void => {
            if ('window' in message) {
              found[message.window] = message;
              return;
            }
            worker.off('message', receive);
            if ('done' in message) resolve();
            else reject(new SignalboxError(`A window failed: ${message.failed}`));
          };
          worker.on('message', receive);
          worker.once('error', reject);
          worker.postMessage(job);
        }),
    ),
  );
  return found;
}

async function measure(prepared: Prepared, count: number, options: WalkForwardBenchOptions): Promise<BenchmarkResult> {
  const workers = Array.from({ length: count }, startWorker);
  try {
    // As standing workers do: each has loaded and compiled the code before.
    await runWindows(workers, { ...prepared, windows: Math.min(count, prepared.windows) });
    const seconds: number[] = [];
    let found: WindowMessage[] = [];
    for (let run = 0; run < options.runs; run++) {
      const began = options.now();
      found = await runWindows(workers, prepared);
      seconds.push((options.now() - began) / 1000);
    }
    seconds.sort((a, b) => a - b);
    return resultOf(prepared, count, { seconds, found });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function resultOf(
  prepared: Prepared,
  workers: number,
  { seconds, found }: { seconds: readonly number[]; found: readonly WindowMessage[] },
): BenchmarkResult {
  if (found.length !== prepared.windows)
    throw new SignalboxError(`${found.length} of ${prepared.windows} windows done`);
  const score = Float64Array.from(found.flatMap((one) => [...one.score]));
  const label = Float64Array.from(found.flatMap((one) => [...one.y]));
  return {
    name: 'walk-forward',
    work:
      `${prepared.windows} windows of ${prepared.dataset.symbols.length} symbols: scaler, inner folds, forest, calibration and ` +
      `scores, ${workers} worker${workers === 1 ? '' : 's'}`,
    seconds: seconds[seconds.length >> 1]!,
    runs: seconds.length,
    rate: prepared.windows / seconds[seconds.length >> 1]!,
    unit: 'windows/s',
    checks: {
      secondsMin: seconds[0]!,
      trainRowsPerWindow: found[0]!.trainRows,
      rowsPredicted: score.length,
      aucOutOfSample: areaUnderCurve(score, label),
      models: hashOf(found.map((one) => one.checksum)).slice(0, 16),
    },
  };
}

/**
 * `bench walk-forward`: the peers' panel through the training of a fold that users run, one and two workers. The same
 * windows as the peer's, and more work in each: an ensemble of one forest is fitted on two inner folds and on all rows.
 */
export async function benchWalkForward(options: WalkForwardBenchOptions): Promise<BenchmarkResult[]> {
  const prepared = prepare(options);
  const one = await measure(prepared, 1, options);
  const two = await measure(prepared, 2, options);
  if (one.checks.models !== two.checks.models) throw new SignalboxError('one and two workers trained different models');
  return [one, { ...two, checks: { ...two.checks, timesOneWorker: one.seconds / two.seconds } }];
}
