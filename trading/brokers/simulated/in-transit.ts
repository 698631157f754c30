import type { ApprovedOrder } from '../../orders/approved-order.ts';
import type { Coming, Work } from './work.ts';

/** Changes and cancels that are on their way to the venue: until one is there its order works as it did. */
export class InTransit {
  /** Above 0: without latency whatever is asked for is done at once. */
  readonly latencyMs: number;
  readonly #sequences = new Set<number>();

  constructor(latencyMs: number) {
    this.latencyMs = latencyMs;
  }

  get isEmpty(): boolean {
    return this.#sequences.size === 0;
  }

  /**
   * Takes what is asked of an order on its way, and gives null; without latency gives what is to be done at once.
   * @param order what it becomes, null where it is cancelled
   */
  send(work: Work, order: ApprovedOrder | null, timeMs: number): Coming | null {
    const left = order === null ? Infinity : Math.abs(order.quantity);
    const coming = { order, left, arrivesMs: timeMs + this.latencyMs };
    if (this.latencyMs === 0) return coming;
    work.coming.push(coming);
    this.#sequences.add(work.order.sequence);
    return null;
  }

  /** What of an order has arrived by a bar's open, taken out. A cancel is the last thing that an order hears of. */
  arrived({ order, coming }: Work, openTimeMs: number): readonly Coming[] {
    const later = coming.findIndex(({ arrivesMs }) => arrivesMs > openTimeMs);
    const there = coming.splice(0, later < 0 ? coming.length : later);
    if (coming.length === 0) this.#sequences.delete(order.sequence);
    const cancel = there.findIndex((one) => one.order === null);
    return cancel < 0 ? there : there.slice(0, cancel + 1);
  }

  /** An order has ended: what was on its way to it comes too late. */
  forget(sequence: number): void {
    this.#sequences.delete(sequence);
  }

  /** What was on its way to orders before their session was saved still is. */
  restore(works: readonly Work[]): void {
    for (const { order, coming } of works) if (coming.length > 0) this.#sequences.add(order.sequence);
  }
}
