import type { FeatureSet } from '../../features/feature-set.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { silentProgress, type Progress, type Stage } from '../../infra/terminal/progress.ts';
import { seriesAdjustments, type SeriesAdjustment } from '../adjustments/action-store.ts';
import { AdjustedStream } from '../adjustments/adjusted-stream.ts';
import { universeActionsHash, type AdjustMode, type DatedAction } from '../adjustments/corporate-action.ts';
import { vintagesOf, type Vintage } from '../adjustments/vintages.ts';
import { countClosedBars, hasClosedBar } from '../bars/bar-row-store.ts';
import { findSeries, type StoredSeries } from '../bars/bar-series-store.ts';
import { PIECE_BARS, streamBars } from '../bars/bar-store.ts';
import { rowsHash, seriesEventsHash } from '../events/events-hash.ts';
import { insertFeatureRows, writeToFeatureRows } from './feature-row-store.ts';
import { FeatureRowBuffer } from './feature-rows.ts';
import {
  clearMaterialization,
  lockMaterialization,
  registerFeatureSet,
  saveMaterialization,
  type Materialization,
  type MaterializationKey,
} from './feature-store.ts';
import { refreshFeatureView } from './feature-view.ts';
import { mergeByClose, type BarMoment } from './merge-bars.ts';
import { takeTurns } from './take-turns.ts';
import { RETENTION_LOCK } from '../bars/year-partitions.ts';

export interface MaterializeOptions {
  readonly set: FeatureSet;
  /** Series of the universe, in the order of `set.symbols`. */
  readonly series: readonly { readonly id: number; readonly symbol: string }[];
  /** Opens of the bars to use, as `ingest` reports it; everything stored by default. */
  readonly range?: { readonly fromMs: number; readonly toMs: number } | undefined;
  /** What to take out of the bars, by the actions on record; nothing by default. */
  readonly adjust?: AdjustMode | undefined;
  /** Forget the rows that are there and compute all of them again. */
  readonly fresh?: boolean | undefined;
  readonly progress?: Progress | undefined;
}

export interface MaterializeReport {
  /** Rows of the set over these series after this call. */
  readonly rows: number;
  /** Rows that this call computed. */
  readonly inserted: number;
}

/** Values computed before they are written: about 10 MB, and a transaction of its own. */
const BUFFER_VALUES = 1_250_000;
/** Other processes that materialise the same may get ahead; more often than this is no coincidence. */
const ATTEMPTS = 5;

interface Work {
  readonly database: Database;
  readonly set: FeatureSet;
  readonly series: readonly StoredSeries[];
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly adjustments: readonly SeriesAdjustment[];
  readonly fresh: boolean;
  readonly stage: Stage;
}

/** Another process has written rows of the same materialization since ours began: begin again where it stopped. */
class OvertakenError extends Error {}

/**
 * Finds where the last computation stopped, forgetting what was computed from bars that have changed since, or is no
 * longer whole.
 */
async function begin(work: Work): Promise<Materialization> {
  const { database, series } = work;
  const revisions = series.map(({ revision }) => revision);
  const key = keyOf(work);
  return database.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock_shared($1)', [RETENTION_LOCK]);
    const found = await lockMaterialization(client, key, revisions);
    const current =
      !work.fresh &&
      Number.isNaN(found.droppedBeforeMs) &&
      String(found.revisions) === String(revisions) &&
      (await isComplete(client, work, found));
    if (current) return found;
    await clearMaterialization(client, found.id, revisions);
    return { ...found, revisions, lastCloseMs: NaN, rows: 0, droppedBeforeMs: NaN, state: null };
  });
}

/**
 * False where a series of a universe has since received bars that closed before the last row: they would be passed
 * over.
 */
async function isComplete(
  client: Parameters<typeof lockMaterialization>[0],
  { series, range }: Work,
  found: Materialization,
): Promise<boolean> {
  if (series.length === 1 || Number.isNaN(found.lastCloseMs)) return true;
  const closed = { fromMs: range.fromMs, closedByMs: found.lastCloseMs };
  return (await countClosedBars(client, found.seriesIds, closed)) === found.rows;
}

/** Late actions of a series: those that became known after some bar in range had closed without them. */
async function lateActions(
  { database, range }: Work,
  id: number,
  actions: readonly DatedAction[],
): Promise<Set<number>> {
  const late = new Set<number>();
  for (const { effectiveMs, knownAtMs } of actions) {
    if (knownAtMs <= effectiveMs) continue;
    const between = { fromMs: Math.max(effectiveMs, range.fromMs), closedBeforeMs: knownAtMs };
    if (await hasClosedBar(database.pool, id, between)) late.add(effectiveMs);
  }
  return late;
}

async function vintages(work: Work): Promise<Vintage[]> {
  const actions = work.adjustments.map((adjustment) => adjustment.actions);
  const late = await Promise.all(work.series.map(({ id }, s) => lateActions(work, id, actions[s]!)));
  return vintagesOf(actions, (s, effectiveMs) => late[s]!.has(effectiveMs));
}

interface BarsWanted {
  readonly closedAfterMs?: number;
  readonly closedBeforeMs: number;
}

/** Walks the bars of the group together; see `mergeByClose`. */
async function walk(
  { database, series, range }: Work,
  wanted: BarsWanted,
  onMoment: (moment: BarMoment) => boolean,
  onPause: () => Promise<void> = async () => undefined,
): Promise<void> {
  const limit = Math.max(256, Math.floor(PIECE_BARS / series.length));
  await mergeByClose(
    series.map((one) => streamBars(database, one, { ...range, ...wanted, limit })),
    onMoment,
    onPause,
  );
}

/**
 * The computation of a vintage ready for its first missing row: taken up where it was saved, begun, or, where a late
 * action has become known meanwhile, run over the bars before again, whose rows stay as they were known.
 */
async function beginVintage(work: Work, vintage: Vintage, stored: Materialization): Promise<AdjustedStream> {
  const symbols = work.series.map(({ symbol }) => symbol);
  if (stored.state !== null && stored.lastCloseMs >= vintage.fromMs) {
    return new AdjustedStream(work.set, symbols, vintage.actions, stored.state);
  }
  const stream = new AdjustedStream(work.set, symbols, vintage.actions);
  if (vintage.fromMs === -Infinity) return stream;
  await walk(work, { closedBeforeMs: vintage.fromMs }, (moment) => {
    stream.advance(moment.closeTimeMs, moment.bars);
    return false;
  });
  return stream;
}

/** Computes and stores what is missing of one vintage. */
async function materializeVintage(work: Work, vintage: Vintage, before: Materialization): Promise<Materialization> {
  const { set, series, stage } = work;
  const stream = await beginVintage(work, vintage, before);
  let stored = before;
  const width = set.columns.length;
  const capacity = Math.max(1024, Math.min(PIECE_BARS, Math.floor(BUFFER_VALUES / width)));
  const buffer = new FeatureRowBuffer(capacity + series.length, width);
  const flush = async (): Promise<void> => {
    if (buffer.length === 0) return;
    stored = await writeRows(work, stored, { buffer, stream });
    stage.advance(buffer.length);
    buffer.length = 0;
  };
  const onMoment = (moment: BarMoment): boolean => {
    stream.advance(moment.closeTimeMs, moment.bars);
    for (let s = 0; s < series.length; s++) {
      if (moment.bars[s] !== null) stream.copyRow(s, buffer.add(series[s]!.id, moment.closeTimeMs));
    }
    return buffer.length >= capacity;
  };
  await walk(work, { closedAfterMs: before.lastCloseMs, closedBeforeMs: vintage.toMs }, onMoment, flush);
  await flush();
  return stored;
}

/**
 * Computes and stores what is missing of one materialization. Returns how many rows it has and how many of them are
 * new.
 */
async function materializeGroup(work: Work): Promise<MaterializeReport> {
  let stored = await begin(work);
  const before = stored.rows;
  for (const vintage of await vintages(work)) {
    if (stored.lastCloseMs >= vintage.toMs) continue;
    stored = await materializeVintage(work, vintage, stored);
  }
  return { rows: stored.rows, inserted: stored.rows - before };
}

/** What tells this materialization from others. */
function keyOf({ set, series, range, adjustments }: Work): MaterializationKey {
  const basis = (one: StoredSeries, s: number): string =>
    rowsHash({ adjustment: adjustments[s]!.hash, events: seriesEventsHash(set, one, range) });
  const adjustment = universeActionsHash(series.map(basis));
  return { setHash: set.hash, seriesIds: series.map(({ id }) => id), fromMs: range.fromMs, adjustment };
}

/** One transaction: the rows, and the memory of the computation after them. */
async function writeRows(
  work: Work,
  stored: Materialization,
  { buffer, stream }: { buffer: FeatureRowBuffer; stream: AdjustedStream },
): Promise<Materialization> {
  const lastCloseMs = buffer.closeTimeMs[buffer.length - 1]!;
  const { database } = work;
  const range = { fromMs: buffer.closeTimeMs[0]!, toMs: lastCloseMs };
  const key = keyOf(work);
  const after = { lastCloseMs, rows: stored.rows + buffer.length, state: stream.save() };
  await writeToFeatureRows(database, range, async (client) => {
    const now = await lockMaterialization(client, key, stored.revisions);
    if (now.rows !== stored.rows || String(now.revisions) !== String(stored.revisions)) throw new OvertakenError();
    await insertFeatureRows(client, stored.id, buffer);
    await saveMaterialization(client, stored.id, after);
  });
  return { ...stored, ...after };
}

async function withAttempts(work: Work): Promise<MaterializeReport> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await materializeGroup(work);
    } catch (error) {
      if (!(error instanceof OvertakenError) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Groups under way together: while the server stores the rows of one, those of the other are computed. */
const GROUPS_AT_ONCE = 2;

/**
 * Computes the feature rows that the store does not have yet and writes them by COPY, block by block: memory does not
 * grow with the number of bars, new bars go on from the saved memory of the kernels, and a killed run is finished by
 * the next. Where bars were revised, all rows computed from them are computed again. Throws SignalboxError for a series
 * that is not in the store.
 */
export async function materialize(database: Database, options: MaterializeOptions): Promise<MaterializeReport> {
  const { set, range = { fromMs: -Infinity, toMs: Infinity } } = options;
  const stage = (options.progress ?? silentProgress()).stage('materialize');
  const series = await findSeries(
    database.pool,
    options.series.map(({ id }) => id),
  );
  if (series.length !== options.series.length) {
    throw new SignalboxError('Some of the series are no longer in the store.', { remedy: 'Ingest the bars again.' });
  }
  await registerFeatureSet(database.pool, set);
  // Where no feature looks at other symbols each series is computed and kept by itself, and universes share its rows.
  const groups = set.graph.comparesSymbols ? [series] : series.map((one) => [one]);
  const fresh = options.fresh ?? false;
  const done = { rows: 0, inserted: 0 };
  await takeTurns(groups, GROUPS_AT_ONCE, async (group) => {
    const adjustments = await seriesAdjustments(database.pool, group, options.adjust ?? 'raw', range);
    const { rows, inserted } = await withAttempts({ database, set, series: group, range, adjustments, fresh, stage });
    done.rows += rows;
    done.inserted += inserted;
  });
  await refreshFeatureView(database, set);
  const { rows, inserted } = done;
  stage.done(`${inserted} rows of ${set.columns.length} features written, ${rows - inserted} already there`);
  return done;
}
