import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';

/** What a column may hold; `date` where date and time of day stand apart. */
const COLUMN_ROLES = ['time', 'date', 'open', 'high', 'low', 'close', 'volume', 'symbol'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** The columns that a user named: by position from 0, or by name; `none` says that there is no such column. */
export type ColumnChoice = Readonly<Partial<Record<ColumnRole, number | string>>>;

const REMEDY = `As in: time=0,open=1,high=2,low=3,close=4,volume=5, by position from 0 or by name; keys are ${COLUMN_ROLES.join(', ')}.`;

function valueOf(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** Reads `time=0,open=Kurs,...`. Throws InputError that names `key` for what is no such list. */
export function parseColumnChoice(text: string, key: string): ColumnChoice {
  return parseColumnRoles(text, key, { roles: COLUMN_ROLES, remedy: REMEDY });
}

/** The same for columns that hold something else. */
export function parseColumnRoles<Role extends string>(
  text: string,
  key: string,
  { roles, remedy }: { readonly roles: readonly Role[]; readonly remedy: string },
): Partial<Record<Role, number | string>> {
  const choice: Partial<Record<Role, number | string>> = {};
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    const role = pair.slice(0, Math.max(0, at)).trim().toLowerCase();
    const value = pair.slice(at + 1).trim();
    const known = roles.find((one) => one === role);
    if (at === -1 || value === '') throw new InputError(`${key}: ${JSON.stringify(pair)} names no column.`, remedy);
    if (known === undefined) {
      const nearest = nearestName(role, roles, Infinity);
      throw new InputError(`${key}: there is no ${JSON.stringify(role)}; did you mean ${nearest}?`, remedy);
    }
    if (choice[known] !== undefined) throw new InputError(`${key}: ${known} is given twice.`, 'Keep one of them.');
    choice[known] = valueOf(value);
  }
  return choice;
}

/** The positions that a choice means in a table of these columns; -1 for `none`. Throws InputError for others. */
export function chosenPosition(
  value: number | string,
  role: string,
  { names, width, where }: { readonly names: readonly string[] | null; readonly width: number; readonly where: string },
): number {
  if (value === 'none' && role !== 'time') return -1;
  if (typeof value === 'number') {
    if (value < width) return value;
    throw new InputError(
      `${where}: columns say that ${role} is column ${value}, and the file has ${width}.`,
      'Positions count from 0.',
    );
  }
  const wanted = value.trim().toLowerCase();
  const at = names?.findIndex((name) => name.trim().toLowerCase() === wanted) ?? -1;
  if (at !== -1) return at;
  const nearest = names === null ? null : nearestName(value, names, Infinity);
  throw new InputError(
    `${where}: columns say that ${role} is ${JSON.stringify(value)}, and the file has no such column.`,
    nearest === null
      ? 'Name the columns of a file without a header by position, from 0.'
      : `The nearest is ${nearest}.`,
  );
}
