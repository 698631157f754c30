import { InputError } from '../../infra/errors.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import type { CalendarName } from '../calendars/calendar.ts';
import type { DataOptions } from '../data-options.ts';
import { dialectOf, type DialectOptions } from '../dialects/file-dialect.ts';
import { resolveUniverse } from './named-universe.ts';
import type { BarSource } from './bar-source.ts';
import { createCsvSource } from './files/csv-source.ts';
import { requireSampled } from '../trades/sampled-source.ts';
import { createSampleSource } from './sample-source.ts';
import { createSimulatedSource } from './made-up/simulated-source.ts';
import { createVendorSource } from './vendor-source.ts';
import type { VendorAccess } from '../vendors/vendor-access.ts';

export interface OpenSourceOptions {
  readonly data: DataOptions;
  readonly universe: readonly string[] | string;
  /** Files that take the place of `data.source`; their bar size is what their times imply. */
  readonly barsFiles?: readonly string[] | undefined;
  /** Calendar of those files: `none` unless the user names one. */
  readonly barsCalendar?: CalendarName | undefined;
  /** What the user says of those files that they do not say themselves. */
  readonly barsDialect?: DialectOptions | undefined;
  /** Bar size of those files where their times do not show it. */
  readonly barsTimeframe?: Timeframe | undefined;
  /** Take the bar size of the `csv` source from its times instead of `data.timeframe`. */
  readonly inferTimeframe?: boolean | undefined;
  /** Name of the file of the `csv` source where somebody sent it: see `CsvSourceOptions`. */
  readonly upload?: string | undefined;
  /** What reaches vendors; sources that are vendors need it. */
  readonly vendors?: VendorAccess | undefined;
  /** Ends requests to vendors. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of waits for vendors, and of vendors that stand in for others. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** With `data.symbol`, the file is of that symbol and no other. Throws InputError for a universe of others. */
function symbolsOfFile(symbols: readonly string[] | undefined, named: string | undefined) {
  if (named === undefined) return symbols;
  const other = symbols?.find((symbol) => symbol !== named);
  if (other === undefined) return [named];
  throw new InputError(
    `universe holds ${other}, and data.symbol says that the file is of ${named}.`,
    'Name one of them.',
  );
}

/**
 * The source that an experiment names. Throws InputError where the source is not offered here or lacks what it needs.
 */
export function openSource(options: OpenSourceOptions): BarSource {
  const { data, universe, barsFiles, barsCalendar, barsDialect: dialect, barsTimeframe } = options;
  const symbols = resolveUniverse(universe, data.simulated.symbols);
  if (barsFiles !== undefined && barsFiles.length > 0) {
    const calendar = barsCalendar ?? 'none';
    return createCsvSource({
      paths: barsFiles,
      symbols,
      calendar,
      timeframe: undefined,
      held: barsTimeframe,
      identity: 'content',
      dialect,
    });
  }
  if (data.sample !== undefined) requireSampled({ ...data, sample: data.sample });
  if (data.changes !== undefined && (data.source !== 'csv' || data.sample !== undefined)) {
    throw new InputError('data.changes: is for bars of the csv source.', 'Leave it out.');
  }
  switch (data.source) {
    case 'sample':
      return createSampleSource(symbols, data);
    case 'simulated':
      return createSimulatedSource(symbols, data);
    case 'csv': {
      const { path, calendar } = data;
      const timeframe = options.inferTimeframe === true && data.sample === undefined ? undefined : data.timeframe;
      if (path === undefined)
        throw new InputError('data.source is csv, and data.path is not set.', 'Name the file or folder.');
      return createCsvSource({
        paths: [path],
        symbols: symbolsOfFile(symbols, data.symbol),
        calendar,
        timeframe,
        identity: 'path',
        upload: options.upload,
        dialect: dialectOf(data),
        changes: data.changes,
        sampled: data.sample === undefined ? undefined : { ...data, sample: data.sample },
      });
    }
    case 'alpaca':
    case 'polygon':
    case 'binance': {
      const { vendors: access, signal, onNote } = options;
      if (access === undefined) {
        throw new InputError(
          `${data.source} is not offered here.`,
          'Use sample, simulated or csv, or ingest the bars first.',
        );
      }
      return createVendorSource({ vendor: data.source, symbols, data, access, signal, onNote });
    }
  }
}
