import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { createRandom } from '../../infra/random.ts';
import { takeRows } from '../dataset.ts';
import { loadEnsemble } from '../ensemble/ensemble-model.ts';
import { decodeEnsemble } from '../ensemble/serialised-ensemble.ts';
import { findVersion, foldModelOf, readModel } from '../registry/model-store.ts';
import { experimentFolds } from '../splits/experiment-folds.ts';
import { loadDataset } from '../training/load-dataset.ts';
import { readTraining } from '../registry/training-store.ts';
import { permutationImportance, sampleRows, type ImportanceReport } from './permutation-importance.ts';

export interface ModelImportance extends ImportanceReport {
  readonly model: string;
  /** Folds whose models were asked about their own test rows. */
  readonly folds: number;
}

export interface ImportanceOptions {
  /** Most test rows of each fold that are looked at. */
  readonly rowsMax: number;
  readonly repeats: number;
  readonly onProgress?: (fraction: number) => void;
}

/**
 * Permutation importance over the walk-forward of a registered model: each fold's model on the rows it predicted out of
 * sample, the rises averaged by rows. The final model itself has no held-out rows.
 */
export async function modelImportance(
  database: Database,
  reference: string,
  options: ImportanceOptions,
): Promise<ModelImportance> {
  const version = await findVersion(database.pool, reference);
  const { trainingHash } = await readModel(database.pool, version.modelHash);
  const plan = await readTraining(database.pool, trainingHash);
  const { dataset } = await loadDataset(database, plan);
  const folds = experimentFolds(dataset, plan.experiment);
  const random = createRandom(plan.experiment.seed).fork('importance');
  const reports: ImportanceReport[] = [];
  for (const fold of folds) {
    const stored = await foldModelOf(database.pool, trainingHash, fold.index);
    if (stored === null) {
      throw new SignalboxError(`Fold ${fold.index + 1} of this training has no model.`, { remedy: 'Run it again.' });
    }
    const ensemble = await loadEnsemble(decodeEnsemble(stored.content));
    const own = random.fork(`fold ${fold.index}`);
    const heldOut = sampleRows(takeRows(dataset, fold.testRows), options.rowsMax, own);
    try {
      reports.push(
        permutationImportance(ensemble, heldOut, {
          repeats: options.repeats,
          random: own,
          onProgress: (fraction) => options.onProgress?.((reports.length + fraction) / folds.length),
        }),
      );
    } finally {
      ensemble.dispose();
    }
  }
  return { model: `${version.name}@${version.version}`, folds: folds.length, ...pooled(reports) };
}

/** Means by rows; standard errors as of independent folds. */
export function pooled(reports: readonly ImportanceReport[]): ImportanceReport {
  const rows = reports.reduce((sum, report) => sum + report.rows, 0);
  const mean = (value: (report: ImportanceReport) => number): number =>
    reports.reduce((sum, report) => sum + (value(report) * report.rows) / rows, 0);
  const features = reports[0]!.features.map(({ name }) => {
    const of = (report: ImportanceReport) => report.features.find((feature) => feature.name === name)!;
    const variance = reports.reduce((sum, report) => sum + ((of(report).standardError * report.rows) / rows) ** 2, 0);
    return { name, lossRise: mean((report) => of(report).lossRise), standardError: Math.sqrt(variance) };
  });
  return {
    rows,
    repeats: reports[0]!.repeats,
    logLoss: mean((report) => report.logLoss),
    features: features.sort((a, b) => b.lossRise - a.lossRise),
  };
}
