import type { Broker } from '../../brokers/broker.ts';
import type { Market, MarketStep } from '../../market.ts';
import type { ClosedBars } from '../replayed-feed.ts';

interface BidAsk {
  readonly bid: number;
  readonly ask: number;
}

/** The market as a session at a venue sees it go by, in replay, too: bars, and what was quoted last when they came. */
export class WatchedMarket {
  readonly #saw: (symbol: number, quote: BidAsk) => void;
  readonly #quotes = new Map<number, BidAsk>();

  constructor(saw: (symbol: number, quote: BidAsk) => void) {
    this.#saw = saw;
  }

  /** These bars come next. A quote is newer than the close of its bar. */
  quoted(bars: ClosedBars['bars']): void {
    for (const { symbol, quote } of bars) if (quote) this.#quotes.set(symbol, quote);
  }

  /** The venue's place in the engine's loop. Orders leave by the edge, after their record. */
  broker({ series }: Pick<Market, 'series'>): Broker {
    return {
      onMarket: (step) => this.#step(step, series),
      submit: () => undefined,
      cancel: () => undefined,
      amend: () => undefined,
    };
  }

  #step({ kind, count, symbols, index }: MarketStep, series: Market['series']): void {
    for (let place = 0; place < count; place++) {
      const symbol = symbols[place]!;
      const { bars } = series[symbol]!;
      const price = (kind === 'open' ? bars.open : bars.close)[index[place]!]!;
      this.#saw(symbol, (kind === 'close' ? this.#quotes.get(symbol) : undefined) ?? { bid: price, ask: price });
      if (kind === 'close') this.#quotes.delete(symbol);
    }
  }
}
