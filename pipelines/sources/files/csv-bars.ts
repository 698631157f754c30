import { unmarkedCell } from '../../../infra/export/csv-cell.ts';
import { InputError } from '../../../infra/errors.ts';
import type { SeriesFields } from '../../dialects/bar-layout.ts';
import { chooseTimes, joinedTime, type ChosenTimes } from '../../dialects/choose-times.ts';
import type { FileDialect } from '../../dialects/file-dialect.ts';
import { writingOf, type FileReading } from '../../dialects/file-reading.ts';
import { NumberStyle } from '../../dialects/number-style.ts';
import { splitRecord } from '../../dialects/split-record.ts';
import { tableShape, type TableShape } from '../../dialects/table-shape.ts';
import type { BarCollector, BarRow, RowOrigin } from './bar-collector.ts';
import { firstLines, readRecords } from './text-records.ts';

const VALUES = ['open', 'high', 'low', 'close', 'volume'] as const;

/** How a file is laid out, and how it writes times and numbers. */
interface OpenTable extends ChosenTimes {
  readonly shape: TableShape;
  readonly style: NumberStyle;
}

export interface CollectOptions {
  readonly dialect: FileDialect;
  /** Whose the rows of a file without a symbol are. */
  readonly fallbackSymbol: string;
  readonly collector: BarCollector;
}

/** Reads the records of one file into `collector`. */
class CsvRows {
  readonly #table: OpenTable;
  readonly #fallbackSymbol: string;
  readonly #collector: BarCollector;
  // One of each for the file: one per row costs half a second per million rows.
  readonly #row: BarRow = { timeMs: NaN, open: NaN, high: NaN, low: NaN, close: NaN, volume: NaN, offsetMinutes: 0 };
  readonly #place: { file: string; line: number; unit: 'line' };
  readonly #unread: string[] = [];
  readonly #origin: RowOrigin;
  rows = 0;

  constructor(path: string, table: OpenTable, { fallbackSymbol, collector }: CollectOptions) {
    this.#table = table;
    this.#fallbackSymbol = fallbackSymbol;
    this.#collector = collector;
    this.#place = { file: path, line: 0, unit: 'line' };
    this.#origin = { symbol: fallbackSymbol, place: this.#place, unread: this.#unread };
  }

  take(cells: readonly string[], line: number): void {
    const { width, layout, header } = this.#table.shape;
    if (header !== null && isAgain(header, cells)) {
      return this.refuse('the header a second time: files that were put one after the other', line);
    }
    // Spreadsheets write the rows below a table as commas alone: a blank line like any other.
    if (cells[layout.time[0]!] === '' && cells.every((cell) => cell.trim() === '')) return;
    const isClosed = cells.length === width + 1 && cells[width] === '';
    if (cells.length !== width && !isClosed) {
      const others = header === null ? 'the first row' : 'the header';
      return this.refuse(`${cells.length} cells where ${others} has ${width}`, line);
    }
    const { series } = layout;
    const [first] = series;
    if (series.length === 1) return this.#takeSeries(cells, first!, line);
    for (const fields of series) {
      // Symbols side by side need not trade on the same days.
      const isEmpty = VALUES.every((field) => fields[field] === -1 || cells[fields[field]]!.trim() === '');
      if (!isEmpty) this.#takeSeries(cells, fields, line);
    }
  }

  #takeSeries(cells: readonly string[], fields: SeriesFields, line: number): void {
    const row = this.#row;
    const unread = this.#unread;
    unread.length = 0;
    const symbol = this.#symbolOf(cells, fields);
    row.timeMs = this.#time(cells, symbol);
    row.open = this.#number(cells[fields.open]!, 'open');
    row.high = this.#number(cells[fields.high]!, 'high');
    row.low = this.#number(cells[fields.low]!, 'low');
    row.close = this.#number(cells[fields.close]!, 'close');
    row.volume = fields.volume === -1 ? 0 : this.#number(cells[fields.volume]!, 'volume');
    if (symbol === '') unread.push('symbol is empty');
    // A row that lacks a value has none: what is left of it would be taken for a bar.
    if (unread.length > 0) for (const field of VALUES) row[field] = NaN;
    this.#add(symbol, line);
  }

  #symbolOf(cells: readonly string[], { symbol }: SeriesFields): string {
    const at = this.#table.shape.layout.symbol;
    return symbol ?? (at === -1 ? this.#fallbackSymbol : unmarkedCell(cells[at]!.trim()));
  }

  #time(cells: readonly string[], symbol: string): number {
    const { times, clockDigits, shape } = this.#table;
    const timeMs = times.read(timeText(shape, cells, clockDigits), symbol);
    if (Number.isNaN(timeMs)) this.#unread.push(times.problem);
    this.#row.offsetMinutes = times.offsetMinutes;
    return timeMs;
  }

  /** The number of a cell; NaN, and why among what is unread, where it holds none. */
  #number(cell: string, field: string): number {
    const value = this.#table.style.read(cell);
    if (!Number.isNaN(value)) return value;
    const text = cell.trim();
    const shown = JSON.stringify(text.slice(0, 40));
    if (text === '') this.#unread.push(`${field} is empty`);
    else if (this.#table.style.isAmbiguous(text))
      this.#unread.push(`${field} is ${shown}, with a decimal comma or groups of thousands: --decimal says which`);
    else this.#unread.push(`${field} is ${shown}, not a finite number`);
    return NaN;
  }

  /** Tells of a record that cannot be taken apart. */
  refuse(problem: string, line: number): void {
    for (const field of VALUES) this.#row[field] = NaN;
    this.#row.timeMs = NaN;
    this.#unread.length = 0;
    this.#unread.push(problem);
    const { layout } = this.#table.shape;
    const isNamed = layout.symbol === -1 && layout.series.length === 1;
    this.#add(isNamed ? (layout.series[0]!.symbol ?? this.#fallbackSymbol) : '', line);
  }

  #add(symbol: string, line: number): void {
    this.#origin.symbol = symbol;
    this.#place.line = line;
    this.#collector.add(this.#row, this.#origin);
    this.rows++;
  }
}

/** Whether a row is the header once more, perhaps after the byte order mark of another file. */
function isAgain(header: readonly string[], cells: readonly string[]): boolean {
  const last = header.length - 1;
  return cells[last] === header[last] && cells[0]!.replace(/^\uFEFF/, '') === header[0] && cells.join() !== '';
}

/** The time of a row as one text. */
function timeText({ layout: { time } }: TableShape, cells: readonly string[], clockDigits: number): string {
  const text = cells[time[0]!]!.trim();
  return time.length === 1 ? text : joinedTime(text, cells[time[1]!]!.trim(), clockDigits);
}

/** Finds out how the file is written, from its first lines and, where they leave it open, from all of it. */
async function openTable(path: string, dialect: FileDialect): Promise<OpenTable> {
  const head = await firstLines(path);
  if (head.every((line) => line.trim() === ''))
    throw new InputError(`${path}: the file is empty.`, 'Give a CSV file with bars.');
  if (/^\s*(\[\s*([[{]|$)|\{)/.test(head.find((line) => line.trim() !== '')!)) {
    throw new InputError(
      `${path}: JSON, in which no bars are read.`,
      'Write its rows as CSV or Parquet: time, open, high, low, close and volume, with a header.',
    );
  }
  const shape = tableShape(head, path, dialect);
  const { delimiter, firstLine, layout, width } = shape;
  const rows = head.slice(firstLine - 1).map((line) => splitRecord(line, delimiter));
  const isRow = ({ length }: readonly string[]): boolean => length === width || length === width + 1;
  const sample = rows.filter(isRow);
  const style = new NumberStyle(dialect.decimal);
  style.learn(
    sample.flatMap((cells) => layout.series.flatMap((fields) => VALUES.map((field) => cells[fields[field]] ?? ''))),
  );
  const [at, clockAt] = layout.time as [number, number?];
  const clockOf = (cells: readonly string[]): string => (clockAt === undefined ? '' : (cells[clockAt] ?? '').trim());
  const chosen = await chooseTimes({
    path,
    firstRow: `line ${firstLine}`,
    dialect,
    isUtc: layout.isUtc ?? false,
    sample: (onTime) => sample.forEach((cells) => onTime(cells[at]!.trim(), clockOf(cells))),
    all: (onTime) =>
      readRecords(path, (cells) => isRow(cells) && onTime(cells[at]!.trim(), clockOf(cells)), {
        delimiter,
        fromLine: firstLine,
        onBroken: () => undefined,
      }),
  });
  return { shape, style, ...chosen };
}

/**
 * Adds the bars of a text file (plain, gzip or zip) to `collector`, which hears of rows that are wrong, and returns
 * what the file was taken for. Throws InputError for what is no bars file.
 */
export async function collectCsvBars(path: string, options: CollectOptions): Promise<FileReading> {
  const table = await openTable(path, options.dialect);
  const { delimiter, firstLine, layout } = table.shape;
  const rows = new CsvRows(path, table, options);
  await readRecords(path, (cells, line) => rows.take(cells, line), {
    onBroken: (problem, line) => rows.refuse(problem, line),
    delimiter,
    fromLine: firstLine,
  });
  if (rows.rows === 0) throw new InputError(`${path}: a header and no bars.`, 'Give a file with at least one bar.');
  const [first] = layout.series;
  return {
    namesSymbols: layout.symbol !== -1 || first!.symbol !== null,
    unit: writingOf(table.times.format.name, layout.time.length),
    zone: table.times.zone,
    hasVolume: first!.volume !== -1,
    volumeLike: layout.volumeLike ?? [],
  };
}
