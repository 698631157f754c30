import type { BarColumns } from '../../features/bar.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { seriesAdjustments } from '../../pipelines/adjustments/action-store.ts';
import type { DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import { findSeries } from '../../pipelines/bars/bar-series-store.ts';
import { readBars } from '../../pipelines/bars/bar-store.ts';
import type { TrainingPlan } from '../registry/training-store.ts';

/** What of a plan says which rows to read. */
export type DataReference = Pick<TrainingPlan, 'series' | 'featureSetHash' | 'fromMs' | 'toMs' | 'experiment'>;

/** The bars of an experiment. */
export interface TradedBars {
  /** As they were traded. */
  readonly bars: readonly BarColumns[];
  /** What the experiment takes out of them, one list per symbol. */
  readonly actions: readonly (readonly DatedAction[])[];
}

/** Reads bars and actions by reference. Throws SignalboxError where the actions on record are others than those referred to. */
export async function readTradedBars(database: Database, reference: DataReference): Promise<TradedBars> {
  const range = rangeOf(reference);
  const ids = reference.series.map(({ id }) => id);
  return { bars: await readBars(database, ids, range), actions: await actionsOf(database, reference, range) };
}

/** The plan holds no infinities: JSON has none. Bars count by their open, features by the close at which they became known. */
export function rangeOf({ fromMs, toMs }: DataReference): { fromMs: number; toMs: number } {
  return { fromMs: fromMs ?? -Infinity, toMs: toMs ?? Infinity };
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
