import { InputError } from '../../infra/errors.ts';
import { chosenLayout, isHeader, knownNames, namedLayout, wideLayout, type BarLayout } from './bar-layout.ts';
import type { FileDialect } from './file-dialect.ts';
import { headlessLayout } from './headless-layout.ts';
import { bestTakenApart, isTimeCell, positionsOf } from './positioned-columns.ts';
import { splitRecord } from './split-record.ts';

/** How a text file is laid out. */
export interface TableShape {
  readonly delimiter: string;
  readonly layout: BarLayout;
  /** Line of the first row of bars, from 1. */
  readonly firstLine: number;
  /** Cells of a row. */
  readonly width: number;
  /** The names in the header; null where there is none. */
  readonly header: readonly string[] | null;
}

/** Lines before the header that a file may have: an address, a title, a note on the source. */
const PREAMBLE_MAX = 20;
const DELIMITERS = [',', ';', '\t', '|', ' '] as const;
/** Rows that are looked at beside a header. */
const ROWS_SEEN = 50;

interface Lines {
  /** By physical line; blank ones are empty lists. */
  readonly records: readonly (readonly string[])[];
  readonly delimiter: string;
  readonly path: string;
  readonly dialect: FileDialect;
}

const rowsFrom = (records: Lines['records'], from: number): (readonly string[])[] =>
  records
    .slice(from)
    .filter(({ length }) => length > 0)
    .slice(0, ROWS_SEEN);

function shapeFrom(lines: Lines, headerAt: number, firstAt: number, layout: BarLayout): TableShape {
  const { records, delimiter } = lines;
  const header = records[headerAt]!;
  return { delimiter, layout, firstLine: firstAt + 1, width: header.length, header };
}

/** A header of two lines, with or without a third that names the index: as `yfinance` and pandas write them. */
function twoLineShape(lines: Lines, at: number): TableShape | undefined {
  const { records } = lines;
  const [first, second] = [records[at]!, records[at + 1] ?? []];
  if (first.length !== second.length || first.length < 5) return undefined;
  const layout = [wideLayout(first, second), wideLayout(second, first)].find((one) => one !== undefined);
  if (layout === undefined || second.slice(1).some((cell) => isNumber(cell))) return undefined;
  const third = records[at + 2] ?? [];
  const isIndexName = third.length > 0 && third.slice(1).every((cell) => cell.trim() === '');
  return shapeFrom(lines, at, at + (isIndexName ? 3 : 2), layout);
}

const isNumber = (cell: string): boolean => cell.trim() !== '' && Number.isFinite(Number(cell));

/** `AAPL.Open,AAPL.High,...`, as quantmod writes them. */
function prefixedLayout(header: readonly string[]): BarLayout | undefined {
  const parts = header.map((name) => /^(.+)\.([A-Za-z]+)$/.exec(name.trim()));
  if (parts.filter((part) => part !== null).length < 4) return undefined;
  const values = header.map((name, i) => parts[i]?.[2] ?? name);
  return wideLayout(
    values,
    parts.map((part) => part?.[1] ?? ''),
  );
}

/** The header by its names, within the first lines. */
function namedShape(lines: Lines): TableShape | undefined {
  const { records, path, dialect } = lines;
  for (let at = 0; at < Math.min(PREAMBLE_MAX, records.length); at++) {
    const cells = records[at]!;
    if (cells.length === 0) continue;
    const wide = dialect.columns === undefined ? twoLineShape(lines, at) : undefined;
    if (wide !== undefined) return wide;
    if (isHeader(cells)) {
      const options = { where: path, columns: dialect.columns, rows: rowsFrom(records, at + 1) };
      return shapeFrom(lines, at, at + 1, namedLayout(cells, options));
    }
    const prefixed = dialect.columns === undefined ? prefixedLayout(cells) : undefined;
    if (prefixed !== undefined) return shapeFrom(lines, at, at + 1, prefixed);
  }
  return undefined;
}

/** The line in which every column is that was named, and what is not named by its usual names. */
function chosenShape(lines: Lines): TableShape | undefined {
  const { records, path, dialect } = lines;
  const { columns } = dialect;
  if (columns === undefined) return undefined;
  const named = Object.values(columns).filter((value) => typeof value === 'string' && value !== 'none');
  const holds = (cells: readonly string[]): boolean => {
    const names = new Set(cells.map((name) => name.trim().toLowerCase()));
    return named.length > 0 && named.every((name) => names.has(String(name).trim().toLowerCase()));
  };
  const at = records.slice(0, PREAMBLE_MAX).findIndex(holds);
  if (at === -1) return undefined;
  const options = { where: path, columns, rows: rowsFrom(records, at + 1) };
  return shapeFrom(lines, at, at + 1, namedLayout(records[at]!, options));
}

/** Columns by position: the first line as wide as most is a header where its time is none. */
function positionedShape(lines: Lines): TableShape | undefined {
  const { records, path, dialect, delimiter } = lines;
  const { columns } = dialect;
  const positions = positionsOf(dialect);
  if (columns === undefined || positions.length === 0) return undefined;
  const width = usualWidth(records);
  const at = records.findIndex(({ length }) => length === width || length === width + 1);
  if (width < 2) return undefined;
  const cells = records[at]!;
  const [, timeAt] = positions.find(([role]) => role === 'date') ?? positions.find(([role]) => role === 'time') ?? [];
  const isRow = timeAt === undefined ? knownNames(cells) === 0 : isTimeCell(cells[timeAt] ?? '', dialect);
  if (isRow) {
    const layout = chosenLayout(width, { where: path, columns });
    return { delimiter, layout, firstLine: at + 1, width, header: null };
  }
  const options = { where: path, columns, rows: rowsFrom(records, at + 1) };
  return shapeFrom(lines, at, at + 1, namedLayout(cells, options));
}

/** Cells of most lines. */
function usualWidth(records: Lines['records']): number {
  const counts = new Map<number, number>();
  for (const { length } of records) if (length > 0) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [0, 0])[0];
}

/** Rows from the start, or after a line or two that say where the file comes from. */
function headlessShape(lines: Lines): TableShape | undefined {
  const { records, path, delimiter } = lines;
  for (let at = 0; at < Math.min(3, records.length); at++) {
    if (records[at]!.length < 5) continue;
    // A line of as many cells before the rows is a header, though of names that bars do not have.
    if (at > 0 && records[at - 1]!.length === records[at]!.length) return undefined;
    const rows = rowsFrom(records, at);
    const layout = headlessLayout(rows, path);
    if (layout !== undefined) return { delimiter, layout, firstLine: at + 1, width: rows[0]!.length, header: null };
  }
  return undefined;
}

const SHAPES = [chosenShape, positionedShape, namedShape, headlessShape];

/**
 * Finds out how a text file is laid out from its first lines: what stands between cells, where the header is, if there
 * is one, and which column holds what. Throws InputError that says what is missing and which option tells.
 */
export function tableShape(texts: readonly string[], path: string, dialect: FileDialect): TableShape {
  const announced = /^sep=(.)$/i.exec(texts[0]?.trim() ?? '')?.[1];
  const chosen = dialect.delimiter ?? announced;
  const delimiters = chosen === undefined ? DELIMITERS : [chosen];
  const all = delimiters.map((delimiter): Lines => {
    const records = texts.map((text, i) => (i === 0 && announced !== undefined ? [] : splitRecord(text, delimiter)));
    return { records, delimiter, path, dialect };
  });
  const positioned = positionsOf(dialect).length > 0 ? [bestTakenApart(all, dialect)] : all;
  for (const shapeOf of SHAPES) {
    for (const lines of shapeOf === positionedShape ? positioned : all) {
      const shape = shapeOf(lines);
      if (shape !== undefined) return shape;
    }
  }
  throw unknownShape(all, path, dialect);
}

/** How much a line looks like a header: known names first, then cells that are words. */
function headerLikeness(cells: readonly string[]): number {
  const words = cells.filter((cell) => /^[\s"'<]*\p{L}/u.test(cell)).length;
  return 1000 * knownNames(cells) + (cells.length > 1 ? words : 0);
}

/** What is wrong with the line that looks most like a header. */
function unknownShape(all: readonly Lines[], path: string, { columns }: FileDialect): unknown {
  let best: readonly string[] = [];
  let most = -1;
  for (const { records } of all) {
    for (const cells of records.slice(0, PREAMBLE_MAX)) {
      if (cells.length === 0 || headerLikeness(cells) <= most) continue;
      most = headerLikeness(cells);
      best = cells;
    }
  }
  try {
    namedLayout(best, { where: path, columns });
  } catch (error) {
    return error;
  }
  return new InputError(`${path}: no header and no rows of bars.`, 'Name the columns with --columns time=0,open=1,...');
}
