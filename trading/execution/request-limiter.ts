import type { Clock } from '../../infra/clock.ts';
import { systemSleep, type Sleep } from '../../infra/sleep.ts';

/** Who goes first: a cancel never waits behind orders, and an order never behind questions. */
const LANES = ['cancel', 'order', 'query'] as const;
export type Lane = (typeof LANES)[number];

const WINDOW_MS = 60_000;
/** Share of the budget that orders leave to cancels, and questions to both; at least `RESERVED_MIN` requests. */
const RESERVED_SHARE = 0.05;
const RESERVED_MIN = 3;
/** Longest time after which it is looked again who may leave. */
const WAKE_MS = 100;

/** A request that waits for its turn. */
interface Waiting {
  readonly go: () => void;
  readonly weight: number;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

export interface LimiterOptions {
  /** Requests, or units of their weight, in any window. */
  readonly perMinute: number;
  /** Length of the window in ms: a minute by default. */
  readonly windowMs?: number;
  readonly clock: Clock;
  readonly sleep?: Sleep;
}

/**
 * Keeps a venue's budget of requests: no more than `perMinute` leave in any 60 s. Each lane keeps a part of the budget
 * free for the lanes before it, so that a cancel leaves at once where orders have used up theirs. After the venue has
 * said that it is too much, nothing leaves for as long as it asks.
 */
export class RequestLimiter {
  readonly #options: LimiterOptions;
  readonly #sleep: Sleep;
  readonly #queues: Readonly<Record<Lane, Waiting[]>> = { cancel: [], order: [], query: [] };
  /** When the requests of the last minute left, oldest first. */
  #left: number[] = [];
  #pausedUntilMs = -Infinity;
  #lookedMs = -Infinity;
  #waking = false;

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.#sleep = options.sleep ?? systemSleep;
  }

  /** Requests that wait. */
  get waiting(): number {
    return LANES.reduce((sum, lane) => sum + this.#queues[lane].length, 0);
  }

  /**
   * Resolves when a request of `lane` may leave; rejects with the signal's reason where that comes first. `weight`: how
   * many requests the venue counts it as.
   */
  turn(lane: Lane, signal: AbortSignal, weight = 1): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const queue = this.#queues[lane];
      const onAbort = (): void => {
        const at = queue.indexOf(waiting);
        if (at >= 0) queue.splice(at, 1);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = { go: resolve, weight, signal, onAbort };
      signal.addEventListener('abort', onAbort, { once: true });
      queue.push(waiting);
      this.#release();
    });
  }

  /** The venue has said that it is too much: nothing leaves for `waitMs`. */
  pause(waitMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#options.clock() + waitMs);
  }

  /** Requests that `lane` may have had in the window when one more leaves. */
  #budget(lane: Lane): number {
    const { perMinute } = this.#options;
    const reserved = Math.min(
      Math.max(RESERVED_MIN, Math.floor(perMinute * RESERVED_SHARE)),
      Math.floor(perMinute / 4),
    );
    return Math.max(1, perMinute - reserved * LANES.indexOf(lane));
  }

  /** The first of `lane` fits in; one that weighs more than the whole budget leaves where nothing else has. */
  #hasRoom(lane: Lane): boolean {
    const used = this.#left.length;
    return used + this.#queues[lane][0]!.weight <= this.#budget(lane) || used === 0;
  }

  get #windowMs(): number {
    return this.#options.windowMs ?? WINDOW_MS;
  }

  #release(): void {
    const nowMs = this.#options.clock();
    if (nowMs < this.#lookedMs) this.#putBack(this.#lookedMs - nowMs);
    this.#lookedMs = nowMs;
    while (this.#left.length > 0 && this.#left[0]! <= nowMs - this.#windowMs) this.#left.shift();
    if (nowMs >= this.#pausedUntilMs) {
      for (const lane of LANES) {
        const queue = this.#queues[lane];
        while (queue.length > 0 && this.#hasRoom(lane)) {
          const { go, weight, signal, onAbort } = queue.shift()!;
          signal.removeEventListener('abort', onAbort);
          for (let unit = 0; unit < weight; unit++) this.#left.push(nowMs);
          go();
        }
      }
    }
    if (this.waiting > 0 && !this.#waking) void this.#wake(nowMs);
  }

  /** The clock was put back: nothing is to wait for as long. */
  #putBack(byMs: number): void {
    this.#left = this.#left.map((leftMs) => leftMs - byMs);
    this.#pausedUntilMs -= byMs;
  }

  /** Looks again when the first of those that wait may leave. */
  async #wake(nowMs: number): Promise<void> {
    this.#waking = true;
    const lane = LANES.find((one) => this.#queues[one].length > 0)!;
    const over = this.#left.length + this.#queues[lane][0]!.weight - 1 - this.#budget(lane);
    const freeMs = over < 0 ? nowMs : (this.#left[over] ?? nowMs) + this.#windowMs;
    // One of another lane may come that may leave sooner.
    await this.#sleep(Math.min(WAKE_MS, Math.max(1, Math.max(freeMs, this.#pausedUntilMs) - nowMs)));
    this.#waking = false;
    this.#release();
  }
}
