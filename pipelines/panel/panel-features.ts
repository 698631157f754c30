import type { FeatureSet } from '../../features/feature-set.ts';
import { hashOf } from '../../infra/hash.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { seriesAdjustments, type SeriesAdjustment } from '../adjustments/action-store.ts';
import { computeAdjustedFeatures } from '../adjustments/adjusted-features.ts';
import type { AdjustMode } from '../adjustments/corporate-action.ts';
import { findSeries, type StoredSeries } from '../bars/bar-series-store.ts';
import { readWholeUniverse } from '../bars/whole-universe.ts';
import type { PanelMatrix } from './panel-file.ts';
import type { PanelFolder } from './panel-folder.ts';

export interface PanelOptions {
  readonly set: FeatureSet;
  /** In the order of `set.symbols`. */
  readonly seriesIds: readonly number[];
  /** What to take out of the bars, by the actions on record. */
  readonly adjust: AdjustMode;
  readonly folder: PanelFolder;
}

export interface Panel {
  /** One per symbol, in order; bit for bit what `materialize` stores. */
  readonly matrices: readonly PanelMatrix[];
  /** Whether it was there from before. */
  readonly wasKept: boolean;
}

/**
 * Features over all stored bars of a universe as matrices in memory. They are computed from one reading of the store,
 * and kept in a file under the hash of features, bars and actions; asked again, they come from there. Throws
 * SignalboxError for a series that is not in the store.
 */
export async function panelFeatures(database: Database, options: PanelOptions): Promise<Panel> {
  const { set, seriesIds, adjust, folder } = options;
  const known = await findSeries(database.pool, seriesIds);
  if (known.length === seriesIds.length) {
    const kept = await folder.find(hashOfPanel(set, known, await seriesAdjustments(database.pool, known, adjust)));
    if (kept !== null) return { matrices: kept, wasKept: true };
  }
  const { series, bars } = await readWholeUniverse(database, seriesIds);
  const adjustments = await seriesAdjustments(database.pool, series, adjust);
  const actions = adjustments.map((adjustment) => adjustment.actions);
  const matrices = computeAdjustedFeatures(set, bars, actions).map((matrix, s) => {
    return { ...matrix, openTimeMs: bars[s]!.openTimeMs };
  });
  await folder.keep(hashOfPanel(set, series, adjustments), matrices);
  return { matrices, wasKept: false };
}

/** Of all that the values follow from. */
function hashOfPanel(
  set: FeatureSet,
  series: readonly StoredSeries[],
  adjustments: readonly SeriesAdjustment[],
): string {
  const bars = series.map(({ symbol, fingerprint }) => [symbol, fingerprint]);
  return hashOf({ set: set.hash, columns: set.columns, bars, actions: adjustments.map(({ hash }) => hash) });
}
