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

/** Numbers only: a null, a text or a boolean in a price column is NaN, which the collector refuses by name. */
function toNumber(value: unknown): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;
}

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

interface ParquetTable {
  readonly path: string;
  readonly names: readonly string[];
  readonly fields: BarFields;
  readonly fallbackSymbol: string;
  readonly collector: BarCollector;
  /** Reused for every row. */
  readonly row: BarRow;
}

function addRow(table: ParquetTable, record: Record<string, unknown>, at: number): void {
  const { names, fields, path, collector, row } = table;
  const where = (): string => `${path}, row ${at + 1}`;
  row.timeMs = toTimeMs(record[names[fields.time]!]);
  if (!Number.isFinite(row.timeMs)) {
    throw new InputError(
      `${where()}: time is missing or not a time.`,
      'Use a timestamp, ISO 8601 text, or epoch seconds or milliseconds.',
    );
  }
  for (const field of FIELDS) row[field] = toNumber(record[names[fields[field]]!]);
  const symbol = fields.symbol === -1 ? table.fallbackSymbol : record[names[fields.symbol]!];
  if (typeof symbol !== 'string' || symbol.trim() === '') {
    throw new InputError(`${where()}: symbol is empty.`, 'Name the symbol of every row.');
  }
  collector.add(symbol.trim(), row, where);
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
 * `fallbackSymbol`. Throws InputError with file and row. Returns whether the file names its symbols.
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
  const table: ParquetTable = { path, names, fields, fallbackSymbol, collector, row };
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
