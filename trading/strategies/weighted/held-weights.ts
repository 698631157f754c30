import type { BarView } from '../../bar-view.ts';
import { isPrice } from '../priced-bars.ts';

/**
 * The weights that a portfolio has drifted to since it was last told: what each symbol would be worth had its orders
 * been executed at the close, without costs.
 */
export class HeldWeights {
  /** Of a portfolio that began with 1. */
  cash = 1;
  readonly worth: Float64Array;
  /** Bars up to the last one with a price. */
  readonly seen: Float64Array;

  /** As executions tell, signed. */
  readonly units: Float64Array;

  constructor(symbols: number) {
    this.worth = new Float64Array(symbols);
    this.units = new Float64Array(symbols);
    this.seen = new Float64Array(symbols);
  }

  /** Prices have moved: each bar since the last is taken once. */
  follow(views: readonly BarView[]): void {
    views.forEach((view, at) => {
      const came = view.length - this.seen[at]!;
      if (came === 0 || !isPrice(view.close())) return;
      if (this.seen[at]! > 0) this.worth[at]! *= view.close() / view.close(came);
      this.seen[at] = view.length;
    });
  }

  /** Worth of a symbol as a share of all. */
  weight(symbol: number): number {
    return this.worth[symbol]! / this.#all();
  }

  /** The symbol is brought to this share of all. */
  bring(symbol: number, weight: number): void {
    const worth = weight * this.#all();
    this.cash += this.worth[symbol]! - worth;
    this.worth[symbol] = worth;
  }

  /** What was never executed, or was closed by another than the portfolio, is not held. */
  forgetUnfilled(): void {
    // Sums of fractions of a coin leave what is no unit.
    this.units.forEach((units, symbol) => {
      if (Math.abs(units) < 1e-9) this.bring(symbol, 0);
    });
  }

  #all(): number {
    return this.worth.reduce((sum, one) => sum + one, this.cash);
  }
}
