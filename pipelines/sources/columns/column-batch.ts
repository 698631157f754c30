import type { DialectOptions } from '../../dialects/file-dialect.ts';
import type { FileReading } from '../../dialects/file-reading.ts';

/** What a thread is asked to read. */
export interface ColumnRequest {
  readonly path: string;
  readonly format: 'parquet' | 'arrow';
  readonly dialect: DialectOptions;
}

/** Rows of one row group. What cannot be read is NaN, or the empty symbol. */
export interface ColumnBatch {
  /** What the file was taken for so far. */
  readonly reading: FileReading;
  /** Rows before them in the file. */
  readonly rowStart: number;
  /** Time stamp, open, high, low, close, volume. */
  readonly columns: readonly Float64Array[];
  /** Minutes that the clock of each row was from UTC; null where all are UTC. */
  readonly offsets: Int16Array | null;
  /**
   * Symbols that no batch before had, and which of all of them each row is of; null for a file without a symbol column.
   */
  readonly symbols: { readonly added: readonly string[]; readonly of: Uint32Array } | null;
}
