import type { Quote } from '../venue-event.ts';

/** Why a quote is not kept, the first that applies. */
type QuoteFault = 'symbol' | 'numbers' | 'crossed' | 'older';

/** How old, in ms, a quote may be beside the moment that it is asked about. */
const FRESH_MS = 60_000;

/**
 * The last quote of each symbol, in columns: memory is bounded by the symbols and nothing of an event is kept. A quote
 * that cannot be (an unknown symbol; prices that are not above 0, sizes below 0, no finite numbers; a bid above the
 * ask; a time before the last one's) leaves the last one as it is and is counted. Bid at the ask is possible.
 */
export class LastQuotes {
  /** Quotes that were not kept, by why. */
  readonly refused: Record<QuoteFault, number> = { symbol: 0, numbers: 0, crossed: 0, older: 0 };
  /** Columns by symbol. Times are ms, -Infinity before the first quote; prices and sizes are 0 until then. */
  readonly timeMs: Float64Array;
  readonly bid: Float64Array;
  readonly ask: Float64Array;
  readonly bidSize: Float64Array;
  readonly askSize: Float64Array;

  constructor(symbols: number) {
    this.timeMs = new Float64Array(symbols).fill(-Infinity);
    [this.bid, this.ask] = [new Float64Array(symbols), new Float64Array(symbols)];
    [this.bidSize, this.askSize] = [new Float64Array(symbols), new Float64Array(symbols)];
  }

  /** Keeps a quote, or counts why not. */
  take(quote: Quote): void {
    const fault = this.#faultOf(quote);
    if (fault !== null) {
      this.refused[fault] += 1;
      return;
    }
    const { symbol } = quote;
    this.timeMs[symbol] = quote.timeMs;
    this.bid[symbol] = quote.bid;
    this.ask[symbol] = quote.ask;
    this.bidSize[symbol] = quote.bidSize;
    this.askSize[symbol] = quote.askSize;
  }

  #faultOf({ symbol, bid, ask, bidSize, askSize, timeMs }: Quote): QuoteFault | null {
    const last = this.timeMs[symbol];
    if (last === undefined) return 'symbol';
    // Infinity less itself is NaN, as NaN is: the sum is 0 for finite numbers alone.
    const finite = bid - bid + (ask - ask) + (bidSize - bidSize) + (askSize - askSize) + (timeMs - timeMs) === 0;
    if (!finite || !(bid > 0) || !(ask > 0) || bidSize < 0 || askSize < 0) return 'numbers';
    if (bid > ask) return 'crossed';
    return timeMs < last ? 'older' : null;
  }

  /**
   * Middle of bid and ask of `symbol`; 0 where its last quote is not of the minute around `timeMs`. One of the far
   * future, which keeps later ones out, is never taken for a price of today.
   */
  middle(symbol: number, timeMs: number): number {
    const fresh = Math.abs(timeMs - this.timeMs[symbol]!) <= FRESH_MS;
    return fresh ? this.bid[symbol]! / 2 + this.ask[symbol]! / 2 : 0;
  }

  /** A split restates the price of `symbol`: what was quoted before is no price any more. */
  split(symbol: number): void {
    this.timeMs[symbol] = -Infinity;
  }

  get #columns(): Float64Array[] {
    return [this.timeMs, this.bid, this.ask, this.bidSize, this.askSize];
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { columns: this.#columns, refused: this.refused };
  }

  /** Takes up what one of the same options has saved. */
  restore({ columns, refused }: ReturnType<LastQuotes['save']>): void {
    this.#columns.forEach((column, at) => column.set(columns[at]!));
    Object.assign(this.refused, refused);
  }
}
