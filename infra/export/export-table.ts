/** What a column holds: a moment (ms since 1970, UTC), a number, a whole number, a text, or yes and no. */
export type ColumnKind = 'time' | 'number' | 'integer' | 'text' | 'flag';

/** A column of a table that is written to a file. */
export interface ExportColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Of its values, in words: `USD`, `units of the instrument`, `fraction`; null where it has none. */
  readonly unit: string | null;
}

/** A value of a row; null where there is none. Times are numbers. */
export type Cell = number | string | boolean | null;

/** Rows in the order of the columns, a portion at a time: a large table is never held whole. */
export interface ExportTable {
  readonly columns: readonly ExportColumn[];
  readonly portions: Iterable<readonly (readonly Cell[])[]> | AsyncIterable<readonly (readonly Cell[])[]>;
}
