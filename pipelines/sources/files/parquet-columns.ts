import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parquetMetadataAsync, parquetRead } from 'hyparquet';
import type { AsyncBuffer, DecodedArray, FileMetaData, ParquetParsers, RowGroup, SchemaElement } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DAY_MS } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import type { SendItem } from '../../../infra/threads/thread-service.ts';
import { findBarFields, type BarFields } from './bar-fields.ts';
import { epochTimeMs, parseTimeMs } from './bar-time.ts';

/** Rows of one row group. What cannot be read is NaN, or the empty symbol. */
export interface ParquetBatch {
  /** Rows before them in the file. */
  readonly rowStart: number;
  /** Time stamp, open, high, low, close, volume. */
  readonly columns: readonly Float64Array[];
  /**
   * Symbols that no batch before had, and which of all of them each row is of; null for a file without a symbol column.
   */
  readonly symbols: { readonly added: readonly string[]; readonly of: Uint32Array } | null;
}

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

function timeOf(element: SchemaElement): (value: unknown) => number {
  if (isStamp(element)) return (value) => (typeof value === 'number' ? value : NaN);
  return (value) => {
    if (typeof value === 'bigint' || typeof value === 'number') return epochTimeMs(Number(value));
    return typeof value === 'string' ? parseTimeMs(value.trim()) : NaN;
  };
}

/** Numbers only: a null, a text or a boolean in a price column is NaN, which the collector tells of by name. */
const numberOf = (value: unknown): number =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;

/** One row group of the file as if it were all of it, so that no group costs a look at the others. */
interface Group {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly rows: number;
}

/** Calls `take` with each value of a column. It must not throw: nobody would hear of it. */
async function readColumn(group: Group, name: string, take: (value: unknown, row: number) => void): Promise<void> {
  const { file, metadata, rows } = group;
  let seen = 0;
  const onChunk = ({ columnData, rowStart }: { columnData: DecodedArray; rowStart: number }): void => {
    const length = Math.min(columnData.length, rows - rowStart);
    for (let i = 0; i < length; i++) take(columnData[i], rowStart + i);
    seen += length;
  };
  await parquetRead({ file, metadata, columns: [name], compressors, parsers: PARSERS, onChunk });
  if (seen !== rows) throw new Error(`column ${name} has ${seen} values for ${rows} rows`);
}

async function numbersOf(group: Group, name: string, parse: (value: unknown) => number): Promise<Float64Array> {
  const column = new Float64Array(group.rows);
  await readColumn(group, name, (value, row) => (column[row] = parse(value)));
  return column;
}

/** Numbers symbols in the order in which they appear in the file. */
class SymbolNumbers {
  readonly #numbers = new Map<string, number>();

  async read(group: Group, name: string): Promise<ParquetBatch['symbols']> {
    const added: string[] = [];
    const of = new Uint32Array(group.rows);
    await readColumn(group, name, (value, row) => {
      const symbol = typeof value === 'string' ? value.trim() : '';
      let number = this.#numbers.get(symbol);
      if (number === undefined) {
        number = this.#numbers.size;
        this.#numbers.set(symbol, number);
        added.push(symbol);
      }
      of[row] = number;
    });
    return { added, of };
  }
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

function requireFlat(columns: readonly SchemaElement[], fields: BarFields, path: string): void {
  for (const at of Object.values(fields) as number[]) {
    const element = columns[at];
    if (element === undefined) continue;
    if ((element.num_children ?? 0) > 0 || element.repetition_type === 'REPEATED') {
      throw new InputError(`${path}: column ${element.name} holds lists or groups.`, 'Write one value a row.');
    }
  }
}

async function readOpen(file: AsyncBuffer, path: string, send: SendItem<ParquetBatch>): Promise<void> {
  const metadata = await parquetMetadataAsync(file, { geoparquet: false });
  const columns = topLevel(metadata.schema);
  const names = columns.map(({ name }) => name);
  const fields = findBarFields(names, path);
  requireFlat(columns, fields, path);
  if (rowsOf(metadata.row_groups, path, file.byteLength) === 0) {
    throw new InputError(`${path}: columns and no bars.`, 'Give a file with at least one bar.');
  }
  const parseTime = timeOf(columns[fields.time]!);
  const symbolNumbers = new SymbolNumbers();
  let rowStart = 0;
  for (const rowGroup of metadata.row_groups) {
    const group = { file, metadata: { ...metadata, row_groups: [rowGroup] }, rows: Number(rowGroup.num_rows) };
    const read = [await numbersOf(group, names[fields.time]!, parseTime)];
    for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) {
      read.push(await numbersOf(group, names[fields[field]]!, numberOf));
    }
    const symbols = fields.symbol === -1 ? null : await symbolNumbers.read(group, names[fields.symbol]!);
    const transfer = [...read, ...(symbols === null ? [] : [symbols.of])].map(({ buffer }) => buffer as ArrayBuffer);
    await send({ rowStart, columns: read, symbols }, transfer);
    rowStart += group.rows;
  }
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
export async function readParquetColumns(path: string, send: SendItem<ParquetBatch>): Promise<void> {
  const file = openSync(path, 'r');
  try {
    await readOpen(fileBuffer(file, fstatSync(file).size), path, send);
  } catch (error) {
    throw brokenFile(error);
  } finally {
    closeSync(file);
  }
}
