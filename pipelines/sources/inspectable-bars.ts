import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { barHours } from '../calendars/bar-hours.ts';
import type { Calendar } from '../calendars/calendar.ts';
import { inferTimeframe } from '../timeframe.ts';
import { TIMEFRAMES, timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import { BarCollector, type CollectedRows } from './files/bar-collector.ts';
import { collectFiles, requireSymbols } from './files/bars-file.ts';
import type { OnRowFault, RowPlace } from './files/row-fault.ts';

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
 * The bar size that the times imply, though some of them may be wrong: steps shorter than any bar are passed over
 * unless most are. Throws InputError like `inferTimeframe`.
 */
function impliedTimeframe(stamps: Float64Array, where: string): Timeframe {
  const shortest = timeframeMs(TIMEFRAMES[0]!);
  const kept = stamps.filter((timeMs, i) => i === 0 || timeMs - stamps[i - 1]! >= shortest);
  const mostlyShort = kept.length < stamps.length / 2;
  const steps = mostlyShort ? stamps : kept;
  return inferTimeframe(steps, steps.length, where);
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
): Promise<InspectableBars[]> {
  const { symbols: wanted, calendar } = options;
  const named = new Set<string>();
  const collector = new BarCollector((fault) => {
    if (fault.symbol !== '') named.add(fault.symbol);
    onFault(fault);
  });
  await collectFiles([path], wanted, collector);
  const found = [...new Set([...collector.symbols, ...named])].sort();
  if (wanted !== undefined) requireSymbols(path, wanted, found);
  return (wanted ?? found).map((symbol) => {
    const rows = collector.rows(symbol);
    const order = orderedRows(symbol, rows, onFault);
    const stamps = Float64Array.from(order, (row) => rows.columns[0]![row]!);
    const timeframe = options.timeframe ?? impliedTimeframe(stamps, path);
    const bars = createBarColumns(symbol, order.length);
    stamps.forEach((timeMs, i) => {
      const { openTimeMs, closeTimeMs } = barHours(calendar, timeframe, timeMs);
      bars.openTimeMs[i] = openTimeMs;
      bars.closeTimeMs[i] = closeTimeMs;
    });
    (['open', 'high', 'low', 'close', 'volume'] as const).forEach((field, f) => {
      order.forEach((row, i) => (bars[field][i] = rows.columns[f + 1]![row]!));
    });
    return { bars, timeframe, placeOf: (index) => rows.placeOf(order[index]!) };
  });
}
