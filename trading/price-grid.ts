import { ticksOf, type Instrument } from '../features/instrument.ts';
import { Grid } from './grid.ts';

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * b;

/** The ticks that prices of one instrument lie on, by price level: finer ones where a US equity is under $1. */
export class PriceGrid {
  /** Of the highest level, where most prices are, and where that begins. */
  readonly #usual: Grid;
  readonly #usualFrom: number = 0;
  /** Of all, ascending. */
  readonly #levels: readonly { readonly from: number; readonly grid: Grid }[];

  constructor(instrument: Instrument) {
    this.#levels = ticksOf(instrument).map(({ from, tick }) => ({ from, grid: new Grid(tick) }));
    const last = this.#levels.at(-1)!;
    this.#usual = last.grid;
    this.#usualFrom = last.from;
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
    if (price >= this.#usualFrom) return this.#usual;
    return (this.#levels.findLast(({ from }) => price >= from) ?? this.#levels[0]!).grid;
  }
}

/** The ticks of an instrument; null where its tick is a guess that nobody has made up for. */
export function priceGridOf(instrument: Instrument): PriceGrid | null {
  const guessed = instrument.assetClass === 'unknown' && instrument.rules?.ticks === undefined;
  return guessed ? null : new PriceGrid(instrument);
}
