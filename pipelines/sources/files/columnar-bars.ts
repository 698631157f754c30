import { stat } from 'node:fs/promises';
import { InputError } from '../../../infra/errors.ts';
import { runGuarded, ThreadLimitError, type ThreadLimits } from '../../../infra/threads/guarded-thread.ts';
import type { BarCollector, BarRow } from './bar-collector.ts';
import type { CollectOptions } from './csv-bars.ts';
import type { ColumnBatch, ColumnRequest } from '../columns/column-batch.ts';
import type { DialectOptions } from '../../dialects/file-dialect.ts';
import type { FileReading } from '../../dialects/file-reading.ts';
import { firstBytes } from '../../dialects/file-text.ts';

const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './columnar-thread.ts' : './columnar-thread.js',
  import.meta.url,
);

const MEGABYTE = 1e6;
/**
 * What a file may take to read. 1,000,000 bars in 12.5 MB take 1.6 s of computing, both sides, and 140 MB; they may
 * take 26 s and 1 GB. A small file made to do harm is ended in less than two seconds and 500 MB.
 */
const FREE = { computeMs: 1_000, memoryBytes: 200 * MEGABYTE };
const PER_BYTE = { computeMs: 2_000 / MEGABYTE, memoryBytes: 64 };

/** The kind of file that keeps columns apart, by its first bytes; null for any other. */
async function columnarFormat(path: string): Promise<ColumnRequest['format'] | null> {
  const head = Buffer.from(await firstBytes(path, 6)).toString('latin1');
  if (head.startsWith('FEA1')) {
    throw new InputError(
      `${path}: Feather of the first version, which nobody writes since 2020.`,
      'Write it again as Feather 2 (Arrow), Parquet or CSV.',
    );
  }
  return head.startsWith('PAR1') ? 'parquet' : head === 'ARROW1' ? 'arrow' : null;
}

/** True for Parquet and Arrow (Feather) files. */
export async function isColumnar(path: string): Promise<boolean> {
  return (await columnarFormat(path)) !== null;
}

/** What reading a file of `bytes` may take; more than any file of bars of that size needs. */
function limitsFor(bytes: number): ThreadLimits {
  return {
    computeMs: FREE.computeMs + PER_BYTE.computeMs * bytes,
    memoryBytes: FREE.memoryBytes + PER_BYTE.memoryBytes * bytes,
  };
}

function unreadable(path: string, format: ColumnRequest['format'], cause: unknown): InputError {
  const kind = format === 'arrow' ? 'an Arrow' : 'a Parquet';
  if (cause instanceof ThreadLimitError) {
    const what = cause.limit === 'time' ? 'time' : 'memory';
    return new InputError(
      `${path}: reading it took more ${what} than ${kind} file of its size needs, and was ended: it is damaged.`,
      'Write it again, or give a CSV file.',
      cause,
    );
  }
  return new InputError(
    `${path}: not a readable ${kind.replace(/^an? /, '')} file (${(cause as Error).message}).`,
    'Write it again.',
    cause,
  );
}

/** Gives the rows of the batches to `collector`. */
class ColumnarRows {
  readonly #fallbackSymbol: string;
  readonly #collector: BarCollector;
  readonly #symbols: string[] = [];
  // Reused for every row.
  readonly #row: BarRow = { timeMs: 0, open: 0, high: 0, low: 0, close: 0, volume: 0, offsetMinutes: 0 };
  readonly #place: { file: string; line: number; unit: 'row' };
  reading: FileReading | null = null;

  constructor(path: string, { fallbackSymbol, collector }: Pick<CollectOptions, 'fallbackSymbol' | 'collector'>) {
    this.#fallbackSymbol = fallbackSymbol;
    this.#collector = collector;
    this.#place = { file: path, line: 0, unit: 'row' };
  }

  take({ rowStart, columns, offsets, symbols, reading }: ColumnBatch): void {
    const [time, open, high, low, close, volume] = columns as [Float64Array, ...Float64Array[]];
    const row = this.#row;
    this.reading = reading;
    if (symbols !== null) for (const symbol of symbols.added) this.#symbols.push(symbol);
    for (let i = 0; i < time.length; i++) {
      this.#place.line = rowStart + i + 1;
      row.timeMs = time[i]!;
      row.open = open![i]!;
      row.high = high![i]!;
      row.low = low![i]!;
      row.close = close![i]!;
      row.volume = volume![i]!;
      row.offsetMinutes = offsets?.[i] ?? 0;
      const symbol = symbols === null ? this.#fallbackSymbol : this.#symbols[symbols.of[i]!]!;
      const unread = Number.isFinite(row.timeMs) && symbol !== '' ? NONE : this.#unread(symbol);
      this.#collector.add(row, { symbol, place: this.#place, unread });
    }
  }

  #unread(symbol: string): string[] {
    const unread: string[] = [];
    if (!Number.isFinite(this.#row.timeMs)) {
      this.#row.timeMs = NaN;
      unread.push('time is missing or not a time');
    }
    if (symbol === '') unread.push('symbol is empty');
    return unread;
  }
}

const NONE: readonly string[] = [];

/**
 * Adds the bars of a Parquet or Arrow file to `collector`, one row group in memory at a time. A thread reads the file
 * and is ended where that takes more time or memory than a file of its size needs. Rows of a file without a symbol
 * column belong to `fallbackSymbol`; `collector` hears of rows that are wrong. Throws InputError for what is no bars
 * file. Returns what the file was taken for.
 */
export async function collectColumnarBars(
  path: string,
  options: Pick<CollectOptions, 'fallbackSymbol' | 'collector'> & { readonly raw: DialectOptions },
): Promise<FileReading> {
  const { size } = await stat(path);
  const format = (await columnarFormat(path))!;
  const rows = new ColumnarRows(path, options);
  const onItem = (batch: ColumnBatch): void => rows.take(batch);
  const { columns, timeFormat, timezone } = options.raw;
  const request: ColumnRequest = { path, format, dialect: { columns, timeFormat, timezone } };
  try {
    await runGuarded({ module: THREAD, request, limits: limitsFor(size), onItem });
  } catch (cause) {
    throw cause instanceof InputError ? cause : unreadable(path, format, cause);
  }
  return rows.reading!;
}
