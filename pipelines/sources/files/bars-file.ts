import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { nearestName } from '../../../features/expressions/nearest-name.ts';
import type { BarColumns } from '../../../features/bar.ts';
import { InputError } from '../../../infra/errors.ts';
import { none } from '../../calendars/always-open.ts';
import type { Calendar } from '../../calendars/calendar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import { BarCollector } from './bar-collector.ts';
import { collectCsvBars } from './csv-bars.ts';
import { collectParquetBars, isParquet } from './parquet-bars.ts';
import { FirstFaults } from './row-fault.ts';

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
}

const ENDING = /\.(csv|csv\.gz|parquet)$/i;

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new InputError(
      `Cannot read ${path}: ${(cause as Error).message}.`,
      'Check the path and the permissions.',
      cause,
    );
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => ENDING.test(name)).sort();
  if (names.length === 0) {
    throw new InputError(
      `${path}: no .csv, .csv.gz or .parquet file in this folder.`,
      'Name a file or another folder.',
    );
  }
  return names.map((name) => join(path, name));
}

/** What a file without a symbol column stands for: the one wanted symbol, or the file's own name. */
function fallbackSymbolOf(file: string, fileCount: number, wanted: readonly string[] | undefined): string {
  return wanted?.length === 1 && fileCount === 1 ? wanted[0]! : basename(file).replace(ENDING, '');
}

async function collectFile(file: string, fallback: string, collector: BarCollector): Promise<boolean> {
  if (await isParquet(file)) return collectParquetBars(file, fallback, collector);
  if (/\.parquet$/i.test(file)) {
    throw new InputError(`${file}: not a Parquet file, though its name says so.`, 'Rename it or write it again.');
  }
  return collectCsvBars(file, fallback, collector);
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

/**
 * Reads all that `paths` hold into `collector`, a folder standing for every bars file in it. Throws InputError for what
 * is no bars file.
 */
export async function collectFiles(
  paths: readonly string[],
  wanted: readonly string[] | undefined,
  collector: BarCollector,
): Promise<void> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  for (const file of files) {
    const named = await collectFile(file, fallbackSymbolOf(file, files.length, wanted), collector);
    if (!named && files.length === 1 && wanted !== undefined && wanted.length > 1) {
      throw new InputError(
        `${file}: no symbol column, and ${wanted.length} symbols are asked for (${wanted.slice(0, 5).join(', ')}).`,
        'Add a symbol column, or ask for one symbol.',
      );
    }
  }
}

/**
 * Reads bars from CSV (plain or gzip) and Parquet files; a folder stands for every such file in it: one `BarColumns`
 * per symbol, in the order of `options.symbols`, else by name. Everything is checked before anything is returned.
 * Throws InputError (exit 2) that names file and line for whatever is not a clean, ascending series of bars: the first
 * problems and their number.
 */
export async function readBarsFile(
  path: string | readonly string[],
  options: BarsFileOptions = {},
): Promise<BarColumns[]> {
  const { symbols: wanted, calendar = none, timeframe } = options;
  const paths = typeof path === 'string' ? [path] : path;
  const where = paths.join(', ');
  const faults = new FirstFaults();
  const collector = new BarCollector((fault) => faults.add(fault));
  await collectFiles(paths, wanted, collector);
  faults.throwIfAny();
  if (wanted !== undefined) requireSymbols(where, wanted, collector.symbols);
  const symbols = wanted ?? collector.symbols.sort();
  return symbols.map((symbol) => collector.take(symbol, { calendar, timeframe, where }));
}
