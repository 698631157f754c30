import type { BarColumns } from '../../features/bar.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import { sharedSize } from '../../pipelines/bar-size.ts';
import type { CalendarName } from '../../pipelines/calendars/calendar.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { BarCollector } from '../../pipelines/sources/files/bar-collector.ts';
import { readBarsFile, universeOf } from '../../pipelines/sources/files/bars-file.ts';
import { FirstFaults } from '../../pipelines/sources/files/row-fault.ts';
import { SAMPLE_SYMBOL } from '../../pipelines/sources/named-universe.ts';
import { locateSample } from '../../pipelines/sources/sample-source.ts';

/** One symbol's bars, or those of several. */
export type Bars = BarColumns | readonly BarColumns[];

export interface ReadBarsOptions {
  /** The symbols wanted, in order; all that the files hold where absent. A file without a symbol column has the one. */
  readonly symbols?: readonly string[];
  /** Hours of the market: `us-equities`, the same with `-extended` or `-overnight`, `crypto` or `none` (default). */
  readonly calendar?: CalendarName;
  /** Size of the bars, such as `1d` or `1m`; what their times imply where absent. */
  readonly timeframe?: Timeframe;
}

/**
 * Bars of CSV, Parquet and Arrow files, or of folders of these: one `BarColumns` per symbol, checked before anything is
 * returned.
 * @throws InputError that names file and line of whatever is no clean series of bars
 */
export function readBars(files: string | readonly string[], options: ReadBarsOptions = {}): Promise<BarColumns[]> {
  const { calendar, ...rest } = options;
  return readBarsFile(files, { ...rest, calendar: calendarNamed(calendar ?? 'none') });
}

/** Real daily bars of the S&P 500, 2000 to 2020, which come with the package. */
export async function sampleBars(): Promise<BarColumns> {
  const [bars] = await readBars(locateSample().path, { symbols: [SAMPLE_SYMBOL], calendar: 'us-equities' });
  return bars!;
}

/** A bar as a program has it. */
export interface BarInput {
  /** When it opened: milliseconds UTC, a `Date`, or text that `Date` reads. */
  readonly time: number | Date | string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Default: 0. */
  readonly volume?: number;
}

/**
 * Bars of one symbol from rows in memory, held to the same rules as those of files.
 * @throws InputError that names the row that is no bar or is out of order
 */
export function barsOf(
  symbol: string,
  rows: readonly BarInput[],
  options: Omit<ReadBarsOptions, 'symbols'> = {},
): BarColumns {
  const where = `bars of ${symbol}`;
  const faults = new FirstFaults(false);
  const collector = new BarCollector((fault) => faults.add(fault));
  for (const [at, { time, open, high, low, close, volume = 0 }] of rows.entries()) {
    const timeMs = typeof time === 'number' ? time : new Date(time).getTime();
    const unread = Number.isFinite(timeMs) ? [] : [`time ${String(time)} is no moment`];
    const place = { file: where, line: at + 1, unit: 'row' } as const;
    collector.add({ timeMs, open, high, low, close, volume, offsetMinutes: 0 }, { symbol, place, unread });
  }
  collector.finish();
  faults.throwIfAny();
  if (rows.length === 0) throw new InputError(`${where}: there are none.`, 'Give at least two.');
  const calendar = calendarNamed(options.calendar ?? 'none');
  const taking = { symbols: [symbol], calendar, timeframe: options.timeframe, where, isAssumedUtc: false, faults };
  return universeOf(collector, taking).universe[0]!;
}

/** The bars as a list. @throws InputError where there are none, or a symbol comes twice */
export function listed(bars: Bars): readonly BarColumns[] {
  const all = 'symbol' in bars ? [bars] : bars;
  if (all.length === 0) throw new InputError('No bars are given.', 'Give those of at least one symbol.');
  const symbols = all.map(({ symbol }) => symbol);
  const twice = symbols.find((symbol, at) => symbols.indexOf(symbol) !== at);
  if (twice !== undefined) throw new InputError(`The bars of ${twice} are given twice.`, 'Give each symbol once.');
  return all;
}

/** The size of bars, by their times. @throws InputError where these imply none */
export function timeframeOf(bars: readonly BarColumns[]): Timeframe {
  const series = bars.map(({ symbol, openTimeMs }) => ({ symbol, stamps: openTimeMs }));
  return sharedSize(series, undefined, 'the bars').timeframe;
}
