import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import type { RefusalCode } from '../refusal.ts';

/**
 * The tightest of several limits on what one position may come to, in currency, and what it compares. Fields instead
 * of returned objects: a decision allocates nothing.
 */
export class TightestLimit {
  /** Largest notional that the position may have. */
  left = 0;
  code: RefusalCode = 'cash';
  #equity = 0;
  #limit = 0;
  /** What the limit counts beside the position. */
  #used = 0;
  #unit: 'share' | 'money' | 'found' = 'share';
  #found = 0;

  /** Nothing limits yet. */
  start(equity: number): void {
    this.left = Infinity;
    this.#equity = equity;
  }

  /** At most `fraction` of equity, of which `used` is taken. */
  share(code: RefusalCode, fraction: number, used: number): void {
    const left = fraction * this.#equity - used;
    if (!(left < this.left)) return;
    this.left = left;
    this.code = code;
    this.#limit = fraction;
    this.#used = used;
    this.#unit = 'share';
  }

  /** At most `amount` of money, of which `used` is taken. */
  money(code: RefusalCode, amount: number, used: number): void {
    const left = amount - used;
    if (!(left < this.left)) return;
    this.left = left;
    this.code = code;
    this.#limit = amount;
    this.#used = used;
    this.#unit = 'money';
  }

  /** A limit on something else leaves `left`; `found` is what would come of more, of which `limit` is allowed. */
  other(code: RefusalCode, left: number, { found, limit }: { readonly found: number; readonly limit: number }): void {
    if (!(left < this.left)) return;
    this.left = left;
    this.code = code;
    this.#limit = limit;
    this.#found = found;
    this.#unit = 'found';
  }

  /** The refusal of a position of `notional`, with its numbers. */
  refusal(notional: number): RefusedOrder {
    if (this.#unit === 'found') return refused(this.code, this.#found, this.#limit);
    const value = notional + this.#used;
    return refused(this.code, this.#unit === 'money' ? value : value / this.#equity, this.#limit);
  }
}
