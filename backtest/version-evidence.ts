import { SignalboxError } from '../infra/errors.ts';
import type { Database } from '../infra/postgres/database.ts';
import { addEvidence, finalModelOf } from '../models/model-store.ts';
import type { BacktestResult } from './result.ts';
import type { TrainedExperiment } from './train-experiment.ts';

/** Figures of the out-of-sample backtest that stand beside a version in the registry. */
const FIGURES = [
  ...(['from', 'to', 'totalReturn', 'cagr', 'sharpe', 'maxDrawdown', 'exposure', 'turnover', 'trades'] as const),
  ...(['probabilisticSharpe', 'deflatedSharpe', 'trials', 'probabilityOfOverfitting', 'verdict'] as const),
];

/** Writes what the out-of-sample backtest of a training showed beside the version that came of it. */
export async function noteEvidence(
  database: Database,
  { trainingHash, plan }: TrainedExperiment,
  result: BacktestResult,
): Promise<void> {
  const model = await finalModelOf(database.pool, trainingHash);
  if (model === null) throw new SignalboxError('The training has no final model.', { remedy: 'Run it again.' });
  const backtest = Object.fromEntries(FIGURES.map((name) => [name, result[name]]));
  const { outOfSample, reasons } = result;
  await addEvidence(database.pool, model.hash, {
    experimentHash: plan.experimentHash,
    backtest: { ...backtest, reasons },
    outOfSample: outOfSample ?? null,
  });
}
