import { basename } from 'node:path';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';
import { chooseTimes } from '../dialects/choose-times.ts';
import { parseDialect, type DialectOptions } from '../dialects/file-dialect.ts';
import type { RowTimes } from '../dialects/row-times.ts';
import { firstLines, readRecords } from '../sources/files/text-records.ts';
import { SampledBars, type Piece, type SampledSeries, type Sampling } from './sampled-bars.ts';

/** Names of columns, in any case. */
const NAMES = {
  time: ['time', 'timestamp', 'datetime', 'date', 'ts', 't', 'transact_time', 'trade_time'],
  price: ['price', 'px', 'p'],
  size: ['size', 'quantity', 'qty', 'amount', 'volume', 'q', 'v'],
  symbol: ['symbol', 'ticker', 'instrument'],
} as const;

/** Columns of the trades that Binance publishes without a header: id, price, quantity, value, time, and two marks. */
const DUMP = { price: 1, size: 2, time: 4, symbol: -1 } as const;
const DUMP_ROW = /^\d+,[\d.]+,[\d.]+,[\d.]+,\d{13,16},(true|false)(,(true|false))?$/i;

type Columns = Readonly<Record<keyof typeof NAMES, number>>;

export interface TradesOptions {
  readonly sampling: Sampling;
  /** Length of a cell; 0: every trade is one, and a bar is known at its last trade. */
  readonly cellMs: number;
  /** Symbols wanted; all of the file by default. The only one names a file without a symbol column. */
  readonly symbols?: readonly string[] | undefined;
  readonly dialect?: DialectOptions | undefined;
}

/**
 * Reads a CSV file (also .gz and .zip) of trades, one a row in the order of time, and makes bars of them. Symbols in
 * the order wanted, else by name.
 * @throws InputError with file and line for rows that are no trades or go back in time
 */
export async function readSampledTrades(path: string, options: TradesOptions): Promise<SampledSeries[]> {
  const head = await firstLines(path);
  const { columns, fromLine, delimiter } = layoutOf(path, head);
  const rows = head.slice(fromLine - 1).map((line) => line.split(delimiter));
  const timeOf = (cells: readonly string[]): string => (cells[columns.time] ?? '').trim();
  const { times } = await chooseTimes({
    path,
    firstRow: `line ${fromLine}`,
    dialect: parseDialect(options.dialect ?? {}),
    isUtc: false,
    sample: (onTime) => rows.forEach((cells) => onTime(timeOf(cells), '')),
    all: (onTime) => readRecords(path, (cells) => onTime(timeOf(cells), ''), { delimiter, fromLine }),
  });
  const { symbols: wanted } = options;
  const reader = new TradeRows(path, { columns, times, fallback: fallbackSymbol(path, wanted) }, options);
  await readRecords(path, (cells, line) => reader.take(cells, line), { delimiter, fromLine });
  return reader.finish();
}

const fallbackSymbol = (path: string, wanted: readonly string[] | undefined): string =>
  wanted?.length === 1 ? wanted[0]! : basename(path).replace(/\.(csv|tsv|txt|zip|gz)(\.gz|\.zip)?$/i, '');

function layoutOf(path: string, head: readonly string[]) {
  const at = head.findIndex((line) => line.trim() !== '');
  const first = head[at] ?? '';
  if (first === '') throw new InputError(`${path}: the file is empty.`, 'Give a CSV file with trades.');
  if (DUMP_ROW.test(first.trim())) return { columns: DUMP, fromLine: at + 1, delimiter: ',' };
  const delimiter = [',', ';', '\t'].find((one) => first.includes(one)) ?? ',';
  const cells = first
    .replace(/^\uFEFF/, '')
    .split(delimiter)
    .map((cell) => cell.trim().replaceAll('"', '').toLowerCase());
  const columnOf = (names: readonly string[]): number =>
    names.map((name) => cells.indexOf(name)).find((one) => one !== -1) ?? -1;
  const columns: Columns = {
    time: columnOf(NAMES.time),
    price: columnOf(NAMES.price),
    size: columnOf(NAMES.size),
    symbol: columnOf(NAMES.symbol),
  };
  for (const name of ['time', 'price', 'size'] as const) {
    if (columns[name] !== -1) continue;
    const near = nearestName(name, cells, 2);
    throw new InputError(
      `${path}, line ${at + 1}: no column ${name}; there are ${cells.slice(0, 8).join(', ')}.`,
      near === null ? `A header holds time, price and size, such as ${NAMES[name].join(', ')}.` : `Is it "${near}"?`,
    );
  }
  return { columns, fromLine: at + 2, delimiter };
}

interface SymbolTrades {
  readonly bars: SampledBars;
  cell: number;
  lastMs: number;
}

/** How a file is laid out, and whose the trades are where it does not say. */
interface TradesLayout {
  readonly columns: Columns;
  readonly times: RowTimes;
  readonly fallback: string;
}

class TradeRows {
  readonly #path: string;
  readonly #layout: TradesLayout;
  readonly #options: TradesOptions;
  readonly #wanted: ReadonlySet<string> | null;
  readonly #known = new Map<string, SymbolTrades>();
  readonly #piece: Piece = { open: 0, high: 0, low: 0, close: 0, volume: 0, ticks: 1, dollars: 0 };

  constructor(path: string, layout: TradesLayout, options: TradesOptions) {
    this.#path = path;
    this.#layout = layout;
    this.#options = options;
    this.#wanted = options.symbols === undefined ? null : new Set(options.symbols);
  }

  take(cells: readonly string[], line: number): void {
    const { columns, times, fallback } = this.#layout;
    const symbol = columns.symbol === -1 ? fallback : (cells[columns.symbol] ?? '').trim();
    if (symbol === '') throw this.#fault(line, 'symbol is empty');
    if (this.#wanted !== null && !this.#wanted.has(symbol)) return;
    const timeMs = times.read((cells[columns.time] ?? '').trim(), symbol);
    if (Number.isNaN(timeMs)) throw this.#fault(line, times.problem);
    const price = this.#positive(cells[columns.price], 'price', line);
    const size = this.#positive(cells[columns.size], 'size', line);
    const own = this.#of(symbol);
    if (timeMs < own.lastMs) {
      const before = new Date(own.lastMs).toISOString();
      throw this.#fault(line, `${symbol} at ${new Date(timeMs).toISOString()} comes after ${before}`);
    }
    own.lastMs = timeMs;
    this.#add(own, timeMs, price, size);
  }

  #add(own: SymbolTrades, timeMs: number, price: number, size: number): void {
    const { cellMs } = this.#options;
    const piece = this.#piece;
    piece.open = piece.high = piece.low = piece.close = price;
    piece.volume = size;
    piece.dollars = price * size;
    if (cellMs === 0) {
      own.bars.add(piece);
      own.bars.endCell(timeMs, timeMs);
      return;
    }
    const cell = Math.floor(timeMs / cellMs);
    if (cell !== own.cell) {
      own.bars.endCell(own.cell * cellMs, (own.cell + 1) * cellMs);
      own.cell = cell;
    }
    own.bars.add(piece);
  }

  #of(symbol: string): SymbolTrades {
    const known = this.#known.get(symbol);
    if (known !== undefined) return known;
    const own = { bars: new SampledBars(symbol, this.#options.sampling), cell: NaN, lastMs: -Infinity };
    this.#known.set(symbol, own);
    return own;
  }

  #positive(cell: string | undefined, name: string, line: number): number {
    const text = (cell ?? '').trim();
    const value = text === '' ? NaN : Number(text);
    if (value >= 1e-18 && value <= 1e18) return value;
    throw this.#fault(line, `${name} is ${JSON.stringify(text.slice(0, 40))}, not a number above 0`);
  }

  #fault(line: number, problem: string): InputError {
    return new InputError(
      `${this.#path}, line ${line}: ${problem}.`,
      'A row is a trade: time, price and size, in the order of time.',
    );
  }

  /** A cell that is under way at the end of the file may get more trades yet: its bar is not made. */
  finish(): SampledSeries[] {
    const names = this.#options.symbols ?? [...this.#known.keys()].sort();
    const missing = names.find((name) => !this.#known.has(name));
    if (missing !== undefined || names.length === 0) {
      const what = missing === undefined ? 'a header and no trades' : `no trades of ${missing}`;
      throw new InputError(`${this.#path}: ${what}.`, 'Give a file with trades of every symbol that is asked for.');
    }
    return names.map((name) => this.#known.get(name)!.bars.finish());
  }
}
