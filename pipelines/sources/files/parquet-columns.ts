import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parquetMetadataAsync, parquetRead } from 'hyparquet';
import type { AsyncBuffer, DecodedArray, FileMetaData, ParquetParsers, RowGroup, SchemaElement } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DAY_MS } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import type { SendItem } from '../../../infra/threads/thread-service.ts';
import { decimalReader, withoutDecimals } from './parquet-decimals.ts';
import { parseDialect } from '../../dialects/file-dialect.ts';
import type { BarLayout } from '../../dialects/bar-layout.ts';
import type { ColumnBatch, ColumnRequest } from '../columns/column-batch.ts';
import { columnLayout, sendBars } from '../columns/column-file.ts';

/** A bar takes some ten bytes: a file that claims more rows than this has been altered. */
const ROWS_FREE = 200_000;
const ROWS_PER_BYTE_MAX = 4;

/** Numbers instead of `Date` objects: half the time of a file. */
const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (ms) => Number(ms),
  timestampFromMicroseconds: (micros) => Number(micros / 1000n),
  timestampFromNanoseconds: (nanos) => Number(nanos / 1_000_000n),
  dateFromDays: (days) => days * DAY_MS,
};

/** Reads pieces of an open file at once, and none outside it. */
function fileBuffer(file: number, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    slice: (start, end = byteLength) => {
      if (!(start >= 0 && start <= end && end <= byteLength))
        throw new Error(`it names bytes ${start} to ${end} of ${byteLength}`);
      const bytes = new Uint8Array(end - start);
      let at = 0;
      while (at < bytes.length) {
        const read = readSync(file, bytes, at, bytes.length - at, start + at);
        if (read === 0) throw new Error('it became shorter while it was read');
        at += read;
      }
      return bytes.buffer;
    },
  };
}

/** The columns of the file's table: those inside a group belong to its column. */
function topLevel(schema: readonly SchemaElement[]): SchemaElement[] {
  const columns: SchemaElement[] = [];
  for (let at = 1; at < schema.length;) {
    columns.push(schema[at]!);
    for (let inside = 1; inside > 0 && at < schema.length; at++) inside += (schema[at]!.num_children ?? 0) - 1;
  }
  return columns;
}

const isStamp = ({ type, converted_type: converted, logical_type: logical }: SchemaElement): boolean =>
  converted === 'DATE' ||
  converted?.startsWith('TIMESTAMP') === true ||
  logical?.type === 'TIMESTAMP' ||
  (type === 'INT96' && converted === undefined);

/** Stamps that are not said to be moments of UTC are what a clock showed; dates always are. */
function kindOf(element: SchemaElement): 'utc' | 'local' | 'values' {
  if (!isStamp(element)) return 'values';
  const { converted_type: converted, logical_type: logical } = element;
  if (converted === 'DATE') return 'local';
  return logical?.type === 'TIMESTAMP' && !logical.isAdjustedToUTC ? 'local' : 'utc';
}

/** One row group of the file as if it were all of it, so that no group costs a look at the others. */
interface Group {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly rows: number;
}

/** Calls `take` with each value of a column. It must not throw: nobody would hear of it. */
async function readColumn(
  group: Group,
  element: SchemaElement,
  take: (value: unknown, row: number) => void,
): Promise<void> {
  const { file, metadata, rows } = group;
  const { name } = element;
  const decimal = decimalReader(element);
  let seen = 0;
  const onChunk = ({ columnData, rowStart }: { columnData: DecodedArray; rowStart: number }): void => {
    const length = Math.min(columnData.length, rows - rowStart);
    for (let i = 0; i < length; i++) {
      take(decimal === null ? columnData[i] : decimal(columnData[i]), rowStart + i);
    }
    seen += length;
  };
  // Bytes of a decimal are no text.
  const utf8 = decimal === null;
  await parquetRead({ file, metadata, columns: [name], compressors, parsers: PARSERS, onChunk, utf8 });
  if (seen !== rows) throw new Error(`column ${name} has ${seen} values for ${rows} rows`);
}

function rowsOf(groups: readonly RowGroup[], path: string, bytes: number): number {
  const total = groups.reduce((sum, { num_rows: rows }) => sum + Number(rows), 0);
  const isPossible = groups.every(({ num_rows: rows }) => rows >= 0) && total <= ROWS_FREE + ROWS_PER_BYTE_MAX * bytes;
  if (isPossible) return total;
  throw new InputError(
    `${path}: it claims ${total} rows in ${bytes} bytes, which no file of bars holds.`,
    'Write it again, or give a CSV file.',
  );
}

function requireFlat(columns: readonly SchemaElement[], layout: BarLayout, path: string): void {
  const { open, high, low, close, volume } = layout.series[0]!;
  for (const at of [...layout.time, layout.symbol, open, high, low, close, volume]) {
    const element = columns[at];
    if (element === undefined) continue;
    if ((element.num_children ?? 0) > 0 || element.repetition_type === 'REPEATED') {
      throw new InputError(`${path}: column ${element.name} holds lists or groups.`, 'Write one value a row.');
    }
  }
}

async function readOpen(
  file: AsyncBuffer,
  { path, dialect: raw }: ColumnRequest,
  send: SendItem<ColumnBatch>,
): Promise<void> {
  const metadata = await parquetMetadataAsync(file, { geoparquet: false });
  const columns = topLevel(metadata.schema);
  const names = columns.map(({ name }) => name);
  rowsOf(metadata.row_groups, path, file.byteLength);
  const stored = withoutDecimals(metadata);
  const groups = metadata.row_groups.map((rowGroup) => {
    const group = { file, metadata: { ...stored, row_groups: [rowGroup] }, rows: Number(rowGroup.num_rows) };
    const read = (at: number, take: (value: unknown, row: number) => void): Promise<void> =>
      readColumn(group, columns[at]!, take);
    return { rows: group.rows, read };
  });
  const table = { path, names, kindOf: (at: number) => kindOf(columns[at]!), groups };
  const dialect = parseDialect(raw);
  const layout = await columnLayout(table, dialect);
  requireFlat(columns, layout, path);
  await sendBars(table, layout, dialect, send);
}

/** The library checks little of what it reads: most altered files end in an error about values that are not there. */
function brokenFile(error: unknown): unknown {
  const isStray = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  return isStray ? new Error('its structure is broken', { cause: error }) : error;
}

/**
 * Sends the bars of a Parquet file, one row group at a time. Throws InputError for what is no bars file, and whatever
 * the library throws for what is no Parquet file. A file made to do harm may keep it busy for ever or fill the memory:
 * for a guarded thread only.
 */
export async function readParquetColumns(request: ColumnRequest, send: SendItem<ColumnBatch>): Promise<void> {
  const file = openSync(request.path, 'r');
  try {
    await readOpen(fileBuffer(file, fstatSync(file).size), request, send);
  } catch (error) {
    throw brokenFile(error);
  } finally {
    closeSync(file);
  }
}
