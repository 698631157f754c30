import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import { addEvidence, addOtherRules, finalModelOf, listVersions } from '../../models/registry/model-store.ts';
import { cardEntries } from '../../models/promotion/decision-entries.ts';
import { readModelCard } from '../../models/promotion/model-card.ts';
import { rulesKey, tradingRules } from '../../models/promotion/trading-rules.ts';
import { readTraining } from '../../models/registry/training-store.ts';
import { streamOf } from '../../models/registry/training-names.ts';
import { closingEntries, type TrackedBacktest } from '../../models/training/tracking-entries.ts';
import type { BacktestResult } from '../judgement/result.ts';
import type { TrainedExperiment } from '../../models/training/train-experiment.ts';

/** Backtest figures that the tracking server is told. */
const TRACKED = [
  ...(['totalReturn', 'cagr', 'volatility', 'sharpe', 'sortino', 'maxDrawdown', 'exposure', 'turnover'] as const),
  ...(['trades', 'probabilisticSharpe', 'deflatedSharpe', 'trials'] as const),
];

/** Figures of the out-of-sample backtest that stand beside a version in the registry. */
const FIGURES = [
  ...(['from', 'to', 'totalReturn', 'cagr', 'sharpe', 'maxDrawdown', 'exposure', 'turnover', 'trades'] as const),
  ...(['probabilisticSharpe', 'deflatedSharpe', 'trials', 'probabilityOfOverfitting', 'verdict'] as const),
];

/**
 * Writes what the out-of-sample backtest of a training showed beside the version that came of it, and tells the
 * tracking server: figures, card and the end of the run. A version's own record is that of the rules in its training's
 * plan, by which the gate trades it; what an experiment with other thresholds, sizes, limits or costs shows over the
 * same predictions stands beside it under `otherRules` and replaces nothing.
 */
export async function noteEvidence(
  database: Database,
  { trainingHash, plan }: TrainedExperiment,
  result: BacktestResult,
  nowMs: number,
): Promise<void> {
  const model = await finalModelOf(database.pool, trainingHash);
  if (model === null) throw new SignalboxError('The training has no final model.', { remedy: 'Run it again.' });
  const backtest = Object.fromEntries(FIGURES.map((name) => [name, result[name]]));
  const { outOfSample, reasons } = result;
  const { pool } = database;
  const own = await readTraining(pool, trainingHash);
  const rules = tradingRules(plan.experiment);
  const key = rulesKey(rules);
  const isOwn = key === rulesKey(tradingRules(own.experiment));
  await addEvidence(pool, model.hash, { outOfSample: outOfSample ?? null });
  if (isOwn) {
    await addEvidence(pool, model.hash, { experimentHash: own.experimentHash, backtest: { ...backtest, reasons } });
  } else {
    const record = { rules, experimentHash: plan.experimentHash, backtest: { ...backtest, reasons } };
    await addOtherRules(pool, model.hash, { key, record });
  }
  const closing: TrackedBacktest = {
    pooled: outOfSample ?? null,
    figures: Object.fromEntries(TRACKED.map((name) => [name, result[name]])),
    verdict: result.verdict,
    part: plan.experimentHash.slice(0, 12),
    own: isOwn,
  };
  await enqueue(pool, streamOf(trainingHash), closingEntries(trainingHash, closing, nowMs));
  const version = (await listVersions(database.pool, plan.experiment.name)).find(
    ({ modelHash }) => modelHash === model.hash,
  );
  if (version === undefined) return;
  const card = await readModelCard(database.pool, version);
  await enqueue(database.pool, streamOf(trainingHash), cardEntries(trainingHash, card, null));
}
