/** How orders and positions are brought into line with a venue's. */
export interface ReconciliationRule {
  /** An order of which nothing is known is lost once it was found absent this many times, */
  readonly absences: number;
  /** over at least this long. */
  readonly absentMs: number;
  /** A position that differs from the books, or a fill of a foreign order, is booked as external, or stops openings. */
  readonly differences: 'adopt' | 'halt';
  /** A difference of a position worth no more than this, in currency, is adjusted: a few times a symbol. */
  readonly smallAmount: number;
}

/** Small differences of a symbol that are adjusted; one more is no accident. */
export const SMALL_TIMES = 3;

/** Patient, and halting rather than guessing. */
export const DEFAULT_RECONCILIATION: ReconciliationRule = {
  absences: 3,
  absentMs: 30_000,
  differences: 'halt',
  smallAmount: 0,
};
