import type { RequestVerdict } from '../../brokers/venue/request-verdict.ts';

/** Requests whose latency is looked at. */
const LAST = 10;

/** What came of the last requests about orders: how many of them in a row nobody knows of, and how long they took. */
export class OrderRequests {
  /** Requests in a row of which nobody knows what came. */
  failing = 0;
  readonly #tookMs: number[] = [];

  note({ result, name }: RequestVerdict, tookMs: number): void {
    // What did not leave says nothing of the venue.
    if (name === 'not-sent' || name === 'not-supported') return;
    const isAnswered = result !== 'unknown' && name !== 'not-connected';
    this.failing = isAnswered ? 0 : this.failing + 1;
    if (!isAnswered) return;
    this.#tookMs.push(tookMs);
    if (this.#tookMs.length > LAST) this.#tookMs.shift();
  }

  /** Median of the last ten that were answered, in ms; null before three were. */
  get latencyMs(): number | null {
    if (this.#tookMs.length < 3) return null;
    const sorted = this.#tookMs.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  }
}
