import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { nearestName } from '../../../features/expressions/nearest-name.ts';
import type { BarColumns } from '../../../features/bar.ts';
import { InputError } from '../../../infra/errors.ts';
import { none } from '../../calendars/always-open.ts';
import { hasHours, type Calendar } from '../../calendars/calendar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import { firstBytes } from '../../dialects/file-text.ts';
import { zipMemberOf, zipNames } from '../../dialects/zip-entry.ts';
import { BarCollector } from './bar-collector.ts';
import { collectColumnarBars, isColumnar } from './columnar-bars.ts';
import { collectCsvBars, type CollectOptions } from './csv-bars.ts';
import { FirstFaults, type OnRowFault, type RowPlace } from './row-fault.ts';
import { takenFor, type Taken } from './taken.ts';
import { requireFittingZone, requireUtcDays } from './zone-fit.ts';
import { sharedSize, type SharedSize, type SymbolTimes } from '../../bar-size.ts';
import type { FileReading } from '../../dialects/file-reading.ts';
import { parseDialect, type DialectOptions } from '../../dialects/file-dialect.ts';

export interface BarsFileOptions {
  /**
   * The symbols wanted, in order; all that the files hold where absent. A file without a symbol column stands for the
   * only one.
   */
  readonly symbols?: readonly string[] | undefined;
  /** Decides where daily bars close; `none` (24 hours after the open) where absent. */
  readonly calendar?: Calendar | undefined;
  /** Size of the bars; implied by their times where absent. */
  readonly timeframe?: Timeframe | undefined;
  /** What the user says of files that they do not say themselves. */
  readonly dialect?: DialectOptions | undefined;
}

/** Bars of files, and what these were taken for. */
export interface TakenBars {
  readonly universe: BarColumns[];
  readonly timeframe: Timeframe;
  readonly taken: Taken;
}

const ENDING = /\.(csv|tsv|csv\.gz|zip|parquet|feather|arrow)$/i;
/** In folders that hold nothing else: elsewhere notes may lie beside the bars. */
const TEXT_ENDING = /\.txt$/i;
/** `PK`, with which every archive begins. */
const ZIP_MARK = '80,75';
/** `BTCUSDT-1h-2024-01.zip`, as Binance names its dumps. */
const DUMP = /^([A-Z0-9]{5,})-(?:\d+[smhdw]|\d*mo)-\d{4}-\d{2}(?:-\d{2})?$/;

/** `BINANCE_BTCUSDT, 60.csv`, perhaps with `(1)` or a mark behind it, as charts of TradingView are saved. */
const CHART = /^[A-Z][A-Z0-9]*_([A-Z0-9.!]+), ?\d*[SHDWM]?(?:[_ ].*)?$/;

/** Of names in a folder or an archive those of bars. */
function barsNames(all: readonly string[]): readonly string[] {
  const bars = all.filter((name) => ENDING.test(name));
  return bars.length > 0 ? bars : all.filter((name) => TEXT_ENDING.test(name));
}

/** An archive of several files stands for all of them, as a folder does. */
async function packedFilesOf(path: string): Promise<string[]> {
  if (!/\.zip$/i.test(path) || (await firstBytes(path, 2)).join() !== ZIP_MARK) return [path];
  const all = await zipNames(path);
  const names = barsNames(all);
  if (all.length === 1) return [path];
  if (names.length > 0) return [...names].sort().map((name) => `${path}/${name}`);
  throw new InputError(
    `${path}: no .csv file in this zip archive; in it: ${all.slice(0, 5).join(', ')}${all.length > 5 ? ', ...' : ''}.`,
    `Name one of them as if the archive were a folder: ${path}/${all[0]}.`,
  );
}

async function filesOf(path: string): Promise<string[]> {
  if ((await zipMemberOf(path)) !== null) return [path];
  const found = await stat(path).catch((cause: unknown) => {
    throw new InputError(
      `Cannot read ${path}: ${(cause as Error).message}.`,
      'Check the path and the permissions.',
      cause,
    );
  });
  if (!found.isDirectory()) return packedFilesOf(path);
  const names = barsNames((await readdir(path)).sort());
  if (names.length === 0) {
    throw new InputError(
      `${path}: no .csv, .csv.gz, .zip, .parquet or .feather file in this folder.`,
      'Name a file or another folder.',
    );
  }
  return (await Promise.all(names.map((name) => packedFilesOf(join(path, name))))).flat();
}

/** The symbol that a file's name says. */
function symbolOfName(file: string): string {
  const name = basename(file).replace(ENDING, '').replace(ENDING, '').replace(TEXT_ENDING, '');
  return DUMP.exec(name)?.[1] ?? CHART.exec(name)?.[1] ?? name;
}

/**
 * What files without a symbol column stand for: the one wanted symbol, whose parts several files are unless one is
 * named after it; else each file's own name.
 */
function fallbackSymbols(files: readonly string[], wanted: readonly string[] | undefined): string[] {
  const names = files.map(symbolOfName);
  const isOne = wanted?.length === 1 && (files.length === 1 || !names.includes(wanted[0]!));
  return isOne ? names.map(() => wanted[0]!) : names;
}

async function collectFile(
  file: string,
  options: CollectOptions & { readonly raw: DialectOptions },
): Promise<FileReading> {
  if (await isColumnar(file)) {
    if ((await zipMemberOf(file)) === null) return collectColumnarBars(file, options);
    throw new InputError(`${file}: a file of columns inside a zip archive.`, 'Unpack the archive and name the file.');
  }
  if (/\.(parquet|feather|arrow)$/i.test(file)) {
    const kind = /\.parquet$/i.test(file) ? 'a Parquet' : 'an Arrow';
    throw new InputError(`${file}: not ${kind} file, though its name says so.`, 'Rename it or write it again.');
  }
  return collectCsvBars(file, options);
}

/** Throws InputError where a wanted symbol was not found. */
export function requireSymbols(path: string, wanted: readonly string[], found: readonly string[]): void {
  const held = new Set(found);
  const missing = wanted.filter((symbol) => !held.has(symbol));
  if (missing.length === 0) return;
  const nearest = nearestName(missing[0]!, found, Infinity);
  throw new InputError(
    `${path}: no bars for ${missing.slice(0, 10).join(', ')}; it holds ${found.slice(0, 10).join(', ')}${found.length > 10 ? ', ...' : ''}.`,
    `Correct the symbol${nearest === null ? '' : ` (the nearest is ${nearest})`} or the file.`,
  );
}

/** How files are read into a collector. */
export interface CollectFilesOptions {
  readonly symbols?: readonly string[] | undefined;
  readonly dialect?: DialectOptions | undefined;
}

/**
 * Reads all that `paths` hold into `collector`, a folder standing for every bars file in it, and returns what each file
 * was taken for. Throws InputError for what is no bars file.
 */
export async function collectFiles(
  paths: readonly string[],
  { symbols: wanted, dialect: raw = {} }: CollectFilesOptions,
  collector: BarCollector,
): Promise<{ readonly readings: FileReading[]; readonly newestFirst: boolean }> {
  const dialect = parseDialect(raw);
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const fallbacks = fallbackSymbols(files, wanted);
  const readings: FileReading[] = [];
  for (const [i, file] of files.entries()) {
    const reading = await collectFile(file, { dialect, raw, fallbackSymbol: fallbacks[i]!, collector });
    readings.push(reading);
    if (!reading.namesSymbols && files.length === 1 && wanted !== undefined && wanted.length > 1) {
      throw new InputError(
        `${file}: no symbol column, and ${wanted.length} symbols are asked for (${wanted.slice(0, 5).join(', ')}).`,
        'Add a symbol column, or ask for one symbol.',
      );
    }
  }
  return { readings, ...collector.finish() };
}

/** Times of one symbol, ascending, and where they stand. */
interface PlacedTimes extends SymbolTimes {
  placeOf(row: number): RowPlace;
}

/** The bar size of all symbols, and by symbol the bars that do not fit it, which are told of. */
export function sizeOf(
  series: readonly PlacedTimes[],
  { timeframe, where, onFault }: { timeframe: Timeframe | undefined; where: string; onFault: OnRowFault },
): SharedSize {
  const shared = sharedSize(series, timeframe, where);
  for (const { symbol, stamps, placeOf } of series) {
    for (const row of shared.odd.get(symbol) ?? []) {
      const timeMs = stamps[row]!;
      const at = new Date(timeMs).toISOString();
      const problem = `time ${at} lies between the ${shared.timeframe} bars that nearly all of ${symbol} are`;
      const remedy = 'Remove the row: it is a bar under way or one of another size; or give --timeframe.';
      onFault({ check: 'odd-times', place: placeOf(row), symbol, timeMs, problem, remedy });
    }
  }
  return shared;
}

/** How collected rows are taken for bars. */
interface Taking {
  readonly symbols: readonly string[];
  readonly calendar: Calendar;
  /** Size of the bars; implied by their times where absent. */
  readonly timeframe: Timeframe | undefined;
  /** Whether the times name no zone: a day is then the one that is written. */
  readonly isAssumedUtc: boolean;
  /** The file or files, for messages. */
  readonly where: string;
  readonly faults: FirstFaults;
}

/** Rows that were collected without a fault, as bars of one size. @throws InputError where they are none */
export function universeOf(
  collector: BarCollector,
  { symbols, calendar, isAssumedUtc, where, faults, ...wanted }: Taking,
): { readonly universe: BarColumns[]; readonly timeframe: Timeframe } {
  const times = symbols.map((symbol) => {
    const { columns, placeOf } = collector.rows(symbol);
    return { symbol, stamps: columns[0]!, placeOf };
  });
  const { timeframe } = sizeOf(times, { timeframe: wanted.timeframe, where, onFault: (fault) => faults.add(fault) });
  faults.throwIfAny();
  if (hasHours(calendar) && timeframe !== '1d' && isAssumedUtc) {
    for (const { stamps } of times) requireFittingZone(stamps, calendar, where);
  }
  if (calendar.name === 'crypto' && timeframe === '1d') {
    for (const { stamps } of times) requireUtcDays(stamps, where);
  }
  const universe = symbols.map((symbol) => collector.take(symbol, { calendar, timeframe, isAssumedUtc, where }));
  return { universe, timeframe };
}

/**
 * Reads bars from CSV (plain, gzip or zip), Parquet and Arrow files; a folder stands for every such file in it: one
 * `BarColumns` per symbol, in the order of `options.symbols`, else by name, and what the files were taken for.
 * Everything is checked before anything is returned. Throws InputError (exit 2) that names file and line for whatever
 * is not a clean series of bars of one size: the first problems and their number.
 */
export async function readTakenBars(
  path: string | readonly string[],
  options: BarsFileOptions = {},
): Promise<TakenBars> {
  const { symbols: wanted, calendar = none } = options;
  const paths = typeof path === 'string' ? [path] : path;
  const where = paths.join(', ');
  const faults = new FirstFaults();
  const onFault: OnRowFault = (fault) => faults.add(fault);
  const collector = new BarCollector(onFault);
  const { readings, newestFirst } = await collectFiles(paths, options, collector);
  faults.throwIfAny();
  if (wanted !== undefined) requireSymbols(where, wanted, collector.symbols);
  const symbols = wanted ?? collector.symbols.sort();
  const isAssumedUtc = readings.some(({ zone }) => zone.from === 'assumed');
  const taking = { symbols, calendar, timeframe: options.timeframe, where, isAssumedUtc, faults };
  const { universe, timeframe } = universeOf(collector, taking);
  return { universe, timeframe, taken: takenFor({ readings, universe, timeframe, calendar, newestFirst }) };
}

/** The bars of `readTakenBars` alone. */
export async function readBarsFile(
  path: string | readonly string[],
  options: BarsFileOptions = {},
): Promise<BarColumns[]> {
  return (await readTakenBars(path, options)).universe;
}
