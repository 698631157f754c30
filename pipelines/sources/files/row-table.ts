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
  /** What the clock that the time was written by showed less UTC, in minutes. */
  offsetMinutes: number;
}

const COLUMNS = ['timeMs', 'open', 'high', 'low', 'close', 'volume'] as const;
const FIRST_ROWS = 1024;

function doubled<Column extends Float64Array | Uint32Array | Int16Array>(column: Column): Column {
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
  #columns = COLUMNS.map(() => new Float64Array(FIRST_ROWS));
  #lines = new Float64Array(FIRST_ROWS);
  /** Of all rows, once one was not written in UTC. */
  #offsets: Int16Array | null = null;
  #symbolOf = new Uint32Array(FIRST_ROWS);
  /** From which row on the rows are of which file. */
  readonly #files: { readonly from: number; readonly place: RowPlace }[] = [];
  #order: { readonly rows: Uint32Array; readonly starts: Uint32Array } | null = null;
  /** Rows of a symbol in another order than they came in, by symbol. */
  readonly #reordered = new Map<string, Uint32Array>();

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

  /** Adds a row. */
  push(symbol: string, row: BarRow, place: RowPlace): void {
    let index = this.#indexOf.get(symbol);
    if (index === undefined) {
      index = this.#symbols.push(symbol) - 1;
      this.#indexOf.set(symbol, index);
    }
    const at = this.length;
    if (at === this.#lines.length) {
      this.#columns = this.#columns.map(doubled);
      this.#lines = doubled(this.#lines);
      this.#symbolOf = doubled(this.#symbolOf);
      if (this.#offsets !== null) this.#offsets = doubled(this.#offsets);
    }
    for (let i = 0; i < COLUMNS.length; i++) this.#columns[i]![at] = row[COLUMNS[i]!];
    this.#lines[at] = place.line;
    this.#symbolOf[at] = index;
    if (this.#files.at(-1)?.place.file !== place.file) this.#files.push({ from: at, place: { ...place } });
    if (row.offsetMinutes !== 0) this.#offsets ??= new Int16Array(this.#lines.length);
    if (this.#offsets !== null) this.#offsets[at] = row.offsetMinutes;
    this.length++;
    this.#order = null;
  }

  /** Minutes that the clocks of a symbol's rows were from UTC; null where all are UTC. */
  offsetsOf(symbol: string): Int16Array | null {
    const offsets = this.#offsets;
    return offsets === null ? null : Int16Array.from(this.#rowsOf(symbol), (row) => offsets[row]!);
  }

  /** The rows of `symbol` with which the files begin, by place among its rows. */
  fileStarts(symbol: string): number[] {
    if (this.#files.length === 1) return [0];
    const rows = this.#rowsOf(symbol);
    const starts: number[] = [];
    let file = -1;
    rows.forEach((row, at) => {
      const of = this.#files.findLastIndex(({ from }) => from <= row);
      if (of !== file) starts.push(at);
      file = of;
    });
    return starts;
  }

  /** Puts the rows of `symbol` into another order: places among those there are. */
  reorder(symbol: string, order: Uint32Array): void {
    const rows = this.#rowsOf(symbol);
    this.#reordered.set(
      symbol,
      order.map((at) => rows[at]!),
    );
  }

  /** Columns of one symbol in the order of its rows: time stamp, open, high, low, close, volume. */
  columnsOf(symbol: string): Float64Array[] {
    if (this.#symbols.length === 1 && this.has(symbol) && !this.#reordered.has(symbol))
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
    const reordered = this.#reordered.get(symbol);
    if (reordered !== undefined) return reordered;
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
