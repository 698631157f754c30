import { InputError } from '../../infra/errors.ts';
import { hashOf } from '../../infra/hash.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { experimentHash } from '../experiment/load-experiment.ts';
import type { Dataset } from '../dataset.ts';
import { foldsOf } from '../splits/folds-of.ts';
import { isoRange } from './fold/fold-summary.ts';
import { tensorBackendOf } from '../registry/tensor-backend.ts';
import type { TrainingPlan } from '../registry/training-store.ts';

/** Raised when the form of what training stores changes: stored results of an older form are then not reused. */
const TRAINING_VERSION = 1;

export interface PlanOptions {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly dataHash: string;
  readonly featureSetHash: string;
  readonly series: TrainingPlan['series'];
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** What the configuration asks for. */
  readonly backend: 'auto' | 'wasm' | 'native';
}

/**
 * The plan of a training and its identity: a hash over everything that can change a model or a prediction (data, features,
 * labels, splits, estimators, ensemble, seed, backend) and the name it is registered under, and nothing else, so that other
 * signal rules or costs reuse it.
 * InputError when the data is too short for the splits.
 */
export async function planTraining(options: PlanOptions): Promise<{ hash: string; plan: TrainingPlan }> {
  const { experiment, dataset } = options;
  const folds = foldsOf(dataset, experiment.splits);
  if (folds.length === 0) {
    throw new InputError(
      `${experiment.name}: ${dataset.rows} labelled rows are too few for a single fold.`,
      'Take more data, or smaller splits.trainBars and splits.testBars.',
    );
  }
  const backend = await tensorBackendOf(experiment, options.backend);
  const plan: TrainingPlan = {
    experiment,
    experimentHash: experimentHash(experiment),
    dataHash: options.dataHash,
    featureSetHash: options.featureSetHash,
    series: options.series,
    folds: folds.map((fold) => ({
      index: fold.index,
      train: isoRange(fold.ranges.train),
      purge: fold.ranges.purge && isoRange(fold.ranges.purge),
      embargo: fold.ranges.embargo && isoRange(fold.ranges.embargo),
      test: isoRange(fold.ranges.test),
      trainRows: fold.trainRows.length,
      testRows: fold.testRows.length,
    })),
    rows: dataset.rows,
    backend,
    fromMs: options.fromMs,
    toMs: options.toMs,
  };
  const hash = hashOf({
    version: TRAINING_VERSION,
    name: experiment.name,
    dataHash: options.dataHash,
    featureSetHash: options.featureSetHash,
    symbols: options.series.map(({ symbol }) => symbol),
    labels: experiment.labels,
    splits: experiment.splits,
    estimators: experiment.estimators,
    ensemble: experiment.ensemble,
    seed: experiment.seed,
    backend,
  });
  return { hash, plan };
}
