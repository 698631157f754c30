import { InputError } from '../../infra/errors.ts';
import type { BarCollector, BarRow } from './bar-collector.ts';
import type { BarFields } from './bar-fields.ts';
import { findBarFields } from './bar-fields.ts';
import { parseTimeMs } from './bar-time.ts';
import { readRecords } from './text-records.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function parseNumber(cells: readonly string[], at: number, field: string, where: () => string): number {
  const text = cells[at]!;
  if (NUMBER.test(text)) return Number(text);
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return Number(trimmed);
  const found = trimmed === '' ? 'is empty' : `is ${JSON.stringify(trimmed.slice(0, 40))}, not a finite number`;
  throw new InputError(
    `${where()}: ${field} ${found}.`,
    'Every bar needs its time, four prices and a volume (0 where there is none).',
  );
}

function parseTime(text: string, where: () => string): number {
  const timeMs = parseTimeMs(text.trim());
  if (Number.isFinite(timeMs)) return timeMs;
  const found = text.trim() === '' ? 'is empty' : `${JSON.stringify(text.trim().slice(0, 40))} is not a time`;
  throw new InputError(`${where()}: time ${found}.`, 'Use ISO 8601 in UTC, a date, or epoch seconds or milliseconds.');
}

function parseSymbol(cells: readonly string[], fields: BarFields, fallback: string, where: () => string): string {
  if (fields.symbol === -1) return fallback;
  const symbol = cells[fields.symbol]!.trim();
  if (symbol === '') throw new InputError(`${where()}: symbol is empty.`, 'Name the symbol of every row.');
  return symbol;
}

/**
 * Adds the bars of a CSV file (plain or gzip) to `collector`. Rows of a file without a symbol column belong to `fallbackSymbol`.
 * Throws InputError with file and line. Returns whether the file names its symbols.
 */
export async function collectCsvBars(path: string, fallbackSymbol: string, collector: BarCollector): Promise<boolean> {
  let fields: BarFields | undefined;
  let width = 0;
  let rows = 0;
  let at = 0;
  // One closure for the file: one per row costs half a second per million rows.
  const where = (): string => `${path}, line ${at}`;
  const row: BarRow = { timeMs: 0, open: 0, high: 0, low: 0, close: 0, volume: 0 };
  await readRecords(path, (cells, line) => {
    at = line;
    if (fields === undefined) {
      fields = findBarFields(cells, path);
      width = cells.length;
      return;
    }
    if (cells.length !== width) {
      throw new InputError(
        `${where()}: ${cells.length} cells where the header has ${width}.`,
        'Correct or remove the row.',
      );
    }
    row.timeMs = parseTime(cells[fields.time]!, where);
    row.open = parseNumber(cells, fields.open, 'open', where);
    row.high = parseNumber(cells, fields.high, 'high', where);
    row.low = parseNumber(cells, fields.low, 'low', where);
    row.close = parseNumber(cells, fields.close, 'close', where);
    row.volume = parseNumber(cells, fields.volume, 'volume', where);
    collector.add(parseSymbol(cells, fields, fallbackSymbol, where), row, where);
    rows++;
  });
  if (fields === undefined)
    throw new InputError(`${path}: the file is empty.`, 'Give a CSV file with a header and bars.');
  if (rows === 0) throw new InputError(`${path}: a header and no bars.`, 'Give a file with at least one bar.');
  return fields.symbol !== -1;
}
