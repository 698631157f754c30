import type { ColumnRole } from './column-choice.ts';
import type { FileDialect } from './file-dialect.ts';
import { isTimeText } from './headless-layout.ts';
import { knownNames } from './bar-layout.ts';
import type { ReadTime } from './time-format.ts';

type Records = readonly (readonly string[])[];

/** No tab: it stands between cells. */
const AMOUNT = /^[+-]?[$€£¥₹]?[ ]?\d[\d .,'’\u00a0\u202f]*[kmbt$€£¥₹]?$/i;
const SCRATCH: ReadTime = { localMs: 0, offsetMinutes: NaN };

/** The columns that a user named by position. */
export function positionsOf({ columns = {} }: FileDialect): [ColumnRole, number][] {
  return Object.entries(columns).flatMap(([role, at]) => (typeof at === 'number' ? [[role as ColumnRole, at]] : []));
}

/** Whether a cell can be the time of a row, in the format that was named or in any. */
export function isTimeCell(cell: string, { timeFormat }: FileDialect): boolean {
  const text = cell.trim();
  if (timeFormat !== undefined && timeFormat.read(text, SCRATCH)) return true;
  return isTimeText(text) || (text !== '' && Number.isFinite(Number(text)));
}

/** How many of the columns named by position hold in a line what they are said to hold. */
function holding(cells: readonly string[], dialect: FileDialect): number {
  return positionsOf(dialect).filter(([role, at]) => {
    const cell = cells[at]?.trim();
    if (cell === undefined) return false;
    if (role === 'date' || role === 'time') return isTimeCell(cell, dialect);
    return role === 'symbol' ? cell !== '' : AMOUNT.test(cell);
  }).length;
}

/**
 * Of the ways to take lines apart the one in which the columns that were named by position hold times and prices, then
 * the one that shows known names, then the first.
 */
export function bestTakenApart<Lines extends { readonly records: Records }>(
  all: readonly Lines[],
  dialect: FileDialect,
): Lines {
  const scores = all.map(({ records }) => {
    const held = records.reduce((sum, cells) => sum + holding(cells, dialect), 0);
    return held + Math.max(...records.slice(0, 20).map(knownNames)) / 1000;
  });
  return all[scores.indexOf(Math.max(...scores))]!;
}
