/**
 * How many closes of a session are overdue. A close is so once the market has closed its bar for longer than the last
 * one took to come, and a grace.
 */
export class OverdueCloses {
  readonly #after: (closeTimeMs: number) => number;
  readonly #graceMs: number;
  #lastMs = NaN;
  /** How long the last one took to come. */
  #delayMs = 0;
  /** When each further close was first due; the first at 0. */
  #dueMs: number[] = [];

  /**
   * @param after closes of the market after a moment, until now
   * @param graceMs how late a close may be beside what its feed takes anyway
   */
  constructor(after: (closeTimeMs: number) => number, graceMs: number) {
    this.#after = after;
    this.#graceMs = graceMs;
  }

  /** A close has come. */
  came(closeTimeMs: number, nowMs: number): void {
    if (closeTimeMs === this.#lastMs) return;
    this.#lastMs = closeTimeMs;
    this.#delayMs = Math.max(0, nowMs - closeTimeMs);
    this.#dueMs = [];
  }

  /** Closes that are overdue now; 0 before the first has come. */
  count(nowMs: number): number {
    if (Number.isNaN(this.#lastMs)) return 0;
    const due = this.#after(this.#lastMs);
    // Of some it is known by now that they have no bar: those were due first.
    if (this.#dueMs.length > due) this.#dueMs.splice(0, this.#dueMs.length - due);
    while (this.#dueMs.length < due && this.#dueMs.length < 10) this.#dueMs.push(nowMs);
    // One that came late itself counts by how late the market says that it is, not by its way here.
    const waitMs = this.#graceMs + Math.min(this.#delayMs, 20 * this.#graceMs);
    return this.#dueMs.filter((sinceMs) => nowMs - sinceMs >= waitMs).length;
  }
}
