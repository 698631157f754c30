import { readFileSync } from 'node:fs';
import { CompressionType, setCompressionCodec, tableFromIPC, Type, type DataType } from '@uwdata/flechette';
import { decompress as decodeZstd } from 'fzstd';
import type { SendItem } from '../../../infra/threads/thread-service.ts';
import { parseDialect } from '../../dialects/file-dialect.ts';
import { columnLayout, sendBars, type ColumnFile } from './column-file.ts';
import { decodeLz4Frame } from './lz4-frame.ts';
import type { ColumnBatch, ColumnRequest } from './column-batch.ts';

/** What the library is not asked to do: files are only read. */
function neverEncodes(): never {
  throw new Error('bars are not written as Arrow');
}

setCompressionCodec(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame, encode: neverEncodes });
setCompressionCodec(CompressionType.ZSTD, {
  // A copy begins at a multiple of eight bytes, as columns of doubles have to.
  decode: (bytes) => decodeZstd(bytes).slice(),
  encode: neverEncodes,
});

/** A timestamp with a zone is a moment; one without is what a clock showed, and so is a date. */
function kindOf(type: DataType): 'utc' | 'local' | 'values' {
  if (type.typeId === Type.Date) return 'local';
  if (type.typeId !== Type.Timestamp) return 'values';
  const { timezone } = type as { readonly timezone?: string | null };
  return timezone === null || timezone === undefined || timezone === '' ? 'local' : 'utc';
}

/**
 * Sends the bars of an Arrow file (Feather), as one group. Throws InputError for what is no bars file, and whatever the
 * library throws for what is no Arrow file. For a guarded thread only, like Parquet.
 */
export async function readArrowColumns(request: ColumnRequest, send: SendItem<ColumnBatch>): Promise<void> {
  const { path } = request;
  const dialect = parseDialect(request.dialect);
  const table = tableFromIPC(readFileSync(path), { useBigInt: true });
  const fields = table.schema.fields as readonly { readonly name: string; readonly type: DataType }[];
  const read = (at: number, take: (value: unknown, row: number) => void): void => {
    let row = 0;
    // A fraction of a millisecond is less than any bar.
    const isStamp = kindOf(fields[at]!.type) !== 'values';
    for (const value of table.getChildAt(at) as Iterable<unknown>) {
      take(isStamp && typeof value === 'number' ? Math.floor(value) : value, row++);
    }
  };
  const file: ColumnFile = {
    path,
    names: fields.map(({ name }) => name),
    kindOf: (at) => kindOf(fields[at]!.type),
    groups: [{ rows: table.numRows, read }],
  };
  await sendBars(file, await columnLayout(file, dialect), dialect, send);
}
