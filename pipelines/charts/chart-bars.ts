import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { longerBars } from '../../features/columns/longer-bars.ts';
import { timeframeMs, type MarketHours } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { openOfLast } from '../bars/bar-row-store.ts';
import { seriesOfSymbol, type StoredSeries } from '../bars/bar-series-store.ts';
import { readBars, type BarRange } from '../bars/bar-store.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { marketHours } from '../calendars/market-hours.ts';

/** Stored bars that one answer is made of at most: 56 MB of columns. */
export const READ_BARS_MAX = 1_000_000;

/** Which bars: of a symbol, and perhaps of one timeframe and source. */
export interface BarsWanted {
  readonly symbol: string;
  readonly timeframe?: string | undefined;
  readonly source?: string | undefined;
}

/** Which of them: opens in `[fromMs, toMs)`, the first `limit` of them, or (`last`) the last. */
export interface ChartRange {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit: number;
  readonly last: boolean;
}

/** Bars as they are drawn. */
export interface ChartBars {
  /** What is stored, which they are or are made of. */
  readonly series: StoredSeries;
  readonly timeframe: string;
  readonly hours: MarketHours | null;
  readonly bars: BarColumns;
  /** There are more of them: later ones, or (`last`) earlier ones. */
  readonly more: boolean;
}

/**
 * Bars of a symbol. A timeframe that is not stored is made of the longest shorter one, by the rules of features of
 * longer timeframes, and has closed bars alone.
 * @throws InputError where there are no such bars
 */
export async function chartBars(database: Database, wanted: BarsWanted, range: ChartRange): Promise<ChartBars> {
  const series = seriesFor(await seriesOfSymbol(database.pool, wanted.symbol), wanted);
  const timeframe = wanted.timeframe ?? series.timeframe;
  const hours = marketHours(calendarNamed(series.calendar));
  const base = { series, timeframe, hours };
  const ratio = Math.ceil(timeframeMs(timeframe)! / timeframeMs(series.timeframe));
  if (ratio === 1) return { ...base, ...(await storedBars(database, series, range)) };
  return { ...base, ...(await madeBars(database, base, range, ratio)) };
}

/** Of several series that serve the one that goes furthest. @throws InputError without one */
function seriesFor(all: readonly StoredSeries[], { symbol, timeframe, source }: BarsWanted): StoredSeries {
  const own = all.filter((one) => source === undefined || one.source === source);
  const spanMs = timeframe === undefined ? undefined : timeframeMs(timeframe);
  const stored = own.filter((one) => timeframe === undefined || one.timeframe === timeframe);
  const shorter = own.filter((one) => spanMs !== undefined && timeframeMs(one.timeframe) < spanMs);
  const longest = Math.max(...shorter.map((one) => timeframeMs(one.timeframe)));
  const usable = stored.length > 0 ? stored : shorter.filter((one) => timeframeMs(one.timeframe) === longest);
  const [furthest] = usable.sort((a, b) => (b.lastOpenMs || -Infinity) - (a.lastOpenMs || -Infinity));
  if (furthest !== undefined) return furthest;
  throw new InputError(
    `There are no such bars of ${symbol}.`,
    'GET /api/v1/market-data lists what there is; signalbox ingest brings more.',
  );
}

type Found = Pick<ChartBars, 'bars' | 'more'>;

async function storedBars(database: Database, series: StoredSeries, range: ChartRange): Promise<Found> {
  const { fromMs = -Infinity, toMs, limit, last } = range;
  const read = async (asked: BarRange): Promise<BarColumns> => (await readBars(database, [series.id], asked))[0]!;
  if (!last) {
    const bars = await read({ fromMs, toMs, limit: limit + 1 });
    return { bars: sliceBarColumns(bars, 0, limit), more: bars.length > limit };
  }
  const firstMs = await openOfLast(database.pool, series.id, { beforeMs: toMs ?? Infinity, count: limit + 1 });
  const bars = await read({ fromMs: Math.max(fromMs, Number.isNaN(firstMs) ? Infinity : firstMs), toMs });
  const extra = Math.max(0, bars.length - limit);
  return { bars: sliceBarColumns(bars, extra, bars.length), more: extra > 0 };
}

async function madeBars(
  database: Database,
  { series, timeframe, hours }: Pick<ChartBars, 'series' | 'timeframe' | 'hours'>,
  { fromMs = -Infinity, toMs, limit, last }: ChartRange,
  ratio: number,
): Promise<Found> {
  const count = Math.min(READ_BARS_MAX, (limit + 2) * ratio);
  const stored = await storedBars(database, series, { fromMs, toMs, limit: count, last });
  const made = longerBars(stored.bars, timeframeMs(timeframe)!, hours).bars;
  // One that began before what was read is not whole.
  const beginsMs = stored.bars.openTimeMs[0] ?? NaN;
  const isCut = made.length > 0 && made.openTimeMs[0]! < beginsMs && beginsMs > series.firstOpenMs;
  const whole = sliceBarColumns(made, isCut ? 1 : 0, made.length);
  const extra = Math.max(0, whole.length - limit);
  if (last) return { bars: sliceBarColumns(whole, extra, whole.length), more: extra > 0 || stored.more };
  return { bars: sliceBarColumns(whole, 0, whole.length - extra), more: extra > 0 || stored.more };
}
