import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import type { FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { InputError } from '../../infra/errors.ts';
import type { BarCollector, BarRow } from './bar-collector.ts';
import type { BarFields } from './bar-fields.ts';
import { findBarFields } from './bar-fields.ts';
import { epochTimeMs, parseTimeMs } from './bar-time.ts';
import { firstBytes } from './text-records.ts';

/** True where a file begins as Parquet files do. */
export async function isParquet(path: string): Promise<boolean> {
  return Buffer.from(await firstBytes(path, 4)).toString('latin1') === 'PAR1';
}

function toTimeMs(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint' || typeof value === 'number') return epochTimeMs(Number(value));
  return typeof value === 'string' ? parseTimeMs(value.trim()) : NaN;
}

/** Numbers only: a null, a text or a boolean in a price column is NaN, which the collector tells of by name. */
function toNumber(value: unknown): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;
}

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

interface ParquetTable {
  readonly names: readonly string[];
  readonly fields: BarFields;
  readonly fallbackSymbol: string;
  readonly collector: BarCollector;
  /** Reused for every row. */
  readonly row: BarRow;
  readonly place: { file: string; line: number; unit: 'row' };
}

function addRow(table: ParquetTable, record: Record<string, unknown>, at: number): void {
  const { names, fields, place, collector, row } = table;
  place.line = at + 1;
  const unread: string[] = [];
  row.timeMs = toTimeMs(record[names[fields.time]!]);
  if (!Number.isFinite(row.timeMs)) {
    row.timeMs = NaN;
    unread.push('time is missing or not a time');
  }
  for (const field of FIELDS) row[field] = toNumber(record[names[fields[field]]!]);
  const named = fields.symbol === -1 ? table.fallbackSymbol : record[names[fields.symbol]!];
  const symbol = typeof named === 'string' ? named.trim() : '';
  if (symbol === '') unread.push('symbol is empty');
  collector.add(row, { symbol, place, unread });
}

function unreadable(path: string, cause: unknown): InputError {
  return new InputError(
    `${path}: not a readable Parquet file (${(cause as Error).message}).`,
    'Write it again.',
    cause,
  );
}

async function openParquet(
  path: string,
): Promise<{ file: Awaited<ReturnType<typeof asyncBufferFromFile>>; metadata: FileMetaData }> {
  try {
    const file = await asyncBufferFromFile(path);
    return { file, metadata: await parquetMetadataAsync(file) };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * Adds the bars of a Parquet file to `collector`, one row group in memory at a time. Rows of a file without a symbol column belong to
 * `fallbackSymbol`; `collector` hears of rows that are wrong. Throws InputError for what is no bars file. Returns whether the file names its symbols.
 */
export async function collectParquetBars(
  path: string,
  fallbackSymbol: string,
  collector: BarCollector,
): Promise<boolean> {
  const { file, metadata } = await openParquet(path);
  const names = metadata.schema.slice(1).map((element) => element.name);
  const fields = findBarFields(names, path);
  const row: BarRow = { timeMs: 0, open: 0, high: 0, low: 0, close: 0, volume: 0 };
  const place = { file: path, line: 0, unit: 'row' as const };
  const table: ParquetTable = { names, fields, fallbackSymbol, collector, row, place };
  const columns = Object.values(fields)
    .filter((at) => at !== -1)
    .map((at) => names[at]!);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const records = await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors }).catch(
      (cause: unknown) => {
        throw unreadable(path, cause);
      },
    );
    records.forEach((record, i) => addRow(table, record, rowStart + i));
    rowStart = rowEnd;
  }
  if (rowStart === 0) throw new InputError(`${path}: columns and no bars.`, 'Give a file with at least one bar.');
  return fields.symbol !== -1;
}
