import { describe, expect, it } from 'vitest';
import { BAR_MS, setUp } from '../testing/walked-engine.ts';
import type { OrderTerms } from '../orders/order-terms.ts';
import type { Quote } from '../venue-event.ts';
import { LastQuotes } from './last-quotes.ts';

const quoteOf = (more: Partial<Quote> = {}): Quote => ({
  ...{ kind: 'quote', timeMs: 1_000, symbol: 0, bid: 99, ask: 101, bidSize: 5, askSize: 0 },
  ...more,
});

describe('quotes of a venue', () => {
  it('keep the last one of each symbol, a locked one too', () => {
    const quotes = new LastQuotes(2);
    quotes.take(quoteOf());
    quotes.take(quoteOf({ bid: 100, ask: 100 }));
    quotes.take(quoteOf({ symbol: 1, timeMs: 5 }));
    expect([quotes.middle(0, 1_000), quotes.middle(1, 5), [...quotes.timeMs]]).toEqual([100, 100, [1_000, 5]]);
    expect(quotes.refused).toEqual({ symbol: 0, numbers: 0, crossed: 0, older: 0 });
  });

  it('count those that cannot be and keep the one before', () => {
    const quotes = new LastQuotes(1);
    quotes.take(quoteOf());
    const keys = ['bid', 'ask', 'bidSize', 'askSize', 'timeMs'] as const;
    for (const key of keys) for (const value of [NaN, Infinity, -Infinity]) quotes.take(quoteOf({ [key]: value }));
    for (const odd of [{ bid: 0 }, { ask: 0 }, { bid: -1 }, { bidSize: -1 }, { askSize: -1 }])
      quotes.take(quoteOf(odd));
    for (const symbol of [-1, 1, 0.5, NaN]) quotes.take(quoteOf({ symbol }));
    quotes.take(quoteOf({ bid: 102 }));
    quotes.take(quoteOf({ timeMs: 999 }));
    expect(quotes.refused).toEqual({ symbol: 4, numbers: 20, crossed: 1, older: 1 });
    const { bid, ask, bidSize, askSize, timeMs } = quotes;
    expect([bid, ask, bidSize, askSize, timeMs].map(([value]) => value)).toEqual([99, 101, 5, 0, 1_000]);
  });

  it('are no price a minute later, a minute before, or after a split', () => {
    const quotes = new LastQuotes(1);
    expect(quotes.middle(0, 0)).toBe(0);
    quotes.take(quoteOf({ timeMs: 100_000 }));
    expect([39_999, 40_000, 160_000, 160_001].map((timeMs) => quotes.middle(0, timeMs))).toEqual([0, 100, 100, 0]);
    quotes.split(0);
    expect(quotes.middle(0, 100_000)).toBe(0);
  });
});

const CLOSES = Array.from({ length: 60 }, (_, bar) => 100 + Math.sin(bar));
const WORDS = CLOSES.map((_, bar) => (['BUY', 'HOLD', 'SELL'] as const)[bar % 3]!);

/** What a session does whose engine is told `each` before every close. */
function traded(each: readonly Quote[]) {
  const { engine, close } = setUp({ closes: [CLOSES], words: [WORDS] });
  const effects = CLOSES.flatMap((_, bar) => {
    const told = each.flatMap((quote) => engine.handle({ ...quote, timeMs: quote.timeMs + bar * BAR_MS }));
    return [...told, ...close()];
  });
  return { engine, effects };
}

describe('an engine that is told quotes', () => {
  it('leaves no effect of them, good or bad, and does what it does without them', () => {
    const quotes = [
      quoteOf(),
      quoteOf({ bid: 500, ask: 600 }),
      quoteOf({ bid: 601, ask: 600 }),
      quoteOf({ bid: NaN }),
      quoteOf({ symbol: 7 }),
    ];
    const { engine, effects } = traded(quotes);
    expect(effects).toEqual(traded([]).effects);
    expect(effects.some(({ kind }) => kind === 'order')).toBe(true);
    expect(engine.quotes.refused).toEqual({ symbol: 60, numbers: 60, crossed: 60, older: 0 });
    expect(engine.quotes.bid[0]).toBe(500);
  });

  it('forgets what was quoted before a split', () => {
    const { engine, close } = setUp({ closes: [[100, 100]], words: [['HOLD']] });
    close();
    engine.handle(quoteOf({ timeMs: BAR_MS }));
    engine.handle({ kind: 'action', timeMs: BAR_MS, symbol: 0, action: 'split', value: 2 });
    expect(engine.quotes.middle(0, BAR_MS)).toBe(0);
  });
});

describe('the collar of prices beside a quote', () => {
  const place = (quotes: readonly Quote[], price: number, type: OrderTerms['type'] = 'limit') => {
    const { engine, close } = setUp({
      ...{ closes: [[100]], words: [['HOLD']], limits: { priceCollarFraction: 0.05 } },
    });
    close();
    for (const quote of quotes) engine.handle(quote);
    const terms = { type, price, role: 'order', trail: 0, trailShare: 0, group: 0, conditions: null } as const;
    return engine.risk.assessOrder({ timeMs: BAR_MS, symbol: 0, direction: 1, units: 1, price, terms });
  };
  const fresh = quoteOf({ timeMs: BAR_MS - 1, bid: 96, ask: 98 });

  it('is narrowed by a fresh one', () => {
    expect(place([], 104)).toMatchObject({ kind: 'order' });
    expect(place([fresh], 101)).toMatchObject({ kind: 'order' });
    expect(place([fresh], 104)).toMatchObject({
      kind: 'refused',
      code: 'price-collar',
      value: 7 / 97,
      limit: 0.05,
    });
    expect(place([fresh], 104, 'market')).toMatchObject({ kind: 'order' });
  });

  it('is narrowed by one of before the session was saved, and what was refused is still counted', () => {
    const { engine, close } = setUp({ closes: [[100]], words: [['HOLD']], limits: { priceCollarFraction: 0.05 } });
    close();
    for (const quote of [fresh, { ...fresh, bid: NaN }]) engine.handle(quote);
    const other = setUp({ closes: [[100]], words: [['HOLD']], limits: { priceCollarFraction: 0.05 } });
    other.close();
    other.engine.memory.restore(engine.memory.save()!);
    expect(other.engine.quotes.middle(0, BAR_MS)).toBe(97);
    expect(other.engine.quotes).toEqual(engine.quotes);
    expect(other.engine.quotes.refused.numbers).toBe(1);
  });

  it('is as it was beside an old one, and is never widened', () => {
    expect(place([{ ...fresh, timeMs: -1 }], 104)).toMatchObject({ kind: 'order' });
    expect(place([{ ...fresh, bid: 119, ask: 121 }], 119)).toMatchObject({ kind: 'refused', value: 0.19 });
  });
});
