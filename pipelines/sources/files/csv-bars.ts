import { unmarkedCell } from '../../csv-cell.ts';
import { InputError } from '../../../infra/errors.ts';
import type { BarCollector, BarRow, RowOrigin } from './bar-collector.ts';
import type { BarFields } from './bar-fields.ts';
import { findBarFields } from './bar-fields.ts';
import { parseTimeMs } from './bar-time.ts';
import { readRecords } from './text-records.ts';

// One way to match each text: an optional point between two runs of digits would try every place for it.
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** The number of a cell; NaN, and why in `unread`, where it holds none. */
function parseNumber(text: string, field: string, unread: string[]): number {
  if (NUMBER.test(text)) return Number(text);
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return Number(trimmed);
  const found = trimmed === '' ? 'is empty' : `is ${JSON.stringify(trimmed.slice(0, 40))}, not a finite number`;
  unread.push(`${field} ${found}`);
  return NaN;
}

function parseTime(text: string, unread: string[]): number {
  const timeMs = parseTimeMs(text.trim());
  if (Number.isFinite(timeMs)) return timeMs;
  const found = text.trim() === '' ? 'is empty' : `${JSON.stringify(text.trim().slice(0, 40))} is not a time`;
  unread.push(`time ${found}`);
  return NaN;
}

const emptyRow = (): BarRow => ({ timeMs: NaN, open: NaN, high: NaN, low: NaN, close: NaN, volume: NaN });

/** Reads the records of one file into `collector`. */
class CsvRows {
  readonly #path: string;
  readonly #fallbackSymbol: string;
  readonly #collector: BarCollector;
  readonly #row = emptyRow();
  // One place and one list for the file: one per row costs half a second per million rows.
  readonly #place: { file: string; line: number; unit: 'line' };
  readonly #unread: string[] = [];
  readonly #origin: RowOrigin;
  #width = 0;
  fields: BarFields | undefined;
  rows = 0;

  constructor(path: string, fallbackSymbol: string, collector: BarCollector) {
    this.#path = path;
    this.#fallbackSymbol = fallbackSymbol;
    this.#collector = collector;
    this.#place = { file: path, line: 0, unit: 'line' };
    this.#origin = { symbol: fallbackSymbol, place: this.#place, unread: this.#unread };
  }

  /** The header, or a row. Throws InputError for a header that is none. */
  take(cells: readonly string[], line: number): void {
    const { fields } = this;
    if (fields === undefined) {
      this.fields = findBarFields(cells, this.#path);
      this.#width = cells.length;
      return;
    }
    if (cells.length !== this.#width) {
      return this.refuse(`${cells.length} cells where the header has ${this.#width}`, line);
    }
    const row = this.#row;
    const unread = this.#unread;
    unread.length = 0;
    row.timeMs = parseTime(cells[fields.time]!, unread);
    row.open = parseNumber(cells[fields.open]!, 'open', unread);
    row.high = parseNumber(cells[fields.high]!, 'high', unread);
    row.low = parseNumber(cells[fields.low]!, 'low', unread);
    row.close = parseNumber(cells[fields.close]!, 'close', unread);
    row.volume = parseNumber(cells[fields.volume]!, 'volume', unread);
    const symbol = fields.symbol === -1 ? this.#fallbackSymbol : unmarkedCell(cells[fields.symbol]!.trim());
    if (symbol === '') unread.push('symbol is empty');
    // A row that lacks a value has none: what is left of it would be taken for a bar.
    if (unread.length > 0) Object.assign(row, { ...emptyRow(), timeMs: row.timeMs });
    this.#add(symbol, line);
  }

  /** Tells of a record that cannot be taken apart. */
  refuse(problem: string, line: number): void {
    if (this.fields === undefined)
      throw new InputError(`${this.#path}, line ${line}: ${problem}.`, 'Correct the header.');
    Object.assign(this.#row, emptyRow());
    this.#unread.length = 0;
    this.#unread.push(problem);
    this.#add(this.fields.symbol === -1 ? this.#fallbackSymbol : '', line);
  }

  #add(symbol: string, line: number): void {
    this.#origin.symbol = symbol;
    this.#place.line = line;
    this.#collector.add(this.#row, this.#origin);
    this.rows++;
  }
}

/**
 * Adds the bars of a CSV file (plain or gzip) to `collector`, which hears of rows that are wrong. Rows of a file
 * without a symbol column belong to `fallbackSymbol`. Throws InputError for what is no bars file. Returns whether the
 * file names its symbols.
 */
export async function collectCsvBars(path: string, fallbackSymbol: string, collector: BarCollector): Promise<boolean> {
  const rows = new CsvRows(path, fallbackSymbol, collector);
  await readRecords(
    path,
    (cells, line) => rows.take(cells, line),
    (problem, line) => rows.refuse(problem, line),
  );
  const { fields } = rows;
  if (fields === undefined)
    throw new InputError(`${path}: the file is empty.`, 'Give a CSV file with a header and bars.');
  if (rows.rows === 0) throw new InputError(`${path}: a header and no bars.`, 'Give a file with at least one bar.');
  return fields.symbol !== -1;
}
