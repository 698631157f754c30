import type { Bar } from '../../features/bar.ts';
import type { BarOrigin, FeedStatus } from './feed-event.ts';
import { LagMeter } from './lag-meter.ts';
import type { SymbolSeries } from './symbol-series.ts';

/** What a feed counts. */
export class FeedFigures {
  messages = 0;
  quotes = 0;
  conflatedQuotes = 0;
  repeats = 0;
  corrections = 0;
  invalid = 0;
  refetched = 0;
  droppedNotices = 0;
  readonly barLag = new LagMeter();
  readonly quoteLag = new LagMeter();
  readonly #bars = { stream: 0, history: 0 };
  readonly #lastCloseMs = new Map<string, number>();
  readonly #series: readonly SymbolSeries[];
  /** Bars held by each series when it was last looked at, and their sum. */
  readonly #heldBy = new Map<SymbolSeries, number>();
  #held = 0;
  #heldPeak = 0;

  constructor(series: readonly SymbolSeries[]) {
    this.#series = series;
  }

  /** Notes how much `series` holds. */
  hold(series: SymbolSeries): void {
    const { held } = series;
    this.#held += held - (this.#heldBy.get(series) ?? 0);
    this.#heldBy.set(series, held);
    this.#heldPeak = Math.max(this.#heldPeak, this.#held);
  }

  /** A bar of `series` was handed out. */
  took(series: SymbolSeries, bar: Bar, origin: BarOrigin): void {
    this.#bars[origin] += 1;
    this.#lastCloseMs.set(series.symbol, bar.closeTimeMs);
    this.hold(series);
  }

  status(about: Pick<FeedStatus, 'vendor' | 'timeMs' | 'connected' | 'connections'>): FeedStatus {
    const { messages, quotes, conflatedQuotes, repeats, corrections, invalid, refetched, droppedNotices } = this;
    return {
      ...about,
      messages,
      bars: { ...this.#bars },
      quotes,
      conflatedQuotes,
      repeats,
      corrections,
      invalid,
      refetched,
      droppedNotices,
      held: this.#held,
      heldPeak: this.#heldPeak,
      barLag: this.barLag.quantiles(),
      quoteLag: this.quoteLag.quantiles(),
      symbols: this.#series.map(({ symbol, completeToMs }) => ({
        symbol,
        lastBarCloseMs: this.#lastCloseMs.get(symbol) ?? null,
        behindMs: Math.max(0, about.timeMs - completeToMs),
      })),
    };
  }
}
