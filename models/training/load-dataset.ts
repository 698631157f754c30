import type { BarColumns } from '../../features/bar.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { seriesAdjustments } from '../../pipelines/adjustments/action-store.ts';
import { adjustBars } from '../../pipelines/adjustments/bar-adjuster.ts';
import type { DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import { findSeries } from '../../pipelines/bar-series-store.ts';
import { readBars } from '../../pipelines/bar-store.ts';
import { readFeatures } from '../../pipelines/feature-store.ts';
import { buildDataset, type BuiltDataset } from '../build-dataset.ts';
import { doubleArray } from '../estimators/trees/shared-array.ts';
import { experimentWindow } from './experiment-window.ts';
import type { TrainingPlan } from './training-store.ts';

/** What of a plan says which rows to read. */
export type DataReference = Pick<TrainingPlan, 'series' | 'featureSetHash' | 'fromMs' | 'toMs' | 'experiment'>;

/** A dataset with the bars it was made from. */
export interface LoadedDataset extends BuiltDataset {
  /** As they were traded. */
  readonly bars: readonly BarColumns[];
  /** What the experiment takes out of them, one list per symbol. */
  readonly actions: readonly (readonly DatedAction[])[];
}

/**
 * Reads bars and feature rows by reference and joins them with their labels. The same reference gives the same bytes, in memory that
 * threads share.
 */
export async function loadDataset(database: Database, reference: DataReference): Promise<LoadedDataset> {
  const { experiment } = reference;
  const ids = reference.series.map(({ id }) => id);
  // The plan holds no infinities: JSON has none. Bars count by their open, features by the close at which they became known.
  const range = { fromMs: reference.fromMs ?? -Infinity, toMs: reference.toMs ?? Infinity };
  const bars = (await readBars(database, ids, range)).map(sharedBars);
  const actions = await actionsOf(database, reference, range);
  const adjustments = reference.series.map(({ adjustment = '' }) => adjustment);
  const known = { historyFromMs: range.fromMs, toMs: range.toMs, adjustments };
  const matrices = await readFeatures(database, reference.featureSetHash, ids, known);
  // Labels are returns as a holder had them: over bars adjusted by every action, whenever it became known.
  const held = bars.map((columns, s) => adjustBars(columns, actions[s]!));
  const window = experimentWindow(experiment);
  const built = buildDataset({ matrices, bars: held, actions, experiment, window, shared: true });
  return { bars, actions, ...built };
}

/** The bars in memory that threads share. */
function sharedBars(bars: BarColumns): BarColumns {
  const shared = (column: Float64Array): Float64Array => {
    const copy = doubleArray(column.length, true);
    copy.set(column);
    return copy;
  };
  return {
    symbol: bars.symbol,
    length: bars.length,
    openTimeMs: shared(bars.openTimeMs),
    closeTimeMs: shared(bars.closeTimeMs),
    open: shared(bars.open),
    high: shared(bars.high),
    low: shared(bars.low),
    close: shared(bars.close),
    volume: shared(bars.volume),
  };
}

/** The actions that the reference names; others on record meanwhile make it another one. */
async function actionsOf(
  database: Database,
  reference: DataReference,
  range: { fromMs: number; toMs: number },
): Promise<(readonly DatedAction[])[]> {
  if (reference.series.every(({ adjustment = '' }) => adjustment === '')) return reference.series.map(() => []);
  const ids = reference.series.map(({ id }) => id);
  const series = await findSeries(database.pool, ids);
  const found = await seriesAdjustments(database.pool, series, reference.experiment.data.adjust, range);
  found.forEach(({ hash }, s) => {
    const { symbol, adjustment = '' } = reference.series[s]!;
    if (hash === adjustment) return;
    throw new SignalboxError(`The splits and dividends of ${symbol} on record have changed since this was planned.`, {
      remedy: 'Run the experiment again: it plans on the data as they are now.',
    });
  });
  return found.map(({ actions }) => actions);
}
