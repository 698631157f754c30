import type { Bar } from '../../features/bar.ts';
import type { Calendar, TradingHours } from '../calendars/calendar.ts';
import { slotAt } from '../calendars/resample-bars.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import type { BarOrigin } from './feed-event.ts';

/** A bar of the feed's own size, and where its minutes came from. */
export interface ResampledBar {
  readonly bar: Bar;
  readonly origin: BarOrigin;
}

/**
 * `resampleBars` one minute at a time, for bars that arrive. It knows that a longer bar is closed when it is told how
 * far minutes are complete, and need not wait for the first minute of the next one.
 */
export class BarResampler {
  readonly #calendar: Calendar;
  readonly #timeframe: Timeframe;
  #slot: TradingHours | null = null;
  #open = 0;
  #high = 0;
  #low = 0;
  #close = 0;
  #volume = 0;
  #origin: BarOrigin = 'stream';

  constructor(calendar: Calendar, timeframe: Timeframe) {
    this.#calendar = calendar;
    this.#timeframe = timeframe;
  }

  /** Takes the next minute; ascending, and the bars before it taken out by `flush`. */
  add(bar: Bar, origin: BarOrigin): void {
    if (this.#slot === null) {
      const slot = slotAt(this.#calendar, this.#timeframe, bar.openTimeMs);
      if (slot === undefined) return;
      this.#slot = slot;
      this.#open = bar.open;
      this.#high = bar.high;
      this.#low = bar.low;
      this.#volume = 0;
      this.#origin = 'stream';
    }
    this.#high = Math.max(this.#high, bar.high);
    this.#low = Math.min(this.#low, bar.low);
    this.#close = bar.close;
    this.#volume += bar.volume;
    if (origin === 'history') this.#origin = origin;
  }

  /** The longer bar under way where it ends at or before `completeToMs`, else null. */
  flush(completeToMs: number): ResampledBar | null {
    const slot = this.#slot;
    if (slot === null || slot.closeTimeMs > completeToMs) return null;
    this.#slot = null;
    const { openTimeMs, closeTimeMs } = slot;
    const bar = {
      openTimeMs,
      closeTimeMs,
      open: this.#open,
      high: this.#high,
      low: this.#low,
      close: this.#close,
      volume: this.#volume,
    };
    return { bar, origin: this.#origin };
  }
}
