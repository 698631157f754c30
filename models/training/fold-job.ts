import { FINAL_FOLD } from '../registry/training-names.ts';

/** Queue of single folds: CPU work, sandboxed, any number of workers. */
export const FOLD_QUEUE = 'signalbox-folds';
/** Queue of whole trainings: each job is the parent of its folds and assembles their results. */
export const TRAINING_QUEUE = 'signalbox-trainings';

/** Why a fold of a cancelled training failed. */
export const CANCELLED = 'The training was cancelled.';

/** Data of a fold job: everything else is read from the database by these. */
export interface FoldJob {
  readonly trainingHash: string;
  readonly fold: number;
}

/** Data of a training job. */
export interface TrainingJob {
  readonly trainingHash: string;
}

/** Job ids are functions of the training, which is a hash of experiment and data: adding a job twice adds it once. */
export const trainingJobId = (trainingHash: string): string => `training-${trainingHash}`;
export const foldJobId = (trainingHash: string, fold: number): string =>
  `fold-${trainingHash}-${fold === FINAL_FOLD ? 'final' : fold}`;
