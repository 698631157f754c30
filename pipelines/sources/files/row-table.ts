import type { RowPlace } from './row-fault.ts';

/**
 * One row of a file, as numbers: reused for every row, so that a million rows make no objects. What cannot be read is
 * NaN.
 */
export interface BarRow {
  timeMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

const COLUMNS = ['timeMs', 'open', 'high', 'low', 'close', 'volume'] as const;
const FIRST_ROWS = 1024;

function doubled<Column extends Float64Array | Uint32Array>(column: Column): Column {
  const larger = new (column.constructor as new (length: number) => Column)(column.length * 2);
  larger.set(column);
  return larger;
}

/**
 * Rows of all symbols in the order of the files, in one set of columns: a symbol costs an entry of a map and no arrays
 * of its own, so that what a file takes in memory grows with its size, whatever stands in its symbol column.
 */
export class RowTable {
  length = 0;
  readonly #symbols: string[] = [];
  readonly #indexOf = new Map<string, number>();
  /** Time of the last row of each symbol. */
  readonly #lastMs: number[] = [];
  #columns = COLUMNS.map(() => new Float64Array(FIRST_ROWS));
  #lines = new Float64Array(FIRST_ROWS);
  #symbolOf = new Uint32Array(FIRST_ROWS);
  /** From which row on the rows are of which file. */
  readonly #files: { readonly from: number; readonly place: RowPlace }[] = [];
  #order: { readonly rows: Uint32Array; readonly starts: Uint32Array } | null = null;

  get symbols(): string[] {
    return [...this.#symbols];
  }

  /** How many symbols there are. */
  get symbolCount(): number {
    return this.#symbols.length;
  }

  has(symbol: string): boolean {
    return this.#indexOf.has(symbol);
  }

  /** Adds a row and returns the time of the symbol's row before it; -Infinity where there is none. */
  push(symbol: string, row: BarRow, place: RowPlace): number {
    let index = this.#indexOf.get(symbol);
    if (index === undefined) {
      index = this.#symbols.push(symbol) - 1;
      this.#indexOf.set(symbol, index);
      this.#lastMs.push(-Infinity);
    }
    const at = this.length;
    if (at === this.#lines.length) {
      this.#columns = this.#columns.map(doubled);
      this.#lines = doubled(this.#lines);
      this.#symbolOf = doubled(this.#symbolOf);
    }
    for (let i = 0; i < COLUMNS.length; i++) this.#columns[i]![at] = row[COLUMNS[i]!];
    this.#lines[at] = place.line;
    this.#symbolOf[at] = index;
    if (this.#files.at(-1)?.place.file !== place.file) this.#files.push({ from: at, place: { ...place } });
    this.length++;
    this.#order = null;
    const lastMs = this.#lastMs[index]!;
    this.#lastMs[index] = row.timeMs;
    return lastMs;
  }

  /** Columns of one symbol in the order of the files: time stamp, open, high, low, close, volume. */
  columnsOf(symbol: string): Float64Array[] {
    if (this.#symbols.length === 1 && this.has(symbol))
      return this.#columns.map((column) => column.subarray(0, this.length));
    const rows = this.#rowsOf(symbol);
    return this.#columns.map((column) => Float64Array.from(rows, (row) => column[row]!));
  }

  /** Where the row at `at` among those of `symbol` stands. */
  placeOf(symbol: string, at: number): RowPlace {
    const row = this.#rowsOf(symbol)[at]!;
    const { place } = this.#files.findLast(({ from }) => from <= row)!;
    return { ...place, line: this.#lines[row]! };
  }

  /** The rows of a symbol, by a counting sort of all rows that is done once. */
  #rowsOf(symbol: string): Uint32Array {
    const { rows, starts } = (this.#order ??= this.#sorted());
    const index = this.#indexOf.get(symbol);
    return index === undefined ? rows.subarray(0, 0) : rows.subarray(starts[index]!, starts[index + 1]!);
  }

  #sorted(): { rows: Uint32Array; starts: Uint32Array } {
    const starts = new Uint32Array(this.#symbols.length + 1);
    for (let row = 0; row < this.length; row++) starts[this.#symbolOf[row]! + 1]!++;
    for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
    const next = starts.slice();
    const rows = new Uint32Array(this.length);
    for (let row = 0; row < this.length; row++) rows[next[this.#symbolOf[row]!]!++] = row;
    return { rows, starts };
  }
}
