import type { CommandContext } from '../../infra/command.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import { ingestMarketData, loadBars, type LoadedBars, type MarketData } from '../../models/experiment/market-data.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { experimentSession, sessionDefinition } from './experiment-session.ts';
import { rulesDefinition, rulesOf, rulesSession, type ExperimentRules } from './rules-experiment.ts';
import type { PaperOptions, Replay } from './replay.ts';
import { storedTraining, type StoredTraining } from '../../models/registry/stored-training.ts';

/**
 * An experiment as a paper session over its own out-of-sample bars, trading the predictions that its training stored.
 * Nothing is trained here. SignalboxError that names `train` where these bars and this experiment have no finished
 * training.
 */
export async function replayExperiment(
  context: CommandContext,
  asked: string,
  { deadline }: Pick<PaperOptions, 'deadline'>,
): Promise<Replay> {
  const { config, progress, signal } = context;
  const files = { vendors: systemVendorAccess(config.vendors) };
  const experiment = await checkedExperiment(experimentPath(asked), { ...files, rules: true });
  const rules = await rulesOf(experiment, deadline);
  const database = await context.database();
  const market = await ingestMarketData(database, { experiment, ...files, progress, signal });
  const trained = rules?.learns === false ? null : await storedTraining(database, market, asked);
  const loaded = { ...market, ...(await loadBars(database, market.reference)) };
  return rules === null ? replayOf(loaded, trained!) : replayOfRules(loaded, rules, trained);
}

/** Rules need no training: their replay is over all bars. */
function replayOfRules(
  market: MarketData & LoadedBars,
  rules: ExperimentRules,
  trained: StoredTraining | null,
): Replay {
  const { bars, ...options } = rulesSession(market, rules, trained);
  const { costs } = market.experiment;
  return { bars, options, session: rulesDefinition(market, { rules, trained }, 'paper'), costs };
}

function replayOf(market: MarketData & LoadedBars, trained: StoredTraining): Replay {
  const { trainingHash, folds, predictions } = trained;
  // Rules and costs are those of the file as it stands, which the stored plan need not have.
  const plan = { folds, experimentHash: experimentHash(market.experiment) };
  const { bars, ...options } = experimentSession(market, { predictions, plan });
  const { costs } = market.experiment;
  return { bars, options, session: sessionDefinition(market, { trainingHash, plan }, 'paper'), costs };
}
