import type { Fill } from '../../effect.ts';
import type { Bust, Execution } from '../../venue-event.ts';

/** What was booked of an execution, in units of today. */
export interface Booked {
  fill: Fill;
  /** Its order counts it as executed: not one that contradicts the order. */
  readonly counted: boolean;
}

const keyOf = ({ account = '', executionId }: Pick<Execution, 'account' | 'executionId'>): string =>
  JSON.stringify([account, executionId]);

/** An execution of these numbers can have happened. */
export function isPossible({ quantity, price, fee, timeMs }: Fill | Execution): boolean {
  return quantity - quantity + (fee - fee) + (timeMs - timeMs) === 0 && quantity !== 0 && price > 0 && price < Infinity;
}

/** What a venue has told of executions, by its names for them: each counts once, until it is taken back. */
export class ToldExecutions {
  /** Null for one that is not to be booked. */
  readonly #told = new Map<string, Booked | null>();
  /** Names of those taken back, also before they were told of. Apart: a venue may call an execution anything. */
  readonly #busted = new Set<string>();
  /** The most that the venue has summed up for an order, in units without a sign. */
  readonly #sums = new Map<number, number>();

  has(execution: Execution): boolean {
    return this.#told.has(keyOf(execution));
  }

  /** It was taken back before it was told of. */
  isBusted(execution: Execution): boolean {
    return this.#busted.has(keyOf(execution));
  }

  /** It has been booked as `fill`; null: it is not to be. */
  note(execution: Execution, fill: Fill | null, counted: boolean): void {
    this.#told.set(keyOf(execution), fill === null ? null : { fill, counted });
  }

  /** The most that the venue says was executed of its order, this execution included; Infinity where it is silent. */
  sumOf({ sequence, cumulative }: Execution): number {
    if (typeof cumulative === 'number' && Number.isFinite(cumulative)) {
      this.#sums.set(sequence, Math.max(this.#sums.get(sequence) ?? 0, Math.abs(cumulative)));
    }
    return this.#sums.get(sequence) ?? Infinity;
  }

  /** Takes an execution back, once: what was booked of it, null where nothing was. False from the second time on. */
  takeBack(bust: Bust): Booked | null | false {
    const key = keyOf(bust);
    if (this.#busted.has(key)) return false;
    this.#busted.add(key);
    return this.#told.get(key) ?? null;
  }

  /** A split turned one unit into `ratio`: what is taken back from here on is so in new units, at new prices. */
  split(symbol: number, ratio: number): void {
    const orders = new Set<number>();
    for (const booked of this.#told.values()) {
      if (booked?.fill.symbol !== symbol) continue;
      const { fill } = booked;
      orders.add(fill.sequence);
      booked.fill = { ...fill, quantity: fill.quantity * ratio, price: fill.price / ratio };
    }
    for (const sequence of orders) {
      const sum = this.#sums.get(sequence);
      if (sum !== undefined) this.#sums.set(sequence, sum * ratio);
    }
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { told: [...this.#told], busted: [...this.#busted], sums: [...this.#sums] };
  }

  /** Takes up what one of the same options has saved. */
  restore({ told, busted, sums }: ReturnType<ToldExecutions['save']>): void {
    for (const [key, booked] of told) this.#told.set(key, booked);
    for (const key of busted) this.#busted.add(key);
    for (const [sequence, sum] of sums) this.#sums.set(sequence, sum);
  }
}
