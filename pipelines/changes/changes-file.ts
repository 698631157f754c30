import { InputError } from '../../infra/errors.ts';
import { unmarkedCell } from '../../infra/export/csv-cell.ts';
import { parseDay, type Day } from '../calendars/day.ts';
import { readRecords } from '../sources/files/text-records.ts';

/** A symbol that is called otherwise from a day on, or that is traded no more. */
export type SymbolChange = {
  readonly symbol: string;
  /** First day under the new name, or the day of the final value. */
  readonly day: Day;
  /** File and line, for messages. */
  readonly where: string;
} & ({ readonly kind: 'renamed'; readonly to: string } | { readonly kind: 'delisted'; readonly value: number });

const FIELDS = ['symbol', 'date', 'change', 'to', 'value'] as const;

/**
 * Reads a CSV file of changes of symbols: `symbol, date, change (renamed or delisted), to, value`, in any order and
 * case. `to` is the new name, `value` what a unit is worth in the end. Ascending in time.
 * @throws InputError with file and line
 */
export async function readChangesFile(path: string): Promise<SymbolChange[]> {
  const changes: SymbolChange[] = [];
  let places: Map<string, number> | undefined;
  await readRecords(path, (cells, line) => {
    const where = `${path}, line ${line}`;
    if (places === undefined) {
      places = placesOf(cells, where);
      return;
    }
    const change = changeOf((field) => unmarkedCell((cells[places!.get(field)!] ?? '').trim()), where);
    const twice = changes.find((one) => one.symbol === change.symbol && one.day === change.day);
    if (twice !== undefined) throw new InputError(`${where}: ${change.symbol} changes twice that day.`, 'Keep one.');
    changes.push(change);
  });
  if (places === undefined) throw new InputError(`${path}: the file is empty.`, `A header holds ${FIELDS.join(', ')}.`);
  return changes.sort((a, b) => a.day - b.day);
}

function placesOf(cells: readonly string[], where: string): Map<string, number> {
  const names = cells.map((cell) =>
    cell
      .replace(/^\uFEFF/, '')
      .trim()
      .toLowerCase(),
  );
  const missing = FIELDS.find((field) => !names.includes(field));
  if (missing === undefined) return new Map(FIELDS.map((field) => [field, names.indexOf(field)]));
  throw new InputError(`${where}: no column ${missing}.`, `A header holds ${FIELDS.join(', ')}.`);
}

function changeOf(cell: (field: (typeof FIELDS)[number]) => string, where: string): SymbolChange {
  const symbol = cell('symbol');
  if (symbol === '') throw new InputError(`${where}: symbol is empty.`, 'Name the symbol of every row.');
  const day = parseDay(cell('date'));
  if (day === undefined) throw new InputError(`${where}: date is ${JSON.stringify(cell('date'))}.`, 'Use YYYY-MM-DD.');
  const kind = cell('change').toLowerCase();
  if (kind === 'renamed') {
    const to = cell('to');
    if (to === '' || to === symbol) throw new InputError(`${where}: to names no other symbol.`, 'Name the new one.');
    return { kind, symbol, day, where, to };
  }
  if (kind !== 'delisted') {
    throw new InputError(`${where}: change is ${JSON.stringify(cell('change'))}.`, 'Use renamed or delisted.');
  }
  const text = cell('value');
  const value = text === '' ? NaN : Number(text);
  if (value >= 1e-18 && value <= 1e18) return { kind, symbol, day, where, value };
  const remedy = 'Write what a unit is worth in the end: the price of a takeover, or 0.0001 for nothing.';
  throw new InputError(`${where}: value is ${JSON.stringify(text)}, not a number above 0.`, remedy);
}
