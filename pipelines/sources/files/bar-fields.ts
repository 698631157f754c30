import { InputError } from '../../../infra/errors.ts';

/** Columns of a bars file, by position; -1 where the optional symbol column is absent. */
export interface BarFields {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly symbol: number;
}

/** Names each field goes by, best first: where a file has two of them, the earlier one is meant. */
const NAMES: Readonly<Record<keyof BarFields, readonly string[]>> = {
  time: ['time', 'timestamp', 'datetime', 'date', 't'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c'],
  volume: ['volume', 'vol', 'v'],
  symbol: ['symbol', 'ticker', 's'],
};

/** A bars file has its six columns and perhaps hundreds of others; more is no header. */
const COLUMNS_MAX = 10_000;

const REQUIRED = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

function positionOf(header: readonly string[], field: keyof BarFields, where: string): number {
  for (const name of NAMES[field]) {
    const at = header.indexOf(name);
    if (at === -1) continue;
    if (header.indexOf(name, at + 1) !== -1) {
      throw new InputError(`${where}: the header names the column "${name}" twice.`, 'Keep one of them.');
    }
    return at;
  }
  return -1;
}

/**
 * Finds the columns of a bars file, in any order and case. Throws InputError that names what is missing and what there
 * is.
 */
export function findBarFields(columns: readonly string[], where: string): BarFields {
  if (columns.length > COLUMNS_MAX) {
    throw new InputError(
      `${where}: the header has ${columns.length} columns, and ${COLUMNS_MAX} are the most.`,
      'Check that its first line is a header; leave out columns that are no bars.',
    );
  }
  const header = columns.map((name) => name.trim().toLowerCase());
  const at = (field: keyof BarFields): number => positionOf(header, field, where);
  const fields: BarFields = {
    time: at('time'),
    open: at('open'),
    high: at('high'),
    low: at('low'),
    close: at('close'),
    volume: at('volume'),
    symbol: at('symbol'),
  };
  const missing = REQUIRED.filter((field) => fields[field] === -1);
  if (missing.length > 0) {
    const shown = columns
      .map((name) => name.trim().slice(0, 40))
      .join(', ')
      .slice(0, 200);
    throw new InputError(
      `${where}: missing ${missing.length === 1 ? 'column' : 'columns'} ${missing.join(', ')}; the file has: ${JSON.stringify(shown)}.`,
      'The header must hold time (or date, timestamp), open, high, low, close and volume, in any order.',
    );
  }
  return fields;
}
