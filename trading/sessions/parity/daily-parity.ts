/**
 * Compares a long session once a day, beside it: never twice at a time, and what fails is said and tried the next day.
 */
export class DailyParity {
  readonly #compare: (untilMs: number) => Promise<string>;
  readonly #dayOf: (closeTimeMs: number) => number;
  readonly #note: (text: string) => void;
  #day = NaN;
  #lastMs = NaN;
  #running: Promise<void> | null = null;

  /** @param options.compare with the backtest of the bars up to a close; says what was found */
  constructor(options: {
    readonly compare: (untilMs: number) => Promise<string>;
    readonly dayOf: (closeTimeMs: number) => number;
    readonly note: (text: string) => void;
  }) {
    this.#compare = options.compare;
    this.#dayOf = options.dayOf;
    this.#note = options.note;
  }

  /** The session is through with a close: with the first of a day, the day before is over. */
  onClose(closeTimeMs: number): void {
    const day = this.#dayOf(closeTimeMs);
    const overMs = this.#lastMs;
    const isOver = this.#day === this.#day && day !== this.#day;
    [this.#day, this.#lastMs] = [day, closeTimeMs];
    if (!isOver || this.#running !== null) return;
    this.#running = this.#compare(overMs)
      .then(this.#note, (error: unknown) => this.#note(`parity of the day: ${(error as Error).message}`))
      .finally(() => (this.#running = null));
  }

  /** Waits for one that is under way. */
  async end(): Promise<void> {
    await this.#running;
  }
}
