import { resolve } from 'node:path';
import type { BarColumns } from '../../../features/bar.ts';
import { InputError } from '../../../infra/errors.ts';
import { fingerprintOf } from '../../bars/bar-fingerprint.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import type { Calendar, CalendarName } from '../../calendars/calendar.ts';
import { resampleBars } from '../../calendars/resample-bars.ts';
import { inferTimeframe } from '../../timeframe.ts';
import { timeframeMs, type Timeframe } from '../../../features/timeframe.ts';
import type { BarSource } from '../bar-source.ts';
import { readBarsFile } from './bars-file.ts';
import { createMemorySource } from '../made-up/memory-source.ts';

export interface CsvSourceOptions {
  /** Files or folders, in order. */
  readonly paths: readonly string[];
  /** Symbols wanted; undefined takes all that the files hold. */
  readonly symbols: readonly string[] | undefined;
  readonly calendar: CalendarName;
  /** Bar size wanted: finer files are resampled. Undefined takes what the files hold. */
  readonly timeframe: Timeframe | undefined;
  /**
   * `path`: a file that grows; other values for a bar already stored are an error. `content`: every version of the file
   * is a series of its own.
   */
  readonly identity: 'path' | 'content';
}

function fitTimeframe(bars: BarColumns, options: CsvSourceOptions, calendar: Calendar): BarColumns {
  const held = inferTimeframe(bars.openTimeMs, bars.length, bars.symbol);
  const wanted = options.timeframe ?? held;
  if (held === wanted) return bars;
  if (timeframeMs(held) > timeframeMs(wanted)) {
    throw new InputError(
      `${options.paths.join(', ')}: bars of ${bars.symbol} are ${held}, and ${wanted} was asked for.`,
      `Set data.timeframe: ${held}, or give a finer file.`,
    );
  }
  return resampleBars(bars, wanted, calendar);
}

/** A user's own files as a source: CSV, gzip or Parquet. Throws InputError for whatever `readBarsFile` refuses. */
export function createCsvSource(options: CsvSourceOptions): BarSource {
  const calendar = calendarNamed(options.calendar);
  const load = async (): Promise<BarColumns[]> => {
    const universe = await readBarsFile(options.paths, { symbols: options.symbols, calendar });
    return universe.map((bars) => fitTimeframe(bars, options, calendar));
  };
  return createMemorySource({
    name: 'csv',
    load,
    describe: (symbol, bars) => ({
      source: 'csv',
      origin:
        options.identity === 'path'
          ? options.paths.map((path) => resolve(path)).join(', ')
          : `sha256:${fingerprintOf(bars)}`,
      symbol,
      timeframe: options.timeframe ?? inferTimeframe(bars.openTimeMs, bars.length, symbol),
      calendar: options.calendar,
      instrument: { symbol, assetClass: 'unknown', currency: 'USD', tick: 0.01, lot: 1, sector: null },
      sourceStatement: `Bars from the user's own file ${options.paths.join(', ')}.`,
    }),
  });
}
