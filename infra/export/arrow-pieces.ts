import {
  Batch,
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
  type DataType,
  type Table,
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

/** What a file begins with, to a multiple of eight bytes, and what a stream ends with (Arrow columnar format, IPC). */
const MAGIC = new Uint8Array([...Buffer.from('ARROW1'), 0, 0]);
const END_OF_STREAM_BYTES = 8;

/**
 * A table as an Arrow file (Feather 2), a batch of rows at a time, of which one is held. The library writes whole
 * tables only: each batch is a stream of its own here, without the head and the end that all have in common. The
 * footer, which says where each batch lies, is that of the whole table, written again from batches of the same sizes
 * that hold nothing.
 */
export async function* arrowPieces({ columns, portions }: ExportTable): AsyncGenerator<Uint8Array> {
  const types = columns.map(({ kind }) => typeOf(kind));
  const tableOf = (batches: readonly Batch<unknown>[][]): Table =>
    tableFromColumns(columns.map(({ name }, at) => [name, new Column(batches[at]!, types[at]!)]));
  const head = tableToIPC(tableOf(types.map(() => [])), { format: 'stream' })!.subarray(0, -END_OF_STREAM_BYTES);
  yield MAGIC;
  yield head;
  let written = MAGIC.length + head.length;
  const sizes: BatchSize[][] = types.map(() => []);
  for await (const rows of batchesOf(portions)) {
    const batches = types.map((type, at) => [columnOf(type, rows, at)]);
    batches.forEach(([batch], at) => sizes[at]!.push(sizeOf(batch!)));
    const piece = tableToIPC(tableOf(batches), { format: 'stream' })!.subarray(head.length, -END_OF_STREAM_BYTES);
    written += piece.length;
    yield piece;
  }
  yield* endOf(tableOf(blanks(sizes)), written);
}

/** Portions as batches, of at least `BATCH_ROWS` but the last. */
async function* batchesOf(portions: ExportTable['portions']): AsyncGenerator<readonly (readonly Cell[])[]> {
  let held: (readonly Cell[])[] = [];
  for await (const rows of portions) {
    held = held.concat(rows);
    if (held.length < BATCH_ROWS) continue;
    yield held;
    held = [];
  }
  if (held.length > 0) yield held;
}

function columnOf(type: DataType, rows: readonly (readonly Cell[])[], at: number): Batch<unknown> {
  const [batch, ...others] = columnFromArray(
    rows.map((row) => row[at]!),
    type,
  ).data;
  if (batch === undefined || others.length > 0) throw new Error('a batch of an Arrow file is one batch a column');
  return batch;
}

/** How large a batch of a column is: its rows, and the bytes of each part that it has. */
interface BatchSize {
  readonly type: DataType;
  readonly length: number;
  readonly nullCount: number;
  readonly validityBytes: number;
  readonly offsetsBytes: number;
  readonly valuesBytes: number;
}

const sizeOf = ({ type, length, nullCount, validity, offsets, values }: Batch<unknown>): BatchSize => ({
  ...{ type, length, nullCount, validityBytes: validity.byteLength, valuesBytes: values.byteLength },
  offsetsBytes: (offsets as OffsetArray | undefined)?.byteLength ?? 0,
});

type OffsetArray = Batch<unknown>['offsets'];

/** Batches of these sizes over one piece of memory: what is in them does not count. */
function blanks(sizes: readonly (readonly BatchSize[])[]): Batch<unknown>[][] {
  let most = 0;
  for (const { validityBytes, offsetsBytes, valuesBytes } of sizes.flat())
    most = Math.max(most, validityBytes, offsetsBytes, valuesBytes);
  const memory = new ArrayBuffer(Math.ceil(most / 8) * 8);
  return sizes.map((column) =>
    column.map(({ validityBytes, offsetsBytes, valuesBytes, ...batch }) => {
      const [validity, values] = [validityBytes, valuesBytes].map((bytes) => new Uint8Array(memory, 0, bytes));
      return new Batch({ ...batch, validity, values, offsets: new Int32Array(memory, 0, offsetsBytes / 4) });
    }),
  );
}

/** What the file of a table has after its first `written` bytes: the end of its batches, and the footer. */
function endOf(table: Table, written: number): Uint8Array[] {
  let at = 0;
  const end: Uint8Array[] = [];
  const write = (bytes: Uint8Array): void => {
    if (at >= written) end.push(bytes);
    else if (at + bytes.length > written) throw new Error('an Arrow file is not as long as its batches');
    at += bytes.length;
  };
  const sink = { write, pad: (bytes: number): void => write(new Uint8Array(bytes)), finish: (): null => null };
  tableToIPC(table, { format: 'file', sink });
  return end;
}
