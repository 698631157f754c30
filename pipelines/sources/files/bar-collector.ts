import { GREATEST_MAGNITUDE, LEAST_MAGNITUDE, type BarColumns } from '../../../features/bar.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Calendar } from '../../calendars/calendar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import { EARLIEST_MS, LATEST_MS } from '../../dialects/time-format.ts';
import type { OnRowFault, RowFault, RowPlace } from './row-fault.ts';
import { barTimes } from './bar-times.ts';
import { orderRows } from './order-rows.ts';
import { RowTable, type BarRow } from './row-table.ts';

export type { BarRow } from './row-table.ts';

/** A year of daily bars of every share that ever had a listing is less; beyond it a symbol column is something else. */
const SYMBOLS_MAX = 100_000;
/** The longest names are those of options, about 40 characters. */
const SYMBOL_LENGTH_MAX = 100;

/** What moves a terminal, begins a new line or cannot be stored. */
const UNPRINTABLE = new RegExp(String.raw`[\0-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}`, 'u');

const VALUES = ['open', 'high', 'low', 'close', 'volume'] as const;

const isBeyond = (x: number): boolean => x < LEAST_MAGNITUDE || x > GREATEST_MAGNITUDE;
const RANGE = `${LEAST_MAGNITUDE} to ${GREATEST_MAGNITUDE}`;

/** What is wrong with a row's prices or volume, in words; undefined for a possible bar. */
export function impossibleBar(row: Omit<BarRow, 'timeMs' | 'offsetMinutes'>): string | undefined {
  for (const field of ['open', 'high', 'low', 'close'] as const) {
    if (!Number.isFinite(row[field])) return `${field} is not a finite number`;
    if (row[field] < 0) return `${field} is negative (${row[field]})`;
    if (row[field] === 0) return `${field} is 0, and a price must be positive`;
    if (isBeyond(row[field])) return `${field} ${row[field]} is outside what a price may be, ${RANGE}`;
  }
  if (!Number.isFinite(row.volume)) return 'volume is not a finite number';
  if (row.volume < 0) return `volume is negative (${row.volume})`;
  if (row.volume > 0 && isBeyond(row.volume))
    return `volume ${row.volume} is outside what a volume may be, 0 or ${RANGE}`;
  if (row.high < row.low) return `high ${row.high} is below low ${row.low}`;
  if (row.open > row.high || row.open < row.low)
    return `open ${row.open} is outside low ${row.low} to high ${row.high}`;
  if (row.close > row.high || row.close < row.low)
    return `close ${row.close} is outside low ${row.low} to high ${row.high}`;
  return undefined;
}

export interface TakeOptions {
  readonly calendar: Calendar;
  readonly timeframe: Timeframe;
  /** Whether the times name no zone: a day is then the one that is written. */
  readonly isAssumedUtc: boolean;
  /** The file or files, for messages. */
  readonly where: string;
}

/** Rows of one symbol in the order of the files. */
export interface CollectedRows {
  readonly length: number;
  /** Time stamp, open, high, low, close, volume. */
  readonly columns: readonly Float64Array[];
  /** Minutes that the clock of each row was from UTC; null where all are UTC. */
  readonly offsets: Int16Array | null;
  placeOf(row: number): RowPlace;
}

/** What a reader knows of a row besides its numbers. */
export interface RowOrigin {
  /** Empty where the row does not say. */
  symbol: string;
  readonly place: RowPlace;
  /** What cannot be read of the row, in words; the numbers concerned are NaN. */
  readonly unread: readonly string[];
}

const ROW_REMEDY = 'Correct or remove the row.';
const READ_REMEDY =
  'Every bar needs its time, all written in one way, four prices and, where the file has columns for them, a volume (0 where there is none) and its symbol. --time-format, --columns, --delimiter and --decimal say what a file cannot.';

const TIME_REMEDY =
  'Say how the file writes its times with --time-format (DD/MM/YYYY HH:mm, %d.%m.%Y, s, ms, excel), or which column holds them with --columns.';

/** Gathers rows of one or more files by symbol, and tells of those that cannot be bars or come out of order. */
export class BarCollector {
  readonly #table = new RowTable();
  readonly #onFault: OnRowFault;
  /** The symbol of the last row. */
  #seen = '';

  /** `onFault` hears of every row that is wrong. Its place is reused: copy it. */
  constructor(onFault: OnRowFault) {
    this.#onFault = onFault;
  }

  /**
   * Adds a row. One that is wrong keeps its time, where it has one, and no values: it is there, but says nothing.
   */
  add(row: BarRow, origin: RowOrigin): void {
    const { place, unread } = origin;
    if (origin.symbol.length > SYMBOL_LENGTH_MAX) {
      const problem = `symbol has ${origin.symbol.length} characters, and ${SYMBOL_LENGTH_MAX} are the most`;
      return this.#tell('unreadable-rows', row, { symbol: '', place, unread: [...unread, problem] });
    }
    const { symbol } = origin;
    // Only a name that is new costs a look at its characters.
    if (symbol !== this.#seen && !this.#table.has(symbol) && UNPRINTABLE.test(symbol)) {
      const problem = `symbol ${JSON.stringify(symbol)} holds a control character`;
      return this.#tell('unreadable-rows', row, { symbol: '', place, unread: [...unread, problem] });
    }
    this.#seen = symbol;
    if (symbol === '' || Number.isNaN(row.timeMs)) return this.#tell('unreadable-rows', row, origin);
    if (row.timeMs < EARLIEST_MS || row.timeMs >= LATEST_MS) {
      const problem = `time ${timeText(row.timeMs)} is outside 1900 to 2100`;
      return this.#tell('unreadable-rows', row, { symbol, place, unread: [problem, ...unread] });
    }
    if (this.#table.symbolCount === SYMBOLS_MAX && !this.#table.has(symbol)) throw tooManySymbols(place);
    if (unread.length > 0) {
      this.#tell('not-a-number', row, origin);
    } else {
      const wrong = impossibleBar(row);
      if (wrong !== undefined) {
        const sum = row.open + row.high + row.low + row.close + row.volume;
        this.#tell(Number.isFinite(sum) ? 'impossible-prices' : 'not-a-number', row, { ...origin, unread: [wrong] });
        for (const field of VALUES) row[field] = NaN;
      }
    }
    this.#table.push(symbol, row, place);
  }

  /**
   * After the last row: puts the rows of each symbol into the order of time as far as whole files say it, and tells of
   * those that are out of it. Returns whether files went from the newest row to the oldest.
   */
  finish(): { readonly newestFirst: boolean } {
    let newestFirst = false;
    for (const symbol of this.#table.symbols) {
      const [stamps] = this.#table.columnsOf(symbol);
      const found = orderRows(stamps!, this.#table.fileStarts(symbol));
      if (found.order === null) continue;
      newestFirst ||= found.newestFirst;
      this.#table.reorder(symbol, found.order);
      const [ordered] = this.#table.columnsOf(symbol);
      for (let row = 1; row < ordered!.length; row++) {
        const [lastMs, timeMs] = [ordered![row - 1]!, ordered![row]!];
        if (timeMs <= lastMs)
          this.#onFault(orderFault(timeMs, lastMs, { symbol, place: this.#table.placeOf(symbol, row) }));
      }
    }
    return { newestFirst };
  }

  #tell(check: RowFault['check'], { timeMs }: BarRow, { symbol, place, unread }: RowOrigin): void {
    const remedy = check === 'impossible-prices' ? ROW_REMEDY : READ_REMEDY;
    const isTime = Number.isNaN(timeMs) && unread.length === 1 && unread[0]!.startsWith('time ');
    this.#onFault({ check, place, symbol, timeMs, problem: unread.join(', '), remedy: isTime ? TIME_REMEDY : remedy });
  }

  get symbols(): string[] {
    return this.#table.symbols;
  }

  /** The rows of `symbol` as they came, for those who look at what is wrong with them. */
  rows(symbol: string): CollectedRows {
    const columns = this.#table.columnsOf(symbol);
    const offsets = this.#table.offsetsOf(symbol);
    return { length: columns[0]!.length, columns, offsets, placeOf: (row) => this.#table.placeOf(symbol, row) };
  }

  /** The columns of `symbol`; opens and closes come from the calendar. */
  take(symbol: string, options: TakeOptions): BarColumns {
    const { timeframe, where } = options;
    const { columns, length, offsets } = this.rows(symbol);
    const [stamps, open, high, low, close, volume] = columns;
    const { openTimeMs, closeTimeMs } = barTimes(stamps!, offsets, options);
    for (let i = 1; i < length; i++) {
      if (openTimeMs[i]! < closeTimeMs[i - 1]!) throw overlapError(where, symbol, timeframe, stamps![i]!);
    }
    return {
      symbol,
      length,
      openTimeMs,
      closeTimeMs,
      open: open!,
      high: high!,
      low: low!,
      close: close!,
      volume: volume!,
    };
  }
}

const timeText = (timeMs: number): string =>
  Number.isNaN(new Date(timeMs).getTime()) ? String(timeMs) : new Date(timeMs).toISOString();

function tooManySymbols({ file, unit, line }: RowPlace): InputError {
  return new InputError(
    `${file}, ${unit} ${line}: more than ${SYMBOLS_MAX} symbols.`,
    'Check that the symbol column holds symbols; read a larger universe in parts.',
  );
}

function overlapError(where: string, symbol: string, size: Timeframe, timeMs: number): InputError {
  const at = new Date(timeMs).toISOString();
  return new InputError(
    `${where}: bars of ${symbol} overlap at ${at}: they are closer together than ${size}.`,
    'Give the right --timeframe, or remove the bars in between.',
  );
}

function orderFault(timeMs: number, lastMs: number, of: { symbol: string; place: RowPlace }): RowFault {
  const at = new Date(timeMs).toISOString();
  const same = timeMs === lastMs;
  return {
    ...of,
    check: 'time-order',
    timeMs,
    problem: same
      ? `duplicate time ${at} for ${of.symbol}`
      : `time ${at} comes after ${new Date(lastMs).toISOString()} for ${of.symbol}: rows must ascend in time`,
    remedy: same
      ? 'Keep one bar per time; if the file holds several symbols, give it a symbol column.'
      : 'Sort the file by time; if it holds several symbols, give it a symbol column.',
  };
}
