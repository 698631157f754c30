import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import { addEvidence, addOtherRules, finalModelOf, listVersions } from '../../models/registry/model-store.ts';
import { cardEntries } from '../../models/promotion/decision-entries.ts';
import { readModelCard } from '../../models/promotion/model-card.ts';
import { rulesKey, tradingRules } from '../../models/promotion/trading-rules.ts';
import { readTraining } from '../../models/registry/training-store.ts';
import { streamOf } from '../../models/registry/training-names.ts';
import type { BacktestResult } from '../judgement/result.ts';
import type { TrainedExperiment } from '../../models/training/train-experiment.ts';

/** Figures of the out-of-sample backtest that stand beside a version in the registry. */
const FIGURES = [
  ...(['from', 'to', 'totalReturn', 'cagr', 'sharpe', 'maxDrawdown', 'exposure', 'turnover', 'trades'] as const),
  ...(['probabilisticSharpe', 'deflatedSharpe', 'trials', 'probabilityOfOverfitting', 'verdict'] as const),
];

/**
 * Writes what the out-of-sample backtest of a training showed beside the version that came of it, and its card for the
 * tracking server. A version's own record is that of the rules in its training's plan, by which the gate trades it;
 * what an experiment with other thresholds, sizes, limits or costs shows over the same predictions stands beside it
 * under `otherRules` and replaces nothing.
 */
export async function noteEvidence(
  database: Database,
  { trainingHash, plan }: TrainedExperiment,
  result: BacktestResult,
): Promise<void> {
  const model = await finalModelOf(database.pool, trainingHash);
  if (model === null) throw new SignalboxError('The training has no final model.', { remedy: 'Run it again.' });
  const backtest = Object.fromEntries(FIGURES.map((name) => [name, result[name]]));
  const { outOfSample, reasons } = result;
  const { pool } = database;
  const own = await readTraining(pool, trainingHash);
  const rules = tradingRules(plan.experiment);
  const key = rulesKey(rules);
  await addEvidence(pool, model.hash, { outOfSample: outOfSample ?? null });
  if (key === rulesKey(tradingRules(own.experiment))) {
    await addEvidence(pool, model.hash, { experimentHash: own.experimentHash, backtest: { ...backtest, reasons } });
  } else {
    const record = { rules, experimentHash: plan.experimentHash, backtest: { ...backtest, reasons } };
    await addOtherRules(pool, model.hash, { key, record });
  }
  const version = (await listVersions(database.pool, plan.experiment.name)).find(
    ({ modelHash }) => modelHash === model.hash,
  );
  if (version === undefined) return;
  const card = await readModelCard(database.pool, version);
  await enqueue(database.pool, streamOf(trainingHash), cardEntries(trainingHash, card, null));
}
