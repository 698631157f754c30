import type { BarColumns } from '../../features/bar.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { readBars } from '../../pipelines/bar-store.ts';
import { readFeatures } from '../../pipelines/feature-store.ts';
import { buildDataset, type BuiltDataset } from '../build-dataset.ts';
import type { TrainingPlan } from './training-store.ts';

/** What of a plan says which rows to read. */
export type DataReference = Pick<TrainingPlan, 'series' | 'featureSetHash' | 'fromMs' | 'toMs' | 'experiment'>;

/** A dataset with the bars it was made from. */
export interface LoadedDataset extends BuiltDataset {
  readonly bars: readonly BarColumns[];
}

/** Reads bars and feature rows by reference and joins them with their labels. The same reference gives the same bytes. */
export async function loadDataset(database: Database, reference: DataReference): Promise<LoadedDataset> {
  const ids = reference.series.map(({ id }) => id);
  // The plan holds no infinities: JSON has none. Bars count by their open, features by the close at which they became known.
  const range = { fromMs: reference.fromMs ?? -Infinity, toMs: reference.toMs ?? Infinity };
  const bars = await readBars(database, ids, range);
  const known = { historyFromMs: range.fromMs, toMs: range.toMs };
  const matrices = await readFeatures(database, reference.featureSetHash, ids, known);
  return { bars, ...buildDataset({ matrices, bars, experiment: reference.experiment }) };
}
