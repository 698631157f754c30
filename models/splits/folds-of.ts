import type { Dataset } from '../dataset.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { combinatorialFolds, purgedKFolds } from './combinatorial.ts';
import type { Fold } from './fold.ts';
import { periodWalkForwardFolds } from './period-walk-forward.ts';
import { walkForwardFolds } from './walk-forward.ts';

/** The folds of an experiment, in order. Throws an InputError when the data is too short for them. */
export function foldsOf(dataset: Dataset, splits: Experiment['splits']): Fold[] {
  if (splits.period !== undefined) return periodWalkForwardFolds(dataset, splits);
  switch (splits.kind) {
    case 'walk-forward':
      return walkForwardFolds(dataset, splits);
    case 'purged-k-fold':
      return purgedKFolds(dataset, splits);
    case 'combinatorial':
      return combinatorialFolds(dataset, splits);
  }
}
