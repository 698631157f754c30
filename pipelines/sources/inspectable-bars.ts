import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import type { Calendar } from '../calendars/calendar.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { BarCollector, type CollectedRows } from './files/bar-collector.ts';
import type { DialectOptions } from '../dialects/file-dialect.ts';
import { barTimes } from './files/bar-times.ts';
import { collectFiles, requireSymbols, sizeOf } from './files/bars-file.ts';
import type { OnRowFault, RowPlace } from './files/row-fault.ts';
import { takenFor, type Taken } from './files/taken.ts';

/** Bars as far as a file can be read, for those who look for what is wrong with it. */
export interface InspectableBars {
  /**
   * Ascending in time without repeats, whatever the order of the file; rows that are wrong have a time and NaN for
   * values.
   */
  readonly bars: BarColumns;
  readonly timeframe: Timeframe;
  /** Where the bar at `index` stands in the file. */
  placeOf(index: number): RowPlace;
}

export interface InspectableBarsOptions {
  /** Symbols wanted; all that the files hold where absent. */
  readonly symbols?: readonly string[] | undefined;
  readonly calendar: Calendar;
  /** Implied by the times where absent. */
  readonly timeframe?: Timeframe | undefined;
  /** What the user says of files that they do not say themselves. */
  readonly dialect?: DialectOptions | undefined;
}

/** What a file holds, and what it was taken for; null where none of its rows has a time. */
export interface InspectableFile {
  readonly series: InspectableBars[];
  readonly taken: Taken | null;
}

/**
 * The rows in order of time without repeats; those that repeat a time elsewhere in the file are told of (neighbours
 * have been).
 */
function orderedRows(symbol: string, { length, columns, placeOf }: CollectedRows, onFault: OnRowFault): number[] {
  const stamps = columns[0]!;
  const order = Array.from({ length }, (_, row) => row).sort((a, b) => stamps[a]! - stamps[b]! || a - b);
  let kept = -1;
  return order.filter((row) => {
    const timeMs = stamps[row]!;
    if (kept === -1 || stamps[kept] !== timeMs) {
      kept = row;
      return true;
    }
    if (stamps[row - 1] !== timeMs) {
      const place = placeOf(row);
      const first = placeOf(kept);
      const where = `${first.file === place.file ? '' : `${first.file}, `}${first.unit} ${first.line}`;
      const problem = `time ${new Date(timeMs).toISOString()} repeats the time of ${where}`;
      onFault({ check: 'time-order', place, symbol, timeMs, problem, remedy: 'Keep one bar per time.' });
    }
    return false;
  });
}

/**
 * Reads bars files as `readBarsFile` does, but goes on over everything that is wrong and tells `onFault` of it, row by
 * row. By symbol in the order of `options.symbols`, else by name; a symbol of which no row has a readable time has no
 * bars. Throws InputError for what is no bars file, for symbols that it does not hold, and for bars of a size that
 * there is not.
 */
export async function readInspectableBars(
  path: string,
  options: InspectableBarsOptions,
  onFault: OnRowFault,
): Promise<InspectableFile> {
  const { symbols: wanted, calendar } = options;
  const named = new Set<string>();
  const collector = new BarCollector((fault) => {
    if (fault.symbol !== '') named.add(fault.symbol);
    onFault(fault);
  });
  const { readings, newestFirst } = await collectFiles([path], options, collector);
  const found = [...new Set([...collector.symbols, ...named])].sort();
  if (wanted !== undefined) requireSymbols(path, wanted, found);
  const symbols = wanted ?? found;
  const all = symbols.map((symbol) => {
    const rows = collector.rows(symbol);
    const order = orderedRows(symbol, rows, onFault);
    const stamps = Float64Array.from(order, (row) => rows.columns[0]![row]!);
    return { symbol, rows, order, stamps, placeOf: (index: number) => rows.placeOf(order[index]!) };
  });
  const { timeframe, odd } = sizeOf(all, { timeframe: options.timeframe, where: path, onFault });
  const isAssumedUtc = readings.some(({ zone }) => zone.from === 'assumed');
  const series = all.map(({ symbol, rows, order: all }) => {
    // Bars of another size are told of once, and not looked at beside the others.
    const strange = new Set(odd.get(symbol));
    const order = all.filter((_, i) => !strange.has(i));
    const stamps = Float64Array.from(order, (row) => rows.columns[0]![row]!);
    const placeOf = (index: number): RowPlace => rows.placeOf(order[index]!);
    const offsets = rows.offsets === null ? null : Int16Array.from(order, (row) => rows.offsets![row]!);
    const bars = {
      ...createBarColumns(symbol, order.length),
      ...barTimes(stamps, offsets, { calendar, timeframe, isAssumedUtc }),
    };
    (['open', 'high', 'low', 'close', 'volume'] as const).forEach((field, f) => {
      order.forEach((row, i) => (bars[field][i] = rows.columns[f + 1]![row]!));
    });
    return { bars, timeframe, placeOf };
  });
  const universe = series.map(({ bars }) => bars).filter(({ length }) => length > 0);
  const taken = universe.length === 0 ? null : takenFor({ readings, universe, timeframe, calendar, newestFirst });
  return { series, taken };
}
