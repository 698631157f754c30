import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type BarColumns, sliceBarColumns } from '../../features/bar.ts';
import { loadConfig, type Config } from '../../infra/config.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { loadExperiment } from '../../models/experiment/load-experiment.ts';
import { listVersions } from '../../models/registry/model-store.ts';
import { applyDecision, overrule } from '../../models/promotion/promote.ts';
import { decidePromotion } from '../../models/promotion/promotion-gate.ts';
import { assembleTraining } from '../../models/training/assemble-training.ts';
import { FINAL_FOLD } from '../../models/registry/training-names.ts';
import { runFoldJob } from '../../models/training/run-fold-job.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { backtestExperiment } from '../experiment/experiment-backtest.ts';
import { offerFirst } from '../promotion/first-champion.ts';
import { huntOnce } from '../research/leakage-hunt.ts';
import { promotionEvidence } from '../promotion/promotion-evidence.ts';
import { prepareExperiment, type PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { readTrained, storePlan, type TrainedExperiment } from '../../models/training/train-experiment.ts';
import { noteEvidence } from '../promotion/version-evidence.ts';
import { writePrivateFile } from '../../infra/files/private-file.ts';

/** Time of everything that a planted place does. */
export const PLACE_CLOCK_MS = Date.UTC(2024, 0, 1);

/**
 * A symbol in a CSV file that grows like a feed, and an experiment over it: small enough to be trained within a test.
 */
export interface PlantedPlace {
  readonly experimentPath: string;
  readonly config: Config;
  /** Lets the file hold the first `bars` of its bars. */
  show(bars: number): void;
  /** Rewrites the experiment with other sections. */
  change(sections: object): void;
  prepare(): Promise<PreparedExperiment>;
  /** Trains without a queue, backtests, notes the evidence and offers a first champion, as `run` does. */
  train(): Promise<TrainedExperiment>;
  /** Makes the newest version champion whatever the gate says, by an override on record. */
  crown(): Promise<void>;
}

/** Makes such a place in `folder`. */
export function makePlantedPlace(
  database: Database,
  options: { folder: string; name: string; bars: BarColumns; sections?: object; env?: NodeJS.ProcessEnv },
): PlantedPlace {
  const { folder, name, bars, env = {} } = options;
  const csv = join(folder, `${name}.csv`);
  const experimentPath = join(folder, `${name}.yaml`);
  const config = loadConfig(env);
  const base = {
    name,
    universe: [bars.symbol],
    data: { source: 'csv', path: csv },
    features: ['return(1)', 'closelocation()', 'zscore(close,20)'],
    splits: { trainBars: 400, testBars: 200 },
    estimators: [{ name: 'linear', kind: 'logistic-regression', strength: 0.02 }],
    ensemble: { innerFolds: 2 },
    signals: { buyAbove: 0.52, sellBelow: 0.48 },
    ...options.sections,
  };
  const change = (sections: object): void => writePrivateFile(experimentPath, stringify({ ...base, ...sections }));
  change({});
  const prepare = (): Promise<PreparedExperiment> =>
    prepareExperiment(database, { experiment: loadExperiment(experimentPath), progress: silentProgress() });
  const train = async (): Promise<TrainedExperiment> => {
    const prepared = await prepare();
    const clock = (): number => PLACE_CLOCK_MS;
    const experimentText = readFileSync(experimentPath, 'utf8');
    const { hash, plan } = await storePlan(prepared, { config, database, clock, fresh: false, experimentText });
    const context = { clock, signal: new AbortController().signal, onProgress: () => undefined };
    for (let fold = FINAL_FOLD; fold < plan.folds.length; fold++) {
      await runFoldJob(database, { trainingHash: hash, fold }, context);
    }
    await assembleTraining(database, hash);
    const trained = { trainingHash: hash, plan, trainedNow: true, ...(await readTrained(database, hash)) };
    await huntOnce(database, prepared, hash);
    await noteEvidence(database, trained, (await backtestExperiment(database, prepared, trained)).result);
    await offerFirst(database, { hash, name }, clock);
    return trained;
  };
  const show = (count: number): void => writePrivateFile(csv, [...barsCsv([sliceBarColumns(bars, 0, count)])].join(''));
  const crown = async (): Promise<void> => {
    const newest = (await listVersions(database.pool, name)).at(-1)!;
    if (newest.aliases.includes('champion')) return;
    const judged = decidePromotion(await promotionEvidence(database, newest, PLACE_CLOCK_MS), PLACE_CLOCK_MS);
    await applyDecision(database, overrule(judged, 'a champion to begin with'));
  };
  return { experimentPath, config, show, change, prepare, train, crown };
}
