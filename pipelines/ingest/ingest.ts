import type { BarColumns } from '../../features/bar.ts';
import { sliceBarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { hashOf } from '../../infra/hash.ts';
import { silentProgress, type Progress, type Stage } from '../../infra/terminal/progress.ts';
import { recordActions, seriesAdjustments, type SeriesAdjustment } from '../adjustments/action-store.ts';
import { actionsOfUniverse, type OfferedActions } from '../adjustments/actions-of-universe.ts';
import { fetchActions, fetchedActionsStatements, type FetchedActions } from '../adjustments/fetched-actions.ts';
import { wantedActions } from '../adjustments/no-actions.ts';
import type { AdjustMode } from '../adjustments/corporate-action.ts';
import { dataHash, dataHashOfSeries } from '../bars/bar-fingerprint.ts';
import {
  findSeries,
  registerSeries,
  saveDroppedBefore,
  type SeriesDescription,
  type StoredSeries,
} from '../bars/bar-series-store.ts';
import { readBars } from '../bars/bar-store.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { daysRangeMs } from '../calendars/calendar.ts';
import { parseDay } from '../calendars/day.ts';
import { fetchSegments } from './fetch-segments.ts';
import { SeriesWriter } from '../bars/series-writer.ts';
import type { BarSource } from '../sources/bar-source.ts';
import { QualityInspector } from '../quality/quality-inspector.ts';
import { qualityContext, saveQuality, seriesQuality, type SeriesQuality } from '../quality/quality-store.ts';
import { openSource, type OpenSourceOptions } from '../sources/open-source.ts';
import { vendorRanges, type VendorRange } from './vendor-range-store.ts';

export interface IngestOptions extends OpenSourceOptions {
  /** Take over values that the source has changed, instead of refusing them. */
  readonly revise?: boolean | undefined;
  readonly progress?: Progress | undefined;
}

export interface IngestedSeries extends StoredSeries {
  readonly inserted: number;
  readonly unchanged: number;
  readonly revised: number;
  /** Which vendor gave which part of the series, in order of time; none for series without vendors. */
  readonly vendors: readonly VendorRange[];
  /** What the quality checks say of the series as it is stored now. */
  readonly quality: SeriesQuality;
  /** Splits and dividends that its vendor was asked for; null where none was. */
  readonly fetchedActions: FetchedActions | null;
}

export interface IngestReport {
  readonly series: readonly IngestedSeries[];
  /** Opens of the bars that were asked for, `[fromMs, toMs)`: pass it to every reader, the store may hold more. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly inserted: number;
  readonly unchanged: number;
  readonly revised: number;
  /** What the bars of each series are adjusted by, in the order of `series`. */
  readonly adjustments: readonly SeriesAdjustment[];
  /** SHA-256 of the bars in range of all series, and of the actions they are adjusted by. */
  readonly dataHash: string;
}

/** Part of `bars` with opens in the range. */
function cut(bars: BarColumns, range: { fromMs: number; toMs: number }): BarColumns {
  let from = 0;
  let to = bars.length;
  while (from < to && bars.openTimeMs[from]! < range.fromMs) from++;
  while (to > from && bars.openTimeMs[to - 1]! >= range.toMs) to--;
  return sliceBarColumns(bars, from, to);
}

function rangeOf(options: IngestOptions): { fromMs: number; toMs: number } {
  const name = options.barsFiles === undefined ? options.data.calendar : (options.barsCalendar ?? 'none');
  const { from, to } = options.data;
  const day = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDay(text));
  return daysRangeMs(calendarNamed(name), day(from), day(to));
}

interface SeriesWork {
  readonly source: BarSource;
  readonly actions: OfferedActions | undefined;
  readonly fetchActions: boolean;
  readonly range: { fromMs: number; toMs: number };
  readonly revise: boolean;
  readonly stage: Stage;
}

async function ingestSeries(
  database: Database,
  description: SeriesDescription,
  work: SeriesWork,
): Promise<IngestedSeries> {
  const stored = await registerSeries(database.pool, description);
  const { actions, revise } = work;
  const offered = actions?.bySymbol.get(description.symbol);
  if (offered !== undefined) await recordActions(database, stored, offered, { origin: actions!.origin, revise });
  const fetchedActions = work.fetchActions ? await fetchActions(database, work.source, stored, work) : null;
  // Bars that fill an empty series are checked on their way in; otherwise the stored series is checked as a whole, once
  // per state.
  const inspector = stored.bars === 0 ? new QualityInspector(await qualityContext(database, stored)) : undefined;
  const onInserted = (piece: BarColumns): void => inspector?.inspect(piece);
  const sum = { inserted: 0, unchanged: 0, revised: 0 };
  const given = await vendorRanges(database.pool, stored.id);
  for (const { fromMs, toMs, only } of fetchSegments(work.source, stored, work.range, given)) {
    const [current] = await findSeries(database.pool, [stored.id]);
    const writer = new SeriesWriter(database, current!, { revise, onInserted });
    for await (const piece of work.source.bars(description.symbol, fromMs, { toMs, only })) {
      const bars = cut(piece, { fromMs, toMs });
      const written = await writer.write(bars, piece.provenance);
      sum.inserted += written.inserted;
      sum.unchanged += written.unchanged;
      sum.revised += written.revised;
      work.stage.advance(bars.length);
    }
  }
  if (stored.droppedBeforeMs > work.range.fromMs) {
    const { fromMs } = work.range;
    await saveDroppedBefore(database.pool, stored.id, fromMs === -Infinity ? null : fromMs);
  }
  const [after] = await findSeries(database.pool, [stored.id]);
  const found = inspector?.finish();
  if (found?.bars === after!.bars) await saveQuality(database, after!, found);
  const vendors = await vendorRanges(database.pool, stored.id);
  return { ...after!, ...sum, vendors, fetchedActions, quality: await seriesQuality(database, after!) };
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

/**
 * The hash of the bars, and of what they are adjusted by where there is anything: raw bars are identified by
 * themselves.
 */
function adjustedHash(bars: string, series: readonly StoredSeries[], adjustments: readonly SeriesAdjustment[]): string {
  const used = series.flatMap(({ symbol }, s) => (adjustments[s]!.hash === '' ? [] : [[symbol, adjustments[s]!.hash]]));
  return used.length === 0 ? bars : hashOf({ bars, actions: used.sort(([a], [b]) => (a! < b! ? -1 : 1)) });
}

export interface IngestSourceOptions {
  /** Opens of the bars wanted, `[fromMs, toMs)`. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly revise?: boolean | undefined;
  /** Splits and dividends to put on record. */
  readonly actions?: OfferedActions | undefined;
  /** Whether the source is asked for its own. */
  readonly fetchActions?: boolean | undefined;
  /** What readers take out of the bars; part of the data hash. Default: nothing. */
  readonly adjust?: AdjustMode | undefined;
  readonly progress?: Progress | undefined;
}

/** Brings the bars of any source into the store; see `ingest`. */
export async function ingestSource(
  database: Database,
  source: BarSource,
  options: IngestSourceOptions,
): Promise<IngestReport> {
  const { range, revise = false, actions, fetchActions: fetches = false } = options;
  const descriptions = await source.series();
  const stage = (options.progress ?? silentProgress()).stage(`ingest ${source.name}`);
  const series: IngestedSeries[] = [];
  const work = { source, actions, fetchActions: fetches, range, revise, stage };
  for (const description of descriptions) {
    series.push(await ingestSeries(database, description, work));
  }
  const empty = series.find(({ bars }) => bars === 0);
  if (empty !== undefined) {
    throw new InputError(
      `${empty.symbol}: no bars between data.from and data.to.`,
      'Widen the range or remove the symbol.',
    );
  }
  const sum = (count: (one: IngestedSeries) => number): number => series.reduce((total, one) => total + count(one), 0);
  const inserted = sum((one) => one.inserted);
  const unchanged = sum((one) => one.unchanged);
  const revised = sum((one) => one.revised);
  stage.done(`${inserted} bars written, ${unchanged} already there${revised > 0 ? `, ${revised} revised` : ''}`);
  const adjustments = await seriesAdjustments(database.pool, series, options.adjust ?? 'raw', range);
  const hash = adjustedHash(await hashInRange(database, series, range), series, adjustments);
  return { series, range, inserted, unchanged, revised, adjustments, dataHash: hash };
}

/**
 * Brings the bars of an experiment into the store: fetches what is missing, writes only that, and says what it found.
 * Running it again changes nothing; a run that was killed is finished by the next. Throws InputError (exit 2) for what
 * the source refuses and ChangedHistoryError (exit 1) where the source contradicts what is stored.
 */
export async function ingest(database: Database, options: IngestOptions): Promise<IngestReport> {
  const { revise, progress, data } = options;
  const source = openSource({ ...options, onNote: (note) => progress?.note(note) });
  const symbols = (await source.series()).map(({ symbol }) => symbol);
  const wanted = wantedActions(data);
  const actions = await actionsOfUniverse(wanted.path, symbols);
  const { adjust } = data;
  const asked = { range: rangeOf(options), revise, actions, fetchActions: wanted.fetched, adjust, progress };
  const report = await ingestSource(database, source, asked);
  // What is missing changes every result: it is said wherever bars are brought in, not only where they are reported.
  for (const statement of fetchedActionsStatements(report.series)) progress?.note(statement);
  return report;
}
