import { Resampler, timeframeMs, type MarketHours, type Timeframe } from '../../../features/timeframe.ts';
import { BarView, type BarSeries } from '../../bar-view.ts';
import { GrowingColumns } from '../../growing-columns.ts';
import { barOf } from '../priced-bars.ts';

/**
 * Longer bars of a symbol, made of the session's as these close: one is closed, and shown, when the last of its parts
 * has closed, or a part of a later one comes. `view` ends at the newest that has been shown.
 */
export class LongerBars {
  readonly view: BarView;
  readonly #source: BarView;
  readonly #series: BarSeries;
  readonly #columns: GrowingColumns;
  readonly #resampler: Resampler;
  #taken = 0;
  #closed = 0;

  /** @param hours of the market; null counts days and hours in UTC */
  constructor(source: BarView, timeframe: Timeframe, hours: MarketHours | null) {
    this.#source = source;
    this.#columns = new GrowingColumns(source.symbol);
    this.#series = { bars: this.#columns.columns, last: -1 };
    this.#resampler = new Resampler(timeframeMs(timeframe), hours);
    this.view = new BarView(this.#series);
  }

  /** Takes the source's bars that are new. */
  take(): void {
    const source = this.#source;
    for (; this.#taken < source.length; this.#taken++) {
      this.#resampler.push(barOf(source, source.length - 1 - this.#taken), (longer) => {
        this.#columns.append(longer);
        this.#series.bars = this.#columns.columns;
        this.#closed += 1;
      });
    }
  }

  /** Shows the next longer bar that has closed; false where there is none. */
  show(): boolean {
    if (this.#series.last + 1 === this.#closed) return false;
    this.#series.last += 1;
    return true;
  }

  /** Shows, without a word to anybody, what had been shown when its session was saved: all that had closed. */
  restore(): void {
    this.take();
    this.#series.last = this.#closed - 1;
  }
}
