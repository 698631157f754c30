import type { Database } from '../../infra/postgres/database.ts';
import { adjustBars } from '../../pipelines/adjustments/bar-adjuster.ts';
import { readFeatures } from '../../pipelines/materialized/feature-store.ts';
import { rangeOf, readTradedBars, type DataReference, type TradedBars } from '../experiment/traded-bars.ts';
import { experimentWindow } from '../registry/experiment-window.ts';
import { buildDataset, type BuiltDataset } from './build-dataset.ts';

/** A dataset with the bars it was made from. */
export interface LoadedDataset extends BuiltDataset, TradedBars {}

/** Reads bars and feature rows by reference and joins them with their labels. The same reference gives the same bytes. */
export async function loadDataset(database: Database, reference: DataReference): Promise<LoadedDataset> {
  return datasetOver(await readTradedBars(database, reference), database, reference);
}

/** `loadDataset` for bars that were read already. */
export async function datasetOver(
  { bars, actions }: TradedBars,
  database: Database,
  reference: DataReference,
): Promise<LoadedDataset> {
  const { experiment, series } = reference;
  const { fromMs, toMs } = rangeOf(reference);
  const adjustments = series.map(({ adjustment = '' }) => adjustment);
  const known = { historyFromMs: fromMs, toMs, adjustments };
  const ids = series.map(({ id }) => id);
  const matrices = await readFeatures(database, reference.featureSetHash, ids, known);
  // Labels are returns as a holder had them: over bars adjusted by every action, whenever it became known.
  const held = bars.map((columns, s) => adjustBars(columns, actions[s]!));
  const built = buildDataset({ matrices, bars: held, actions, experiment, window: experimentWindow(experiment) });
  return { bars, actions, ...built };
}
