import { silentProgress, type Progress } from '../../infra/terminal/progress.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { seriesAdjustments, type SeriesAdjustment } from '../adjustments/action-store.ts';
import { actionsOfUniverse, type OfferedActions } from '../adjustments/actions-of-universe.ts';
import { fetchedActionsStatements } from '../adjustments/fetched-actions.ts';
import { wantedActions } from '../adjustments/no-actions.ts';
import type { AdjustMode } from '../adjustments/corporate-action.ts';
import { adjustedDataHash, dataHash, dataHashOfSeries } from '../bars/bar-fingerprint.ts';
import type { StoredSeries } from '../bars/bar-series-store.ts';
import { readBars } from '../bars/bar-store.ts';
import { ChangedHistoryError, recordRefusal } from '../bars/series-writer.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { daysRangeMs } from '../calendars/calendar.ts';
import { parseDay } from '../calendars/day.ts';
import type { BarSource } from '../sources/bar-source.ts';
import type { Taken } from '../sources/files/taken.ts';
import { openSource, type OpenSourceOptions } from '../sources/open-source.ts';
import { storeOffers, type QualityGate } from './store-offers.ts';
import type { IngestedSeries } from './store-series.ts';

export interface IngestOptions extends OpenSourceOptions {
  /** Accept values that the source has changed, instead of refusing them. */
  readonly revise?: boolean | undefined;
  readonly progress?: Progress | undefined;
  /** See `IngestSourceOptions`. */
  readonly gate?: QualityGate | undefined;
}

export interface IngestReport {
  readonly series: readonly IngestedSeries[];
  /** Open times of the bars that were asked for, `[fromMs, toMs)`: pass it to every reader, the store may hold more. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly inserted: number;
  readonly unchanged: number;
  readonly revised: number;
  /** What the bars of each series are adjusted by, in the order of `series`. */
  readonly adjustments: readonly SeriesAdjustment[];
  /** SHA-256 of the bars in range of all series, and of the actions they are adjusted by. */
  readonly dataHash: string;
  /** What files were taken for; null for bars of other sources. */
  readonly taken: Taken | null;
}

function rangeOf(options: IngestOptions): { fromMs: number; toMs: number } {
  const name = options.barsFiles === undefined ? options.data.calendar : (options.barsCalendar ?? 'none');
  const { from, to } = options.data;
  const day = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDay(text));
  return daysRangeMs(calendarNamed(name), day(from), day(to));
}

async function hashInRange(
  database: Database,
  series: readonly StoredSeries[],
  range: { fromMs: number; toMs: number },
): Promise<string> {
  const whole = series.every(({ firstOpenMs, lastOpenMs }) => firstOpenMs >= range.fromMs && lastOpenMs < range.toMs);
  if (whole) return dataHashOfSeries(series);
  return dataHash(
    await readBars(
      database,
      series.map(({ id }) => id),
      range,
    ),
  );
}

export interface IngestSourceOptions {
  /** Open times of the bars wanted, `[fromMs, toMs)`. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly revise?: boolean | undefined;
  /** Splits and dividends to put on record. */
  readonly actions?: OfferedActions | undefined;
  /** Whether the source is asked for its own corporate actions. */
  readonly fetchActions?: boolean | undefined;
  /** Which corporate actions readers adjust for; part of the data hash. Default: none. */
  readonly adjust?: AdjustMode | undefined;
  readonly progress?: Progress | undefined;
  /** Asked before a series is stored: nothing is left of one that it refuses. */
  readonly gate?: QualityGate | undefined;
  /** Ends the ingest; what is complete by then is kept. */
  readonly signal?: AbortSignal | undefined;
}

/** Brings the bars of any source into the store; see `ingest`. */
export async function ingestSource(
  database: Database,
  source: BarSource,
  options: IngestSourceOptions,
): Promise<IngestReport> {
  const { range, revise = false, actions, fetchActions = false, gate, signal } = options;
  const descriptions = await source.series();
  const stage = (options.progress ?? silentProgress()).stage(`ingest ${source.name}`);
  const isWhole = source.recheckBars === Infinity;
  const plan = { range, revise, fetchActions };
  const work = { source, descriptions, plan, store: { range, revise, actions, isWhole }, stage, gate, signal };
  const series = await storeOffers(database, work).catch(async (error: unknown) => {
    if (error instanceof ChangedHistoryError) await recordRefusal(database, error);
    throw error;
  });
  const sum = (count: (one: IngestedSeries) => number): number => series.reduce((total, one) => total + count(one), 0);
  const inserted = sum((one) => one.inserted);
  const unchanged = sum((one) => one.unchanged);
  const revised = sum((one) => one.revised);
  const before = sum(({ bars }) => bars) - inserted;
  stage.done(`${inserted} bars written, ${before} already there${revised > 0 ? `, ${revised} revised` : ''}`);
  const adjustments = await seriesAdjustments(database.pool, series, options.adjust ?? 'raw', range);
  const hash = adjustedDataHash(
    await hashInRange(database, series, range),
    series.map(({ symbol }, s) => ({ symbol, adjustment: adjustments[s]!.hash })),
  );
  return { series, range, inserted, unchanged, revised, adjustments, dataHash: hash, taken: source.taken?.() ?? null };
}

/**
 * Brings the bars of an experiment into the store: fetches what is missing, writes only that, and says what it found.
 * Running it again with an unchanged source changes nothing; a run that was killed or stopped is finished by the next.
 * Throws InputError (exit 2) for what the source refuses, ChangedHistoryError (exit 1) where the source contradicts
 * what is stored, StoppedIngestError (exit 1) where `signal` ends it.
 */
export async function ingest(database: Database, options: IngestOptions): Promise<IngestReport> {
  const { revise, progress, data, gate, signal } = options;
  const source = openSource({ ...options, onNote: (note) => progress?.note(note) });
  const symbols = (await source.series()).map(({ symbol }) => symbol);
  const wanted = wantedActions(data);
  const actions = await actionsOfUniverse(wanted.path, symbols);
  const { adjust } = data;
  const asked = { range: rangeOf(options), revise, actions, fetchActions: wanted.fetched, adjust };
  const report = await ingestSource(database, source, { ...asked, progress, gate, signal });
  // What is missing changes every result: it is said wherever bars are brought in, not only where they are reported.
  for (const statement of fetchedActionsStatements(report.series)) progress?.note(statement);
  return report;
}
