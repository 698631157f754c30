import { resolve } from 'node:path';
import type { BarColumns } from '../../../features/bar.ts';
import { InputError } from '../../../infra/errors.ts';
import { fingerprintOf } from '../../bars/bar-fingerprint.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import type { CalendarName } from '../../calendars/calendar.ts';
import { resampleBars } from '../../calendars/resample-bars.ts';
import { timeframeMs, type Timeframe } from '../../../features/timeframe.ts';
import type { BarSource } from '../bar-source.ts';
import type { DialectOptions } from '../../dialects/file-dialect.ts';
import { changedSeries, namesBefore, type Market } from '../../changes/changed-series.ts';
import { readChangesFile, type SymbolChange } from '../../changes/changes-file.ts';
import { readTakenBars, requireSymbols } from './bars-file.ts';
import { fileInstrument } from './file-instrument.ts';
import type { Taken } from './taken.ts';
import { readSampled, sampledOrigin, type SampledData } from '../../trades/sampled-source.ts';
import { createMemorySource } from '../made-up/memory-source.ts';

export interface CsvSourceOptions {
  /** Files or folders, in order. */
  readonly paths: readonly string[];
  /** Symbols wanted; undefined takes all that the files hold. */
  readonly symbols: readonly string[] | undefined;
  readonly calendar: CalendarName;
  /** Bar size wanted: finer files are resampled. Undefined takes what the files hold. */
  readonly timeframe: Timeframe | undefined;
  /** Bar size of the files where the user says it; what their times imply by default. */
  readonly held?: Timeframe | undefined;
  /**
   * `path`: a file that grows; other values for a bar already stored are an error. `content`: every version of the file
   * is a series of its own.
   */
  readonly identity: 'path' | 'content';
  /** Name of a file that somebody sent: its series are called by it, wherever it stands here. */
  readonly upload?: string | undefined;
  /** What the user says of the files that they do not say themselves. */
  readonly dialect?: DialectOptions | undefined;
  /** File of symbols that were renamed or delisted. */
  readonly changes?: string | undefined;
  /** Bars by trading are made of the file. */
  readonly sampled?: SampledData | undefined;
}

function fitTimeframe(bars: BarColumns, held: Timeframe, options: CsvSourceOptions): BarColumns {
  const wanted = options.timeframe ?? held;
  if (held === wanted) return bars;
  if (timeframeMs(held) > timeframeMs(wanted)) {
    throw new InputError(
      `${options.paths.join(', ')}: bars of ${bars.symbol} are ${held}, and ${wanted} was asked for.`,
      `Set data.timeframe: ${held}, or give a finer file.`,
    );
  }
  return resampleBars(bars, wanted, calendarNamed(options.calendar));
}

/** What joining left out at either end, in sentences: parts of bars are none. */
function joinedNotes(
  from: readonly BarColumns[],
  joined: readonly BarColumns[],
  { held, wanted }: { readonly held: Timeframe; readonly wanted: Timeframe },
): string[] {
  if (held === wanted) return [];
  const day = (timeMs: number): string => new Date(timeMs).toISOString();
  const cut = joined.flatMap(({ symbol, length, openTimeMs, closeTimeMs }, at) => {
    const { openTimeMs: opens, closeTimeMs: closes, length: rows } = from[at]!;
    if (length === 0) return rows === 0 ? [] : [`no ${wanted} bar of ${symbol} is whole`];
    return [
      ...(opens[0]! < openTimeMs[0]! ? [`the first, of ${symbol} before ${day(openTimeMs[0]!)}`] : []),
      ...(closes[rows - 1]! > closeTimeMs[length - 1]!
        ? [`the last, of ${symbol} after ${day(closeTimeMs[length - 1]!)}`]
        : []),
    ];
  });
  const left =
    cut.length === 0
      ? ''
      : ` Rows that fill no ${wanted} bar, or lie outside trading hours, are left out: ${cut.slice(0, 4).join('; ')}${cut.length > 4 ? '; ...' : ''}.`;
  return [`The ${held} bars were joined to ${wanted}.${left}`];
}

/** A user's own files as a source: CSV, gzip or Parquet. Throws InputError for whatever `readBarsFile` refuses. */
export function createCsvSource(options: CsvSourceOptions): BarSource {
  const calendar = calendarNamed(options.calendar);
  let taken: Taken | undefined;
  let loaded: readonly BarColumns[] | undefined;
  const load = async (): Promise<readonly BarColumns[]> => {
    const { symbols, dialect, sampled } = options;
    if (sampled !== undefined) {
      const made = await readSampled(sampled, symbols);
      taken = made.taken;
      return (loaded = made.universe);
    }
    const changes = options.changes === undefined ? null : await readChangesFile(options.changes);
    const { universe, timeframe, ...read } = await readTakenBars(options.paths, {
      // Under names of before, which only the file knows to be there or not.
      symbols: changes === null ? symbols : undefined,
      calendar,
      dialect,
      timeframe: options.held,
    });
    const wanted = options.timeframe ?? timeframe;
    const fitted = universe.map((bars) => fitTimeframe(bars, timeframe, options));
    const joined = joinedNotes(universe, fitted, { held: timeframe, wanted });
    const market = { calendar, timeframe: wanted };
    const after = changes === null ? { universe: fitted, notes: [] } : changed(fitted, { changes, market, options });
    loaded = after.universe;
    const symbol = loaded.length === 1 ? loaded[0]!.symbol : loaded.map((bars) => bars.symbol);
    taken = { ...read.taken, symbol, notes: [...read.taken.notes, ...joined, ...after.notes] };
    return loaded;
  };
  const source = createMemorySource({
    name: 'csv',
    load,
    describe: (symbol, bars) => ({
      source: 'csv',
      origin: originOf(options, bars),
      symbol,
      timeframe: options.timeframe ?? taken!.timeframe,
      calendar: options.calendar,
      instrument: fileInstrument(symbol, { calendar: options.calendar }),
      sourceStatement: `Bars from the user's own file ${options.upload ?? options.paths.join(', ')}.`,
    }),
  });
  return { ...source, taken: () => taken, loaded: () => loaded };
}

/** The wanted series under their last names. */
function changed(
  universe: readonly BarColumns[],
  { changes, market, options }: { changes: readonly SymbolChange[]; market: Market; options: CsvSourceOptions },
): ReturnType<typeof changedSeries> {
  const { symbols, paths } = options;
  const names = symbols === undefined ? null : new Set(namesBefore(symbols, changes));
  const meant = names === null ? universe : universe.filter(({ symbol }) => names.has(symbol));
  const made = changedSeries(meant, changes, market);
  if (symbols === undefined) return made;
  requireSymbols(
    paths.join(', '),
    symbols,
    made.universe.map(({ symbol }) => symbol),
  );
  return { ...made, universe: symbols.map((symbol) => made.universe.find((bars) => bars.symbol === symbol)!) };
}

function originOf({ identity, paths, upload, sampled }: CsvSourceOptions, bars: BarColumns): string {
  if (sampled !== undefined)
    return sampledOrigin(sampled, upload === undefined ? resolve(paths[0]!) : `upload:${upload}`);
  if (upload !== undefined) return `upload:${upload}`;
  return identity === 'path' ? paths.map((path) => resolve(path)).join(', ') : `sha256:${fingerprintOf(bars)}`;
}
