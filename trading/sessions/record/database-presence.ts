import { setTimeout as delay } from 'node:timers/promises';
import { preciseClock } from '../../../infra/clock.ts';
import { isOutage } from '../../../infra/postgres/database-error.ts';

/** A server that answers nothing is taken as away after this; nothing of what a session asks for takes as long. */
const ANSWER_MS_MAX = 3_000;
/**
 * Turns in which the wait for an answer is counted. One turn is lost at most where the process stalls, as it does while
 * a user's own code is waited for: an answer that has come meanwhile is heard.
 */
const WAIT_TURNS = 10;
/** Between two looks whether it is back. */
const LOOK_MS = 250;

/** It did not answer in time: what was asked for may be done all the same. */
class SilentDatabase extends Error {
  readonly code = 'ETIMEDOUT';
}

export interface PresenceOptions {
  /** A question that any database answers. */
  readonly ping: () => Promise<unknown>;
  /** Does what is to be done before the database counts as back. What it fails with for an outage is tried again. */
  readonly recover: () => Promise<void>;
  /** For people. */
  readonly note: (text: string) => void;
  readonly answerMsMax?: number | undefined;
}

/**
 * Whether the database is there, for a session that goes on without it: questions are bounded, the first that fails or
 * is not answered makes it count as away, and from then on it is looked for until it is back.
 */
export class DatabasePresence {
  readonly #options: PresenceOptions;
  readonly #stop = new AbortController();
  #looking: Promise<void> | null = null;
  /** A look that was given up and is not over: no second one takes a connection beside it. */
  #ping: Promise<boolean> | null = null;
  /** What keeps the session from going on. */
  #broken: Error | null = null;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  get isAway(): boolean {
    return this.#looking !== null;
  }

  /** @throws what recovering failed with, where that was no outage */
  requireWhole(): void {
    if (this.#broken !== null) throw this.#broken;
  }

  /**
   * Does `work`, within bounds. @throws what it fails with; for an outage, and where it is not answered in time, the
   * database counts as away from here on.
   */
  async bounded<T>(work: () => Promise<T>): Promise<T> {
    const { answerMsMax = ANSWER_MS_MAX } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      let turns = 0;
      timer = setInterval(() => {
        if (++turns === WAIT_TURNS) reject(new SilentDatabase(`no answer within ${answerMsMax} ms`));
      }, answerMsMax / WAIT_TURNS);
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      if (isOutage(error)) this.lost(error as Error);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  /** What `work` gives, or `otherwise` where the database is away. Any other failure is thrown. */
  async ask<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    if (this.isAway) return otherwise;
    try {
      return await this.bounded(work);
    } catch (error) {
      if (!isOutage(error)) throw error;
      return otherwise;
    }
  }

  /** The database counts as away. */
  lost(error: Error): void {
    if (this.isAway || this.#stop.signal.aborted) return;
    this.#options.note(`the database is away: ${error.message}`);
    this.#looking = this.#look().catch((failure: Error) => void (this.#broken ??= failure));
  }

  /** Returns when it is back. @throws what `signal` was aborted with, and as `requireWhole` does */
  async untilBack(signal?: AbortSignal): Promise<void> {
    while (this.isAway) {
      this.requireWhole();
      signal?.throwIfAborted();
      await delay(LOOK_MS / 5);
    }
    this.requireWhole();
  }

  /** Looks no more. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop;
    const beganMs = preciseClock();
    while (!signal.aborted) {
      if ((await this.#answers()) && (await this.#recovers())) {
        const seconds = Math.round((preciseClock() - beganMs) / 1_000);
        this.#looking = null;
        return this.#options.note(`the database is back after ${seconds} s`);
      }
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #answers(): Promise<boolean> {
    // Any answer but an outage is one; what it says is met by what comes next.
    this.#ping ??= this.#options
      .ping()
      .then(
        () => true,
        (error: unknown) => !isOutage(error),
      )
      .finally(() => (this.#ping = null));
    const { answerMsMax = ANSWER_MS_MAX } = this.#options;
    return Promise.race([this.#ping, delay(answerMsMax, false, { ref: false })]);
  }

  async #recovers(): Promise<boolean> {
    try {
      await this.#options.recover();
      return true;
    } catch (error) {
      if (isOutage(error)) return false;
      throw error;
    }
  }
}
