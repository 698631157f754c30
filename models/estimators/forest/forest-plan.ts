/** What growing a tree needs: plain data, arrays over shared memory where threads share the work. */
export interface ForestPlan {
  readonly rows: number;
  readonly width: number;
  /** Bins of every cell, column-major. */
  readonly byColumn: Uint8Array;
  /** The same row-major, four to a word, `rowBytes` a row. */
  readonly words: Int32Array;
  readonly rowBytes: number;
  /** Target and weight of each row, see `quantised-target.ts`. */
  readonly packed: Float64Array;
  /** Units of weight that stand for one row of mean weight. */
  readonly unit: number;
  readonly maxDepth: number;
  /** Least weight of a leaf, in units. */
  readonly leafUnitsMin: number;
  /** Weight in units with which a leaf's value is drawn towards `prior`. */
  readonly shrinkUnits: number;
  readonly prior: number;
  readonly featuresPerNode: number;
  readonly bootstrap: boolean;
  /** Share of the rows drawn for each tree: so many of them with replacement, each with this chance without. */
  readonly rowFraction: number;
  readonly seed: string;
}
