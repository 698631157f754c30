import { InputError } from '../../infra/errors.ts';
import { experimentHash } from '../experiment/load-experiment.ts';
import type { Dataset } from '../dataset.ts';
import { experimentFolds } from '../splits/experiment-folds.ts';
import { isoRange } from './fold/fold-summary.ts';
import { tensorBackendOf } from '../registry/tensor-backend.ts';
import { trainingIdentity, type LearnedFrom } from '../registry/training-identity.ts';
import type { TrainingPlan } from '../registry/training-store.ts';

export interface PlanOptions extends LearnedFrom {
  readonly dataset: Dataset;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** What the configuration asks for. */
  readonly backend: 'auto' | 'wasm' | 'native';
}

/** The plan of a training and its identity. InputError when the data is too short for the splits. */
export async function planTraining(options: PlanOptions): Promise<{ hash: string; plan: TrainingPlan }> {
  const { experiment, dataset } = options;
  const folds = experimentFolds(dataset, experiment);
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
  return { hash: trainingIdentity(options, backend), plan };
}
