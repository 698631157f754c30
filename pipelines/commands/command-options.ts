import type { Command } from 'commander';
import { InputError } from '../../infra/errors.ts';
import { VENDORS } from '../../infra/vendor-settings.ts';
import type { AdjustMode } from '../adjustments/corporate-action.ts';
import { calendarNamed, CALENDAR_NAMES } from '../calendars/calendar-named.ts';
import { parseDay } from '../calendars/day.ts';
import type { DataOptions } from '../data-options.ts';
import {
  addDialectOptions,
  DIALECT_OPTIONS,
  dialectOf,
  flagOf,
  type DialectOptions,
} from '../dialects/file-dialect.ts';
import { parseTimeframe } from '../timeframe.ts';
import { TIMEFRAMES } from '../../features/timeframe.ts';
import { TRUST_ACTIONS } from './trust-actions.ts';

/** What commands need of an experiment file. */
export interface ExperimentData {
  readonly data: DataOptions;
  readonly universe: readonly string[] | string;
  readonly features: readonly string[] | string;
}

export interface DataCommandOptions extends DialectOptions {
  readonly columns?: string;
  readonly vendor?: string;
  readonly path?: string;
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly calendar?: string;
  readonly from?: string;
  readonly to?: string;
  readonly bars?: string;
  readonly seed?: string;
  readonly revise?: boolean;
  readonly actions?: string;
  readonly adjust?: string;
  readonly trustActions?: boolean;
}

const ADJUST_MODES: readonly AdjustMode[] = ['raw', 'splits', 'splits-and-dividends'];
const SOURCES = ['sample', 'simulated', 'csv', ...VENDORS] as const;

/** Adds the options that say which bars are meant when no experiment does. */
export function addDataOptions(command: Command): Command {
  return addDialectOptions(command)
    .option('--vendor <NAME>', `where bars come from without an experiment: ${SOURCES.join(', ')}`)
    .option('--path <PATH>', 'file or folder of CSV (also .gz, .zip) or Parquet files (csv)')
    .option(
      '--symbol <LIST>',
      'symbols, comma-separated: AAPL, BTC/USD (csv: all that the files hold; simulated: simulated-N)',
    )
    .option('--timeframe <SIZE>', `${TIMEFRAMES.join(', ')} (csv: what the times imply; else 1d)`)
    .option('--calendar <NAME>', `${CALENDAR_NAMES.join(', ')} (csv: none; crypto pairs: crypto; else us-equities)`)
    .option('--from <DATE>', 'first trading day, YYYY-MM-DD')
    .option('--to <DATE>', 'last trading day, YYYY-MM-DD')
    .option('--bars <N>', 'bars per symbol (simulated)')
    .option('--seed <N>', 'seed (simulated)')
    .option(
      '--actions <FILE>',
      'CSV of splits and dividends: symbol, type, exDate, ratio or amount, knownAt; none: without (alpaca and polygon give theirs otherwise)',
    )
    .option('--adjust <MODE>', `what readers take out of the bars: ${ADJUST_MODES.join(', ')}`)
    .option(...TRUST_ACTIONS)
    .option('--revise', 'take over values that the source has changed since they were stored');
}

/** The options that say which bars are meant, as they are written. */
const DATA_OPTIONS: readonly (keyof DataCommandOptions)[] = [
  'vendor',
  'path',
  'symbol',
  'timeframe',
  'calendar',
  'from',
  'to',
  'bars',
  'seed',
  'actions',
  'adjust',
  'trustActions',
  'revise',
  ...DIALECT_OPTIONS,
];

/** Refuses options that would do nothing: all but `used`. `where` begins the sentence that says so. */
export function refuseIdle(
  options: DataCommandOptions,
  used: readonly (keyof DataCommandOptions)[],
  where: string,
): void {
  const idle = DATA_OPTIONS.filter((name) => options[name] !== undefined && !used.includes(name));
  if (idle.length === 0) return;
  const names = idle.map(flagOf).join(', ');
  throw new InputError(`${where} ${names} would do nothing.`, `Leave ${idle.length === 1 ? 'it' : 'them'} out.`);
}

function parseCount(text: string | undefined, name: string, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new InputError(`--${name} ${text} is not a whole number of at least 1.`);
}

/** A date as the user wrote it, if it is one. Throws InputError. */
export function parseDate(text: string | undefined, name: string): string | undefined {
  if (text === undefined || parseDay(text) !== undefined) return text;
  throw new InputError(`--${name} ${text} is not a date.`, 'Write it as YYYY-MM-DD.');
}

/** The mode a user named; all of it by default. Throws InputError. */
export function parseAdjustMode(text: string | undefined): AdjustMode {
  const mode = ADJUST_MODES.find((known) => known === (text ?? 'splits-and-dividends'));
  if (mode !== undefined) return mode;
  throw new InputError(`Unknown --adjust "${text}".`, `Use one of ${ADJUST_MODES.join(', ')}.`);
}

/** Symbols of a comma-separated list; one word may be the name of a universe. */
export function parseSymbols(text: string): readonly string[] | string {
  const symbols = text.split(',').map((symbol) => symbol.trim());
  if (symbols.includes('')) throw new InputError(`--symbol ${JSON.stringify(text)} holds an empty name.`);
  return symbols.length === 1 ? symbols[0]! : symbols;
}

/** Crypto never closes: pairs are written with a slash, and Binance trades nothing else. */
function defaultCalendar(source: (typeof SOURCES)[number], symbols = ''): string {
  if (source === 'csv') return 'none';
  return source === 'binance' || symbols.includes('/') ? 'crypto' : 'us-equities';
}

function refuseOption(options: DataCommandOptions, name: keyof DataCommandOptions, because: string): void {
  if (options[name] !== undefined)
    throw new InputError(`${because}: ${flagOf(name)} would do nothing.`, 'Leave it out.');
}

/** What to ingest according to the options. Throws InputError for values that are not understood. */
export function parseDataOptions(options: DataCommandOptions): {
  data: DataOptions;
  universe: readonly string[] | string;
  inferTimeframe: boolean;
} {
  const source = SOURCES.find((name) => name === options.vendor);
  if (source === undefined) {
    const given =
      options.vendor === undefined
        ? 'Neither an experiment nor --vendor is given'
        : `Unknown vendor "${options.vendor}"`;
    throw new InputError(`${given}.`, `Name an experiment, or --vendor ${SOURCES.join(', --vendor ')}.`);
  }
  const csv = source === 'csv';
  if (csv && options.path === undefined) throw new InputError('--vendor csv needs --path.', 'Name the file or folder.');
  if (!csv) {
    for (const name of ['path', ...DIALECT_OPTIONS] as const) {
      refuseOption(options, name, `--vendor ${source} reads no files`);
    }
  }
  if (source !== 'simulated')
    for (const name of ['bars', 'seed'] as const) refuseOption(options, name, 'Only simulated bars are made to order');
  const vendor = VENDORS.some((name) => name === source);
  if (vendor && options.symbol === undefined) {
    throw new InputError(`--vendor ${source} needs --symbol.`, 'Name one or more: AAPL, BRK.B, BTC/USD.');
  }
  const data: DataOptions = {
    source,
    timeframe: parseTimeframe(options.timeframe ?? '1d'),
    from: parseDate(options.from, 'from'),
    to: parseDate(options.to, 'to'),
    calendar: calendarNamed(options.calendar ?? defaultCalendar(source, options.symbol)).name,
    adjust: parseAdjustMode(options.adjust),
    actions: options.actions,
    trustActions: options.trustActions,
    path: options.path,
    ...dialectOf(options),
    simulated: { symbols: 50, bars: parseCount(options.bars, 'bars', 2500), seed: parseCount(options.seed, 'seed', 1) },
    maxQualityErrors: 0,
  };
  const universe = options.symbol === undefined ? (csv ? 'all' : source) : parseSymbols(options.symbol);
  return { data, universe, inferTimeframe: csv && options.timeframe === undefined };
}
