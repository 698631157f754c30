import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Cell, ColumnKind, ExportColumn, ExportTable } from './export-table.ts';

/** Rows of a group: what a reader has to take at once. */
const GROUP_ROWS = 50_000;

type Stored = Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>;
const STORED: Readonly<Record<ColumnKind, Stored>> = {
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  number: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  flag: { type: 'BOOLEAN' },
};

/** A table as Parquet (Snappy), a row group at a time. `about` is put into the file beside the rows. */
export async function* parquetPieces(
  { columns, portions }: ExportTable,
  about: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, kind }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...STORED[kind] })),
    ],
    kvMetadata: Object.entries(about).map(([key, value]) => ({ key, value })),
    createdBy: 'signalbox',
  });
  const take = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  let held: (readonly Cell[])[] = [];
  for await (const rows of portions) {
    held = held.concat(rows);
    if (held.length < GROUP_ROWS) continue;
    await addGroup(file, columns, held);
    held = [];
    yield take();
  }
  if (held.length > 0) await addGroup(file, columns, held);
  await file.finish();
  yield take();
}

async function addGroup(
  file: ParquetWriter,
  columns: readonly ExportColumn[],
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  const columnData = columns.map(({ name, kind }, at) => ({ name, data: rows.map((row) => stored(kind, row[at]!)) }));
  await file.write({ columnData, rowGroupSize: rows.length });
}

function stored(kind: ColumnKind, value: Cell): unknown {
  if (value === null) return null;
  return kind === 'time' || kind === 'integer' ? BigInt(value as number) : value;
}
