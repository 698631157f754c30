import type { CommandContext } from '../../infra/command.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import { ingestMarketData, loadBars, type LoadedBars, type MarketData } from '../../models/experiment/market-data.ts';
import { readPredictions, type StoredPredictions } from '../../models/registry/prediction-store.ts';
import { trainingIdentities } from '../../models/registry/training-identity.ts';
import { findAssembled, readTraining, type TrainingPlan } from '../../models/registry/training-store.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { experimentSession, sessionDefinition } from './experiment-session.ts';
import { experimentRules, rulesDefinition, rulesSession, type ExperimentRules } from './rules-experiment.ts';
import type { Replay } from './paper-command.ts';

/**
 * An experiment as a paper session over its own out-of-sample bars, trading the predictions that its training stored.
 * Nothing is trained here. SignalboxError that names `train` where these bars and this experiment have no finished
 * training.
 */
export async function replayExperiment(context: CommandContext, asked: string): Promise<Replay> {
  const { config, progress, signal } = context;
  const files = { vendors: systemVendorAccess(config.vendors) };
  const experiment = await checkedExperiment(experimentPath(asked), { ...files, rules: true });
  const rules = experiment.strategies === undefined ? null : await experimentRules(experiment);
  const database = await context.database();
  const market = await ingestMarketData(database, { experiment, ...files, progress, signal });
  if (rules !== null) return replayOfRules({ ...market, ...(await loadBars(database, market.reference)) }, rules);
  const hashes = trainingIdentities({ ...market.reference, dataHash: market.ingested.dataHash });
  const trainingHash = await findAssembled(database.pool, hashes);
  if (trainingHash === null) {
    throw new SignalboxError(
      `${experiment.name} has no stored predictions for these bars: there is nothing to replay.`,
      {
        remedy: `Train it first: signalbox train ${asked}.`,
      },
    );
  }
  const { folds } = await readTraining(database.pool, trainingHash);
  const predictions = await readPredictions(database.pool, trainingHash);
  const { bars, actions } = await loadBars(database, market.reference);
  return replayOf({ ...market, bars, actions }, { trainingHash, folds, predictions });
}

/** Rules need no training: their replay is over all bars. */
function replayOfRules(market: MarketData & LoadedBars, { strategy, hash }: ExperimentRules): Replay {
  const { bars, ...options } = rulesSession(market, strategy);
  return { bars, options, session: rulesDefinition(market, hash, 'paper') };
}

function replayOf(
  market: MarketData & LoadedBars,
  trained: { trainingHash: string; folds: TrainingPlan['folds']; predictions: StoredPredictions },
): Replay {
  const { trainingHash, folds, predictions } = trained;
  // Rules and costs are those of the file as it stands, which the stored plan need not have.
  const plan = { folds, experimentHash: experimentHash(market.experiment) };
  const { bars, ...options } = experimentSession(market, { predictions, plan });
  return { bars, options, session: sessionDefinition(market, { trainingHash, plan }, 'paper') };
}
