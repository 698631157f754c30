/** Binned rows with what they are to teach, over plain or shared memory. */
export interface BinnedRows {
  readonly rows: number;
  /** Bins of each feature, column-major: `rows * width`. */
  readonly byColumn: Uint8Array;
  /** Label 0 or 1, or the number a regression learns. */
  readonly target: Float64Array;
  readonly weight: Float64Array;
  /** Sum of base score and tree values so far. */
  readonly score: Float64Array;
}

/** What growing boosted trees needs: plain data, arrays over shared memory where threads share the work. */
export interface BoostingPlan {
  readonly width: number;
  readonly train: BinnedRows;
  /** The training rows' bins again, four features in a word, row-major: `rows * ceil(width / 4)`. */
  readonly words: Int32Array;
  /** Rows that say when to stop; null grows all rounds. */
  readonly validation: BinnedRows | null;
  readonly objective: 'classification' | 'regression';
  readonly rounds: number;
  readonly patience: number;
  readonly learningRate: number;
  readonly maxDepth: number;
  readonly lambda: number;
  /** Least sum of second derivatives in a leaf. */
  readonly leafHessianMin: number;
  /** Least gain of a cut. */
  readonly gainMin: number;
  readonly rowFraction: number;
  readonly featureFraction: number;
  /** Per feature: 1 the score may only rise with it, -1 only fall, 0 free. Null without any constraint. */
  readonly monotone: Int8Array | null;
  readonly seed: string;
}

/** Groups of four features. */
export const groupsOf = (width: number): number => Math.ceil(width / 4);

/** Numbers by which a thread tells its best cut of a node. */
export const CUT_LENGTH = 5;

/**
 * Memory that the threads of one fit share. Every thread does the same steps; each sees to its own features, rows and
 * nodes.
 */
export interface TeamMemory {
  /** Rows in the order of the tree's nodes, and their packed derivatives in the same order. */
  readonly rowIndex: Int32Array;
  readonly packed: Float64Array;
  /** Best cuts: `CUT_LENGTH` numbers for each node of a level, thread after thread. */
  readonly cuts: Float64Array;
  /** First row of the right child of each node of a level. */
  readonly middles: Int32Array;
  /** Rows that each thread has drawn, and the largest weighted residual among its rows. */
  readonly drawn: Int32Array;
  readonly steepest: Float64Array;
  /** Loss of each block of validation rows. */
  readonly losses: Float64Array;
  readonly control: Int32Array;
}

/** The part of one thread. */
export interface TeamJob {
  readonly plan: BoostingPlan;
  readonly memory: TeamMemory;
  readonly thread: number;
  readonly threads: number;
}

/** Rows `[from, to)` that thread `thread` of `threads` sees to. */
export function shareOf(rows: number, thread: number, threads: number): { from: number; to: number } {
  return { from: Math.floor((rows * thread) / threads), to: Math.floor((rows * (thread + 1)) / threads) };
}
