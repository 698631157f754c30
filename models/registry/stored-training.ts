import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { MarketData } from '../experiment/market-data.ts';
import { readPredictions, type StoredPredictions } from './prediction-store.ts';
import { trainingIdentities } from './training-identity.ts';
import { findAssembled, readTraining, type TrainingPlan } from './training-store.ts';

/** What a training of an experiment left. */
export interface StoredTraining {
  readonly trainingHash: string;
  readonly folds: TrainingPlan['folds'];
  readonly predictions: StoredPredictions;
}

/**
 * The finished training of an experiment over these bars. SignalboxError that names `train` where there is none.
 * @param asked as the user names the experiment
 */
export async function storedTraining(
  { pool }: Database,
  { experiment, reference, ingested }: Pick<MarketData, 'experiment' | 'reference' | 'ingested'>,
  asked: string,
): Promise<StoredTraining> {
  const hashes = trainingIdentities({ ...reference, dataHash: ingested.dataHash });
  const trainingHash = await findAssembled(pool, hashes);
  if (trainingHash === null) {
    throw new SignalboxError(
      `${experiment.name} has no stored predictions for these bars: there is nothing to trade.`,
      {
        remedy: `Train it first: signalbox train ${asked}.`,
      },
    );
  }
  const { folds } = await readTraining(pool, trainingHash);
  return { trainingHash, folds, predictions: await readPredictions(pool, trainingHash) };
}
