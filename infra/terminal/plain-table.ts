import Table from 'cli-table3';

/** A column of a table: its heading, and whether it holds numbers, which stand to the right. */
export type TableColumn = string | { readonly number: string };

/** Rows under their headings, ruled, without colours. What is null stands as `-`. */
export function plainTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const table = new Table({
    head: columns.map((column) => (typeof column === 'string' ? column : column.number)),
    colAligns: columns.map((column) => (typeof column === 'string' ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
  for (const row of rows) table.push(row.map((cell) => (cell === null || cell === '' ? '-' : String(cell))));
  return table.toString();
}
