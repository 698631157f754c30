/** How orders and positions are brought into line with a venue's. */
export interface ReconciliationRule {
  /** An order of which nothing is known is lost once it was found absent this many times, */
  readonly absences: number;
  /** over at least this long. */
  readonly absentMs: number;
  /** A position that differs from the books is booked as external, or stops openings. */
  readonly differences: 'adopt' | 'halt';
}

/** Patient, and halting rather than guessing. */
export const DEFAULT_RECONCILIATION: ReconciliationRule = { absences: 3, absentMs: 30_000, differences: 'halt' };
