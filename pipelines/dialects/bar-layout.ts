import { InputError } from '../../infra/errors.ts';
import { isMoney } from '../coin-name.ts';
import { chosenPosition, type ColumnChoice, type ColumnRole } from './column-choice.ts';

/** Columns of one series, by position. */
export interface SeriesFields {
  /** Whose they are where the header says so. */
  readonly symbol: string | null;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** -1 where the file has none. */
  readonly volume: number;
}

/** Where the values of a bars file stand. */
export interface BarLayout {
  /** One column, or those of date and time of day. */
  readonly time: readonly number[];
  /** Whether the names of the time's columns say that it is UTC's: `Gmt time`. */
  readonly isUtc?: boolean;
  /** The column that names each row's symbol; -1 where there is none. */
  readonly symbol: number;
  /** One; several where a row holds the bars of several symbols side by side. */
  readonly series: readonly SeriesFields[];
  /** Names of columns that may be the volume, where none was taken for it. */
  readonly volumeLike?: readonly string[];
}

type NamedRole = Exclude<ColumnRole, 'date'>;

/** Names of times with the zone that some exports write beside them. */
function zoned(...names: readonly string[]): string[] {
  const zones = ['utc', 'gmt'];
  return names.flatMap((name) => zones.flatMap((zone) => [`${name} ${zone}`, `${name} (${zone})`, `${zone} ${name}`]));
}

/** Names each value goes by, best first: where a file has two of them, the earlier one is meant. */
const NAMES: Readonly<Record<NamedRole, readonly string[]>> = {
  time: [
    ...['time', 'timestamp', 'datetime', 'date time', 'date/time', 'open time', 'opentime', 'window start', 'ts'],
    ...['ts event', 'gmt time', 'time utc', 'datetime utc', 'local time', 'candle begin time', 'start time', 'begin'],
    ...['bar time', 'unix', 'unix timestamp', 'unix time', 'epoch', 'date', 'dtyyyymmdd', 'day', 'trading date'],
    ...zoned('time', 'timestamp', 'datetime', 'date time', 'open time', 'date'),
    ...['t', 'index', 'unnamed: 0'],
  ],
  open: ['open', 'o', 'open price', 'opening price', 'price open', 'first'],
  high: ['high', 'h', 'high price', 'price high', 'max'],
  low: ['low', 'l', 'low price', 'price low', 'min'],
  close: ['close', 'c', 'close price', 'closing price', 'price close', 'close/last', 'last', 'last price', 'price'],
  volume: [
    ...['volume', 'vol', 'v', 'volume traded', 'total volume', 'shares traded', 'base volume', 'volume base'],
    ...['volumefrom', 'volume from', 'basevolume', 'base asset volume', 'volume (shares)', 'traded volume'],
    ...['trade volume', 'share volume', 'total traded quantity', 'real volume', 'tick volume', 'tickvol'],
    ...['tickvolume', 'quantity', 'qty', 'ttl trd qnty', 'tottrdqty', 'no. of shares'],
  ],
  symbol: ['symbol', 'ticker', 's', 'tic', 'pair', 'instrument', 'product id', 'act symbol', 'sym'],
};

/** A zone in the name of a column: no offset behind it, as in `GMT+2`. */
const UTC_WORD = /(?:^|[\s([])(?:utc|gmt)(?:[\s)\]]|$)(?!\s*[+-])/;

/** Columns that hold a date while another one holds the time of day. */
const DATE_NAMES = ['date', 'dtyyyymmdd', 'day', 'trading date', 'local date'];
const CLOCK_NAMES = ['time', 'timestamp', 'local time', 'time of day'];

const PRICES = ['open', 'high', 'low', 'close'] as const;

/** A bars file has its six columns and perhaps hundreds of others; more is no header. */
const COLUMNS_MAX = 10_000;

/** `<OPEN>`, `1. open`, `Close*` and `open_time` are open, close and open time. */
function plainName(name: string): string {
  const bare = name
    .trim()
    .toLowerCase()
    .replace(/^['"<]+|['">*]+$/g, '');
  return bare
    .replace(/^\d+[a-z]?\.\s*/, '')
    .replace(/[\s_]+/g, ' ')
    .replace(/[.:]$/, '')
    .trim();
}

function positionOf(header: readonly string[], role: NamedRole, where: string): number {
  for (const name of NAMES[role]) {
    const at = header.indexOf(name);
    if (at === -1) continue;
    if (header.indexOf(name, at + 1) !== -1) {
      throw new InputError(
        `${where}: the header names the column "${name}" twice.`,
        'Keep one of them, or name the columns with --columns.',
      );
    }
    return at;
  }
  return -1;
}

export interface LayoutOptions {
  readonly where: string;
  readonly columns?: ColumnChoice | undefined;
  /** The first rows, to tell columns apart whose names leave it open. */
  readonly rows?: readonly (readonly string[])[] | undefined;
}

const CLOCK = /^\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s*[ap]m)?$|^\d{1,2}\s*-?[ap]m$/i;
const CLOCK_DIGITS = /^\d{1,6}$|^\d{9}$/;

/** Whether cells hold times of day. Digits are such only beside a date. */
function holdsClocks(rows: readonly (readonly string[])[], at: number, besideDate: boolean): boolean {
  const cells = rows.map((row) => (row[at] ?? '').trim()).filter((cell) => cell !== '');
  const isClock = (cell: string): boolean => CLOCK.test(cell) || (besideDate && CLOCK_DIGITS.test(cell));
  return cells.length > 0 && cells.filter(isClock).length > cells.length / 2;
}

function timeColumns(header: readonly string[], { where, rows = [] }: LayoutOptions): number[] {
  const date = DATE_NAMES.map((name) => header.indexOf(name)).find((at) => at !== -1) ?? -1;
  const clock = CLOCK_NAMES.map((name) => header.indexOf(name)).find((at) => at !== -1) ?? -1;
  const isDateAlone = !rows.some((row) => (row[date] ?? '').includes(':'));
  if (date !== -1 && clock !== -1 && holdsClocks(rows, clock, true)) return isDateAlone ? [date, clock] : [date];
  const named = positionOf(header, 'time', where);
  // A frame written with its index has no name above it.
  const at = named === -1 && header[0] === '' ? 0 : named;
  if (at !== -1 && holdsClocks(rows, at, false)) {
    throw new InputError(
      `${where}: column "${header[at]}" holds times of day, and there is no column of dates beside it.`,
      'Name both with --columns date=...,time=...',
    );
  }
  return at === -1 ? [] : [at];
}

/** `Volume BTC` beside `Volume USDT`: the one that the symbols begin with, or that is in no money. */
function volumeColumn(header: readonly string[], symbolAt: number, { where, rows = [] }: LayoutOptions): number {
  const named = positionOf(header, 'volume', where);
  if (named !== -1) return fullerVolume(header, named, rows);
  const unitOf = (at: number): string => header[at]!.split(' ')[1]!.replace(/[()[\]]/g, '');
  const partial = header.flatMap((name, at) => (/^(volume|vol) \S+$/.test(name) ? [at] : []));
  const units = partial.filter((at) => !isMoney(unitOf(at)));
  if (partial.length < 2) return units[0] ?? -1;
  const symbol = (rows[0]?.[symbolAt] ?? '').trim().toLowerCase();
  const base = partial.find((at) => symbol.startsWith(unitOf(at)));
  if (base !== undefined) return base;
  if (units.length === 1) return units[0]!;
  throw new InputError(
    `${where}: ${partial.map((at) => JSON.stringify(header[at])).join(' and ')} may each be the volume.`,
    'Say which with --columns volume=...',
  );
}

/** Names that say a volume in words of their own, or in money. */
const LIKE_VOLUME = /vol|umsatz|turnover|amount|quantity|qty|traded|st(ü|ue)ck|notional|^size$/i;

/** Columns that may be the volume where none is sure to be. */
function likeVolume(names: readonly string[]): string[] {
  return names.map((name) => name.trim()).filter((name) => LIKE_VOLUME.test(name) && !/volatil/i.test(name));
}

/** Currencies have no traded volume, and files of them a column of zeros beside the ticks that were counted. */
function fullerVolume(header: readonly string[], named: number, rows: readonly (readonly string[])[]): number {
  const ticks = ['tickvol', 'tick volume', 'tickvolume'].map((name) => header.indexOf(name)).find((at) => at !== -1);
  const isZero = rows.length > 0 && rows.every((row) => Number(row[named] ?? '0') === 0);
  return ticks !== undefined && isZero ? ticks : named;
}

function chosenColumns(header: readonly string[] | null, width: number, { where, columns = {} }: LayoutOptions) {
  const at = (role: ColumnRole): number | undefined => {
    const value = columns[role];
    return value === undefined ? undefined : chosenPosition(value, role, { names: header, width, where });
  };
  const [date, time] = [at('date'), at('time')];
  const clock = [date, time].filter((one) => one !== undefined);
  return { time: clock.length === 0 ? undefined : clock, at };
}

/**
 * Finds the columns of a bars file by their names, in any order and case; `columns` comes first. Throws InputError that
 * names what is missing and what there is.
 */
export function namedLayout(names: readonly string[], options: LayoutOptions): BarLayout {
  const { where } = options;
  if (names.length > COLUMNS_MAX) {
    throw new InputError(
      `${where}: the header has ${names.length} columns, and ${COLUMNS_MAX} are the most.`,
      'Check that its first line is a header; leave out columns that are no bars.',
    );
  }
  const header = names.map(plainName);
  const chosen = chosenColumns(names, names.length, options);
  const at = (role: NamedRole): number => chosen.at(role) ?? positionOf(header, role, where);
  const time = chosen.time ?? timeColumns(header, options);
  const [open, high, low, close] = PRICES.map(at) as [number, number, number, number];
  const missing = [
    ...(time.length === 0 ? ['time'] : []),
    ...PRICES.filter((_, i) => [open, high, low, close][i] === -1),
  ];
  if (missing.length > 0) throw missingColumns(names, missing, where);
  const symbol = at('symbol');
  const volume = chosen.at('volume') ?? volumeColumn(header, symbol, options);
  const volumeLike = volume === -1 && options.columns?.volume === undefined ? likeVolume(names) : [];
  const isUtc = time.some((column) => UTC_WORD.test(header[column] ?? ''));
  return { time, isUtc, symbol, series: [{ symbol: null, open, high, low, close, volume }], volumeLike };
}

/** Letters of zones that exports write beside `time`, and a place whose clocks go by them: summer time included. */
const ZONE_PLACES: Readonly<Record<string, string>> = {
  EET: 'Europe/Athens',
  EEST: 'Europe/Athens',
  CET: 'Europe/Berlin',
  CEST: 'Europe/Berlin',
  BST: 'Europe/London',
  EST: 'America/New_York',
  EDT: 'America/New_York',
  ET: 'America/New_York',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  CT: 'America/Chicago',
  IST: 'Asia/Kolkata',
  JST: 'Asia/Tokyo',
  HKT: 'Asia/Hong_Kong',
};

/** A time whose column names its zone by letters, which do not say when the clocks change. */
function letteredZone(names: readonly string[], where: string): InputError | null {
  for (const name of names.map((one) => one.trim())) {
    const found = /^(?:time|timestamp|date|datetime|date time|open time)\s*[([]?\b([a-z]{2,4})[)\]]?$/i.exec(name);
    const place = ZONE_PLACES[found?.[1]?.toUpperCase() ?? ''];
    if (place === undefined) continue;
    return new InputError(
      `${where}: the times of ${JSON.stringify(name)} are of a zone that its letters do not make sure.`,
      `Say so: --columns "time=${name}" --timezone ${place}, or the place whose clocks they are of.`,
    );
  }
  return null;
}

function missingColumns(names: readonly string[], missing: readonly string[], where: string): InputError {
  const lettered = missing.join() === 'time' ? letteredZone(names, where) : null;
  if (lettered !== null) return lettered;
  const shown = names
    .map((name) => name.trim().slice(0, 40))
    .join(', ')
    .slice(0, 200);
  return new InputError(
    `${where}: missing ${missing.length === 1 ? 'column' : 'columns'} ${missing.join(', ')}; the file has: ${JSON.stringify(shown)}.`,
    'The header must hold time (or date, timestamp), open, high, low, close and perhaps volume, in any order; or name the columns with --columns time=0,open=1,... and what stands between them with --delimiter.',
  );
}

/** The columns of a file without a header, all named by position. Throws InputError for one that is missing. */
export function chosenLayout(width: number, options: LayoutOptions): BarLayout {
  const { time, at } = chosenColumns(null, width, options);
  const prices = PRICES.map(at);
  const missing = [...(time === undefined ? ['time'] : []), ...PRICES.filter((_, i) => prices[i] === undefined)];
  if (missing.length > 0) {
    throw new InputError(
      `${options.where}: the file has no header, and columns do not say where ${missing.join(', ')} are.`,
      'Name them by position, from 0: --columns time=0,open=1,high=2,low=3,close=4,volume=5.',
    );
  }
  const [open, high, low, close] = prices as [number, number, number, number];
  return {
    time: time!,
    symbol: at('symbol') ?? -1,
    series: [{ symbol: null, open, high, low, close, volume: at('volume') ?? -1 }],
  };
}

/** Whether a line can be the header of a bars file: it names the time, or nothing, and four prices. */
export function isHeader(cells: readonly string[]): boolean {
  const header = cells.map(plainName);
  const has = (role: NamedRole): boolean => NAMES[role].some((name) => header.includes(name));
  return (has('time') || header[0] === '') && PRICES.every(has);
}

/** How many of a line's cells are names of columns that bars have. */
export function knownNames(cells: readonly string[]): number {
  const known = new Set(Object.values(NAMES).flat());
  return cells.filter((cell) => known.has(plainName(cell))).length;
}

const roleOf = (name: string): keyof SeriesFields | undefined => {
  const plain = plainName(name);
  return ([...PRICES, 'volume'] as const).find((role) => NAMES[role].includes(plain));
};

/**
 * The columns of a table whose header goes over two lines, one of values and one of symbols, or whose names hold both
 * (`AAPL.Open`): undefined for any other.
 */
export function wideLayout(values: readonly string[], symbols: readonly string[]): BarLayout | undefined {
  const bySymbol = new Map<string, Partial<Record<keyof SeriesFields, number>>>();
  for (let at = 1; at < values.length; at++) {
    const role = roleOf(values[at]!);
    const symbol = symbols[at]?.trim() ?? '';
    if (role === undefined || role === 'symbol') continue;
    if (symbol === '') return undefined;
    const fields = bySymbol.get(symbol) ?? {};
    if (fields[role] !== undefined) return undefined;
    fields[role] = at;
    bySymbol.set(symbol, fields);
  }
  const series = [...bySymbol].flatMap(([symbol, { open, high, low, close, volume = -1 }]) =>
    open === undefined || high === undefined || low === undefined || close === undefined
      ? []
      : [{ symbol, open, high, low, close, volume }],
  );
  return series.length > 0 && series.length === bySymbol.size ? { time: [0], symbol: -1, series } : undefined;
}
