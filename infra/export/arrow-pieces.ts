import {
  bool,
  Column,
  columnFromArray,
  float64,
  int64,
  tableFromColumns,
  tableToIPC,
  timestamp,
  TimeUnit,
  utf8,
  type Batch,
  type DataType,
} from '@uwdata/flechette';
import type { Cell, ColumnKind, ExportTable } from './export-table.ts';

const typeOf = (kind: ColumnKind): DataType => {
  if (kind === 'time') return timestamp(TimeUnit.MILLISECOND, 'UTC');
  if (kind === 'integer') return int64();
  if (kind === 'flag') return bool();
  return kind === 'text' ? utf8() : float64();
};

/** The least a batch holds: many small ones would make a reader slow. */
const BATCH_ROWS = 50_000;

/**
 * A table as an Arrow file (Feather 2), a batch of rows at a time. The library writes a table once it has all of its
 * batches: what is held is the bytes of the file, some ten a value, and never the rows.
 */
export async function* arrowPieces({ columns, portions }: ExportTable): AsyncGenerator<Uint8Array> {
  const types = columns.map(({ kind }) => typeOf(kind));
  const batches: Batch<unknown>[][] = types.map(() => []);
  const add = (rows: readonly (readonly Cell[])[]): void => {
    types.forEach((type, at) => {
      const values = rows.map((row) => row[at]!);
      batches[at]!.push(...columnFromArray(values, type).data);
    });
  };
  let held: (readonly Cell[])[] = [];
  for await (const rows of portions) {
    held = held.concat(rows);
    if (held.length < BATCH_ROWS) continue;
    add(held);
    held = [];
  }
  if (held.length > 0 || batches[0]!.length === 0) add(held);
  const table = tableFromColumns(columns.map(({ name }, at) => [name, new Column(batches[at]!, types[at]!)]));
  const pieces: Uint8Array[] = [];
  const sink = {
    write: (bytes: Uint8Array): void => void pieces.push(bytes),
    pad: (bytes: number): void => void pieces.push(new Uint8Array(bytes)),
    finish: (): null => null,
  };
  tableToIPC(table, { format: 'file', sink });
  yield* pieces;
}
