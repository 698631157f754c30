import { readFileSync } from 'node:fs';
import { loadConfig, type Config } from '../../infra/config.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { loadExperiment } from '../../models/experiment/load-experiment.ts';
import { prepareExperiment, type PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { writePrivateFile } from '../../infra/files/private-file.ts';
import { writeSmallExperiment } from './small-experiment.ts';
import { storePlan } from '../../models/training/train-experiment.ts';

/**
 * An experiment whose data is in a test's database, so that its training can be planned, run and disturbed again and
 * again.
 */
export interface TrainingPlace {
  readonly experimentPath: string;
  readonly config: Config;
  readonly prepared: PreparedExperiment;
  /** Stores the plan as a run with `--fresh` does: whatever was trained before is forgotten. Resolves to its hash. */
  planAfresh(): Promise<string>;
}

/** Writes the small experiment into `folder`, with a forest of `trees` trees, and prepares its data in `database`. */
export async function makeTrainingPlace(
  database: Database,
  options: { folder: string; trees: number; env: NodeJS.ProcessEnv; name?: string },
): Promise<TrainingPlace> {
  const experimentPath = writeSmallExperiment(options.folder, options.name);
  const experimentText = readFileSync(experimentPath, 'utf8').replace('trees: 40', `trees: ${options.trees}`);
  writePrivateFile(experimentPath, experimentText);
  const config = loadConfig(options.env);
  const prepared = await prepareExperiment(database, {
    experiment: loadExperiment(experimentPath),
    progress: silentProgress(),
  });
  const planAfresh = async (): Promise<string> => {
    const clock = (): number => Date.UTC(2024, 0, 1);
    return (await storePlan(prepared, { config, database, clock, fresh: true, experimentText })).hash;
  };
  return { experimentPath, config, prepared, planAfresh };
}

/** What a training leaves behind, without wall time: equal however often it was disturbed. */
export async function outcomeOf(database: Database, trainingHash: string): Promise<Record<string, unknown[]>> {
  const queries: Record<string, string> = {
    folds: 'SELECT fold, result FROM signalbox.fold_results WHERE training_hash = $1 ORDER BY fold',
    models: 'SELECT fold, hash FROM signalbox.models WHERE training_hash = $1 ORDER BY fold',
    predictions: `SELECT fold, symbol, decision_time, probability, score FROM signalbox.predictions
      WHERE training_hash = $1 ORDER BY fold, symbol, decision_time`,
    versions: `SELECT name, version, model_hash FROM signalbox.model_versions
      JOIN signalbox.models ON hash = model_hash WHERE training_hash = $1`,
    // Without those that a backtest of the predictions and the gate add.
    entries: `SELECT entry_key FROM signalbox.tracking_entries WHERE stream = 'training/' || $1
      AND entry_key NOT LIKE '%/backtest-%' AND entry_key NOT LIKE '%/report-%' AND entry_key NOT LIKE '%/card.%'
      AND entry_key NOT LIKE '%decision-%'
      AND entry_key <> 'finishRun/training/' || $1 || '/FINISHED' ORDER BY entry_key`,
  };
  const outcome: Record<string, unknown[]> = {};
  for (const [name, query] of Object.entries(queries)) {
    outcome[name] = (await database.pool.query(query, [trainingHash])).rows;
  }
  return outcome;
}
