import type { BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { silentProgress, type Progress, type Stage } from '../../infra/terminal/progress.ts';
import { recordActions, seriesAdjustments, type SeriesAdjustment } from '../adjustments/action-store.ts';
import { actionsOfUniverse, type OfferedActions } from '../adjustments/actions-of-universe.ts';
import { fetchActions, fetchedActionsStatements, type FetchedActions } from '../adjustments/fetched-actions.ts';
import { wantedActions } from '../adjustments/no-actions.ts';
import type { AdjustMode } from '../adjustments/corporate-action.ts';
import { adjustedDataHash, dataHash, dataHashOfSeries } from '../bars/bar-fingerprint.ts';
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
import { barsWithin, offeredQuality } from './offered-quality.ts';
import { SeriesWriter } from '../bars/series-writer.ts';
import type { Taken } from '../sources/files/taken.ts';
import type { BarSource } from '../sources/bar-source.ts';
import { QualityInspector } from '../quality/quality-inspector.ts';
import type { Finding } from '../quality/quality-check.ts';
import {
  keptOutFinding,
  qualityContext,
  saveQuality,
  seriesQuality,
  type SeriesQuality,
} from '../quality/quality-store.ts';
import { openSource, type OpenSourceOptions } from '../sources/open-source.ts';
import { vendorRanges, type VendorRange } from './vendor-range-store.ts';

export interface IngestOptions extends OpenSourceOptions {
  /** Accept values that the source has changed, instead of refusing them. */
  readonly revise?: boolean | undefined;
  readonly progress?: Progress | undefined;
  /** See `IngestSourceOptions`. */
  readonly gate?: QualityGate | undefined;
}

/** Throws where bars are not fit for their purpose. */
type QualityGate = (quality: readonly SeriesQuality[]) => void;

export interface IngestedSeries extends StoredSeries {
  readonly inserted: number;
  readonly unchanged: number;
  readonly revised: number;
  /** Which vendor gave which part of the series, in order of time; none for series without vendors. */
  readonly vendors: readonly VendorRange[];
  /** What the quality checks say of the series as it is stored now. */
  readonly quality: SeriesQuality;
  /** Splits and dividends fetched from the vendor; null where none was asked. */
  readonly fetchedActions: FetchedActions | null;
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
  const keptOut: Finding[] = [];
  const sum = { inserted: 0, unchanged: 0, revised: 0 };
  const given = await vendorRanges(database.pool, stored.id);
  for (const { fromMs, toMs, only } of fetchSegments(work.source, stored, work.range, given)) {
    const [current] = await findSeries(database.pool, [stored.id]);
    const writer = new SeriesWriter(database, current!, { revise, onInserted });
    for await (const piece of work.source.bars(description.symbol, fromMs, { toMs, only })) {
      keptOut.push(...(piece.keptOut ?? []).map((bar) => keptOutFinding(bar.openTimeMs, bar.message)));
      const bars = barsWithin(piece, { fromMs, toMs });
      const written = await writer.write(bars, piece.provenance);
      sum.inserted += written.inserted;
      sum.unchanged += written.unchanged;
      sum.revised += written.revised;
      work.stage.advance(bars.length);
    }
    if (work.source.recheckBars === Infinity) sum.revised += (await writer.finish(toMs)).revised;
  }
  if (stored.droppedBeforeMs > work.range.fromMs) {
    const { fromMs } = work.range;
    await saveDroppedBefore(database.pool, stored.id, fromMs === -Infinity ? null : fromMs);
  }
  const [after] = await findSeries(database.pool, [stored.id]);
  const found = inspector?.finish();
  if (found?.bars === after!.bars) await saveQuality(database, after!, found, keptOut);
  const vendors = await vendorRanges(database.pool, stored.id);
  return { ...after!, ...sum, vendors, fetchedActions, quality: await seriesQuality(database, after!, keptOut) };
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
  /**
   * Asked of the bars of files before any is stored: what it refuses would stand in the way of the corrected file. Of
   * other sources, which say tomorrow what they say today, after they are stored, by the caller.
   */
  readonly gate?: QualityGate | undefined;
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
  if (options.gate !== undefined && source.recheckBars === Infinity) {
    options.gate(await offeredQuality(source, descriptions, { range, actions }));
  }
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
  const hash = adjustedDataHash(
    await hashInRange(database, series, range),
    series.map(({ symbol }, s) => ({ symbol, adjustment: adjustments[s]!.hash })),
  );
  return { series, range, inserted, unchanged, revised, adjustments, dataHash: hash, taken: source.taken?.() ?? null };
}

/**
 * Brings the bars of an experiment into the store: fetches what is missing, writes only that, and says what it found.
 * Running it again with an unchanged source changes nothing; a run that was killed is finished by the next. Throws
 * InputError (exit 2) for what the source refuses and ChangedHistoryError (exit 1) where the source contradicts what is
 * stored.
 */
export async function ingest(database: Database, options: IngestOptions): Promise<IngestReport> {
  const { revise, progress, data, gate } = options;
  const source = openSource({ ...options, onNote: (note) => progress?.note(note) });
  const symbols = (await source.series()).map(({ symbol }) => symbol);
  const wanted = wantedActions(data);
  const actions = await actionsOfUniverse(wanted.path, symbols);
  const { adjust } = data;
  const asked = { range: rangeOf(options), revise, actions, fetchActions: wanted.fetched, adjust, progress, gate };
  const report = await ingestSource(database, source, asked);
  // What is missing changes every result: it is said wherever bars are brought in, not only where they are reported.
  for (const statement of fetchedActionsStatements(report.series)) progress?.note(statement);
  return report;
}
