import { hashOf } from '../../infra/hash.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { TrainingPlan } from './training-store.ts';

/** Raised when the form of what training stores changes: stored results of an older form are then not reused. */
const TRAINING_VERSION = 1;

/** Everything that can change a model or a prediction, but the backend. */
export interface LearnedFrom {
  readonly experiment: Experiment;
  readonly dataHash: string;
  readonly featureSetHash: string;
  readonly series: TrainingPlan['series'];
}

/**
 * Identity of a training: a hash over data, features, how they are chosen and reduced, labels, splits, estimators,
 * ensemble, seed and backend, and the name it is registered under, and nothing else: other signal rules or costs
 * reuse it.
 */
export function trainingIdentity(from: LearnedFrom, backend: TrainingPlan['backend']): string {
  const { experiment, dataHash, featureSetHash, series } = from;
  const { name, labels, splits, estimators, ensemble, seed, selection, reduction } = experiment;
  const symbols = series.map(({ symbol }) => symbol);
  return hashOf({
    version: TRAINING_VERSION,
    name,
    dataHash,
    featureSetHash,
    symbols,
    labels,
    splits,
    estimators,
    ensemble,
    seed,
    backend,
    // What was trained before there were these keys stays what it is.
    ...(selection === undefined ? {} : { selection }),
    ...(reduction === undefined ? {} : { reduction }),
  });
}

/** Hashes that a training of `from` may have, one per backend. */
export function trainingIdentities(from: LearnedFrom): string[] {
  return (['none', 'wasm', 'native'] as const).map((backend) => trainingIdentity(from, backend));
}
