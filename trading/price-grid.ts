import { ticksOf, type Instrument } from '../features/instrument.ts';
import { Grid } from './grid.ts';

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * b;

/** The ticks that prices of one instrument lie on: finer ones where a US equity is under $1. */
export class PriceGrid {
  readonly #usual: Grid;
  readonly #fine: Grid;
  readonly #fineBelow: number = 0;

  /** Null where the tick is a guess: prices stay as they are. */
  static of(instrument: Instrument): PriceGrid | null {
    return instrument.assetClass === 'unknown' ? null : new PriceGrid(instrument);
  }

  constructor(instrument: Instrument) {
    const { tick, fine, below } = ticksOf(instrument);
    this.#usual = new Grid(tick);
    this.#fine = fine === tick ? this.#usual : new Grid(fine);
    this.#fineBelow = below;
  }

  /**
   * `price` on the tick, rounded against an order of `direction`. As it is where `reference`, a price of the market, is
   * off the tick: bars that are adjusted for dividends. Never rounded to nothing.
   */
  against(reference: number, price: number, direction: 1 | -1): number {
    if (!near(this.#at(reference).nearest(reference), reference)) return price;
    const ticks = this.#at(price);
    const nearest = ticks.nearest(price);
    // On the tick but for rounding noise: leave it there instead of paying a whole tick for 1e-14.
    if (near(nearest, price)) return nearest;
    return direction > 0 ? ticks.ceil(price) : Math.max(ticks.floor(price), ticks.step);
  }

  /** The tick at `price`, or the next one above or below it; never nothing. */
  beside(price: number, above: boolean): number {
    const ticks = this.#at(price);
    const nearest = ticks.nearest(price);
    // 105.05 - 2.01 is 103.03999...: on the tick but for rounding noise.
    if (nearest > 0 && near(nearest, price)) return nearest;
    return above ? ticks.ceil(price) : Math.max(ticks.floor(price), ticks.step);
  }

  #at(price: number): Grid {
    return price < this.#fineBelow ? this.#fine : this.#usual;
  }
}
