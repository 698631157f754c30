/**
 * Writes whose end nobody waits for, one at a time: what is told beside a record, and may lag behind it. A failure is
 * thrown by the next `start` or `settle`.
 */
export class BackgroundWrite {
  #writing: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  /** Starts `work` unless one is under way; returns whether it did. @throws what the one before failed with */
  start(work: () => Promise<void>): boolean {
    this.#requireSound();
    if (this.#writing !== null) return false;
    this.#writing = work()
      .catch((error: unknown) => void (this.#failure = { error }))
      .finally(() => (this.#writing = null));
    return true;
  }

  /** Waits for the one that is under way. @throws what it failed with */
  async settle(): Promise<void> {
    await this.#writing;
    this.#requireSound();
  }

  #requireSound(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }
}
