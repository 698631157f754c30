import { InputError } from '../../infra/errors.ts';
import { isoDay, parseDay, type Day } from '../calendars/day.ts';
import { parseTimeMs } from '../sources/files/bar-time.ts';
import { unmarkedCell } from '../../infra/export/csv-cell.ts';
import { readRecords } from '../sources/files/text-records.ts';
import type { CorporateAction } from './corporate-action.ts';
import { isSameAmount } from './same-amount.ts';

const REQUIRED = ['symbol', 'type', 'exdate'] as const;
const KNOWN = [...REQUIRED, 'ratio', 'amount', 'knownat'] as const;
type Field = (typeof KNOWN)[number];

interface Row {
  readonly cells: readonly string[];
  readonly fields: ReadonlyMap<Field, number>;
  readonly where: string;
}

const cell = ({ cells, fields }: Row, field: Field): string => cells[fields.get(field) ?? -1]?.trim() ?? '';

function fieldsOf(header: readonly string[], path: string): Map<Field, number> {
  const names = header.map((name) => name.trim().toLowerCase());
  const fields = new Map<Field, number>();
  for (const field of KNOWN) if (names.includes(field)) fields.set(field, names.indexOf(field));
  const missing = REQUIRED.filter((field) => !fields.has(field));
  if (missing.length === 0 && (fields.has('ratio') || fields.has('amount'))) return fields;
  throw new InputError(
    `${path}: the header holds ${JSON.stringify(header.join(',').slice(0, 200))}.`,
    'It must hold symbol, type (split or dividend), exDate, and ratio or amount; knownAt is optional.',
  );
}

function valueOf(row: Row, kind: CorporateAction['kind']): number {
  const field = kind === 'split' ? 'ratio' : 'amount';
  const text = cell(row, field);
  const [shares, per, ...more] = text.split(':');
  const value =
    kind === 'split' && per !== undefined && more.length === 0 ? Number(shares) / Number(per) : Number(text);
  if (text !== '' && value > 0 && value < Infinity) return value;
  throw new InputError(
    `${row.where}: ${field} is ${JSON.stringify(text)}.`,
    kind === 'split'
      ? 'Write new shares per old share: 2 or 2:1 for two for one, 0.1 or 1:10 for one for ten.'
      : 'Write the cash per share as a number above 0.',
  );
}

function exDayOf(row: Row): Day {
  const text = cell(row, 'exdate');
  const day = parseDay(text);
  if (day === undefined) throw new InputError(`${row.where}: exDate is ${JSON.stringify(text)}.`, 'Use YYYY-MM-DD.');
  return day;
}

function knownAtOf(row: Row): number | null {
  const text = cell(row, 'knownat');
  if (text === '') return null;
  const timeMs = parseTimeMs(text);
  if (Number.isFinite(timeMs)) return timeMs;
  throw new InputError(`${row.where}: knownAt is ${JSON.stringify(text)}.`, 'Use ISO 8601 in UTC, or leave it empty.');
}

function parseAction(row: Row): CorporateAction {
  const kind = cell(row, 'type').toLowerCase();
  if (kind !== 'split' && kind !== 'dividend') {
    throw new InputError(`${row.where}: type is ${JSON.stringify(cell(row, 'type'))}.`, 'Use split or dividend.');
  }
  return { kind, exDay: exDayOf(row), value: valueOf(row, kind), knownAtMs: knownAtOf(row) };
}

/**
 * Two dividends of one ex-date, a regular and a special one, are their sum, known when both are. The same amount twice
 * is a row that was copied, or might be one.
 */
function merged(known: CorporateAction, action: CorporateAction, where: string): CorporateAction {
  if (action.kind === 'split') {
    throw new InputError(`${where}: a second split on ${isoDay(action.exDay)}.`, 'Write one split with their product.');
  }
  if (isSameAmount(known.value, action.value)) {
    throw new InputError(
      `${where}: the dividend of ${action.value} on ${isoDay(action.exDay)} a second time.`,
      'Remove the row; if both were paid, write one with their sum.',
    );
  }
  const both = known.knownAtMs !== null && action.knownAtMs !== null;
  const knownAtMs = both ? Math.max(known.knownAtMs!, action.knownAtMs!) : (known.knownAtMs ?? action.knownAtMs);
  return { ...action, value: known.value + action.value, knownAtMs };
}

/**
 * Reads a CSV file of corporate actions: `symbol, type, exDate, ratio | amount, knownAt`, in any order and case; other
 * columns are passed over. By symbol. Throws InputError with file and line.
 */
export async function readActionsFile(path: string): Promise<Map<string, CorporateAction[]>> {
  const bySymbol = new Map<string, Map<string, CorporateAction>>();
  let fields: Map<Field, number> | undefined;
  await readRecords(path, (cells, line) => {
    if (fields === undefined) {
      fields = fieldsOf(cells, path);
      return;
    }
    const row: Row = { cells, fields, where: `${path}, line ${line}` };
    const symbol = unmarkedCell(cell(row, 'symbol'));
    if (symbol === '') throw new InputError(`${row.where}: symbol is empty.`, 'Name the symbol of every row.');
    const action = parseAction(row);
    const own = bySymbol.get(symbol) ?? new Map<string, CorporateAction>();
    const key = `${action.kind} ${action.exDay}`;
    const known = own.get(key);
    own.set(key, known === undefined ? action : merged(known, action, row.where));
    bySymbol.set(symbol, own);
  });
  if (fields === undefined) throw new InputError(`${path}: the file is empty.`, 'Give a CSV file with a header.');
  return new Map([...bySymbol].map(([symbol, own]) => [symbol, [...own.values()]]));
}
