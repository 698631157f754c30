import type pg from 'pg';
import { isOutage } from '../../../infra/postgres/database-error.ts';
import { writeShadowSignals, type ShadowSignal } from './shadow-store.ts';

/** Writes what shadows say, beside the session and never before it: what is said while one is written goes together. */
export class ShadowRecorder {
  readonly #pool: pg.Pool;
  readonly #sessionId: string;
  #waiting: ShadowSignal[] = [];
  #writing: Promise<void> | null = null;
  #failed: unknown = null;

  constructor(pool: pg.Pool, sessionId: string) {
    this.#pool = pool;
    this.#sessionId = sessionId;
  }

  /** After a failure nothing more is taken: `flush` says so. */
  add(signal: ShadowSignal): void {
    if (this.#failed !== null) return;
    this.#waiting.push(signal);
    this.#writing ??= this.#write().catch((error: unknown) => void (this.#failed = error));
  }

  /** Everything that was said is on record. @throws what a writing failed with */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failed === null && this.#waiting.length > 0) {
      const signals = this.#waiting.splice(0);
      await writeShadowSignals(this.#pool, this.#sessionId, signals);
    }
    if (this.#failed !== null) throw this.#failed as Error;
  }

  async #write(): Promise<void> {
    // The other symbols of the close come first.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const signals = this.#waiting;
      this.#waiting = [];
      try {
        await writeShadowSignals(this.#pool, this.#sessionId, signals);
      } catch (error) {
        if (!isOutage(error)) throw error;
        // The next that is said, or the end, tries again.
        this.#waiting.unshift(...signals);
        break;
      }
    }
    this.#writing = null;
  }
}
