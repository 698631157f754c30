import { csvCell } from './csv-cell.ts';
import type { Cell, ExportColumn, ExportTable } from './export-table.ts';

/**
 * A table as CSV (RFC 4180): a heading, times in ISO 8601, numbers with every digit that matters, yes and no as 1 and
 * 0, nothing where there is no value. What a spreadsheet would run as a formula is marked.
 */
export async function* csvPieces({ columns, portions }: ExportTable): AsyncGenerator<string> {
  yield `${columns.map(({ name }) => csvCell(name)).join(',')}\n`;
  for await (const rows of portions) {
    let piece = '';
    for (const row of rows) piece += `${columns.map((column, at) => textOf(column, row[at]!)).join(',')}\n`;
    yield piece;
  }
}

function textOf({ kind }: ExportColumn, value: Cell): string {
  if (value === null || (typeof value === 'number' && Number.isNaN(value))) return '';
  if (kind === 'time') return new Date(value as number).toISOString();
  if (kind === 'flag') return value === true ? '1' : '0';
  return kind === 'text' ? csvCell(String(value)) : String(value);
}
