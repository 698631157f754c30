import type { BarColumns } from '../../features/bar.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { adjustedDataHash, dataHash as hashOfBars } from '../../pipelines/bars/bar-fingerprint.ts';
import { dataHashWithEvents, rowsHash } from '../../pipelines/events/events-hash.ts';
import { findSeries } from '../../pipelines/bars/bar-series-store.ts';
import { collectGarbage, releaseMemory } from '../../infra/release-memory.ts';
import { silentProgress, type Progress } from '../../infra/terminal/progress.ts';
import { adjustBars } from '../../pipelines/adjustments/bar-adjuster.ts';
import { readFeatures } from '../../pipelines/materialized/feature-store.ts';
import { doubleArray } from '../estimators/trees/shared-array.ts';
import { loadBars, rangeOf, type DataReference, type LoadedBars } from '../experiment/market-data.ts';
import { experimentWindow } from '../registry/experiment-window.ts';
import { buildDataset, type BuiltDataset, type DatasetSource } from './build-dataset.ts';

/** A dataset with the bars it was made from. */
export interface LoadedDataset extends BuiltDataset, LoadedBars {}

/** Values of a dataset from which it pays to look for what is no longer held: 128 MB. */
const LARGE_VALUES = 2 ** 24;

interface LoadOptions extends Pick<DatasetSource, 'judgedByReturns'> {
  readonly progress?: Progress;
  /** What the data were planned as: SignalboxError where the store holds others meanwhile. */
  readonly dataHash?: string;
}

/**
 * Reads bars and feature rows by reference and joins them with their labels. The same reference gives the same bytes,
 * in memory that threads share.
 */
export async function loadDataset(
  database: Database,
  reference: DataReference,
  { progress = silentProgress(), judgedByReturns = false, dataHash }: LoadOptions = {},
): Promise<LoadedDataset> {
  const { experiment, series, featureSetHash } = reference;
  const stage = progress.stage('load features and labels', series.length);
  const loaded = await loadBars(database, reference);
  const { actions, fine } = loaded;
  const bars = sharedBars(loaded.bars);
  const ids = series.map(({ id }) => id);
  const revisions = await revisionsOf(database, ids);
  // Bars count by their open, features by the close at which they became known.
  const { fromMs, toMs } = rangeOf(reference);
  const adjustments = series.map(rowsHash);
  const range = { historyFromMs: fromMs, toMs, adjustments, onSeries: () => stage.advance() };
  const matrices = await readFeatures(database, featureSetHash, ids, range);
  if (dataHash !== undefined) {
    const same = dataHashWithEvents(adjustedDataHash(hashOfBars(bars), series), series) === dataHash;
    // Rows may have been computed again between the two reads: then the bars have another revision.
    if (!same || (await revisionsOf(database, ids)) !== revisions) throw new ChangedDataError();
  }
  // Labels are returns as a holder had them: over bars adjusted by every action, whenever it became known.
  const held = bars.map((columns, s) => adjustBars(columns, actions[s]!));
  const window = experimentWindow(experiment);
  const built = buildDataset({ matrices, bars: held, actions, experiment, judgedByReturns, window, shared: true });
  // The dataset has its own copy, as large as they are.
  releaseMemory(matrices.map(({ values }) => values.buffer));
  if (built.dataset.x.length >= LARGE_VALUES) collectGarbage();
  stage.done(`${built.dataset.rows} rows of ${built.dataset.width} features`);
  return { bars, actions, fine, ...built };
}

/** Revisions of the series, to see whether any was revised between two moments. */
async function revisionsOf({ pool }: Database, ids: readonly number[]): Promise<string> {
  return (await findSeries(pool, ids)).map(({ revision }) => revision).join();
}

/** A model of these bars would stand under the hash of others. */
class ChangedDataError extends SignalboxError {
  constructor() {
    super('The bars have changed since the training was planned.', {
      remedy: 'Run the experiment again: it plans on the data as they are now.',
    });
  }
}

/**
 * The bars in memory that threads share, and not where they were. A column that several of them have is copied once.
 */
function sharedBars(universe: readonly BarColumns[]): BarColumns[] {
  const columns = universe.flatMap(({ openTimeMs, closeTimeMs, open, high, low, close, volume }) => {
    return [openTimeMs, closeTimeMs, open, high, low, close, volume];
  });
  const distinct = new Set(columns);
  const all = doubleArray(
    [...distinct].reduce((sum, { length }) => sum + length, 0),
    true,
  );
  const copies = new Map<Float64Array, Float64Array>();
  let used = 0;
  for (const column of distinct) {
    const copy = all.subarray(used, (used += column.length));
    copy.set(column);
    copies.set(column, copy);
  }
  releaseMemory(columns.map(({ buffer }) => buffer));
  const shared = (column: Float64Array): Float64Array => copies.get(column)!;
  return universe.map((bars) => ({
    symbol: bars.symbol,
    length: bars.length,
    openTimeMs: shared(bars.openTimeMs),
    closeTimeMs: shared(bars.closeTimeMs),
    open: shared(bars.open),
    high: shared(bars.high),
    low: shared(bars.low),
    close: shared(bars.close),
    volume: shared(bars.volume),
  }));
}
