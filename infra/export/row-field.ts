import type { Cell, ExportColumn } from './export-table.ts';

/** A column of a table with the cell that it has of a row. */
export type RowField<Row> = readonly [
  name: string,
  kind: ExportColumn['kind'],
  unit: string | null,
  of: (row: Row) => Cell,
];

/** The columns that fields make. */
export const columnsOf = <Row>(fields: readonly RowField<Row>[]): ExportColumn[] =>
  fields.map(([name, kind, unit]) => ({ name, kind, unit }));

/** The cells of a row, in the order of the columns. */
export const cellsOf = <Row>(fields: readonly RowField<Row>[], row: Row): Cell[] => fields.map(([, , , of]) => of(row));
