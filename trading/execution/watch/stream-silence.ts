/**
 * Whether the stream says nothing, though it is open: an execution that asking found, and that the stream has not told
 * when it should have.
 */
export class StreamSilence {
  readonly #afterMs: number;
  /** By id, when each was executed, by the venue's clock. */
  readonly #untold = new Map<string, number>();

  /** @param afterMs How long the stream may take to tell. */
  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** A question found it. What was executed before the stream was open is never told: it is not to be noted. */
  found(executionId: string, executedMs: number): void {
    this.#untold.set(executionId, executedMs);
  }

  /** The stream told it, first or late. */
  told(executionId: string): void {
    this.#untold.delete(executionId);
  }

  /** The stream is another from here on, or gone. */
  forget(): void {
    this.#untold.clear();
  }

  /** Something is overdue at `nowMs`, by the venue's clock. */
  isOverdue(nowMs: number): boolean {
    return [...this.#untold.values()].some((executedMs) => nowMs - executedMs > this.#afterMs);
  }
}
