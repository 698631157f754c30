import { describe, expect, it } from 'vitest';
import { SeenPrices } from './seen-prices.ts';

describe('prices that were seen', () => {
  it('are what an order of a side would get, the newest of them', () => {
    const prices = new SeenPrices();
    expect(prices.for(0, -1)).toBeNull();
    prices.note(0, { bid: 99, ask: 101 }, 10);
    expect([prices.for(0, -1), prices.for(0, 1), prices.for(1, 1)]).toEqual([99, 101, null]);
    prices.note(0, { bid: 98, ask: 98 }, 9);
    expect(prices.for(0, -1)).toBe(99);
    prices.note(0, { bid: 98, ask: 98 }, 10);
    expect(prices.for(0, -1)).toBe(98);
  });

  it('are prices, and are forgotten where they are in other units', () => {
    const prices = new SeenPrices();
    for (const bid of [0, -1, NaN, Infinity]) prices.note(0, { bid, ask: 1 }, 0);
    expect(prices.for(0, 1)).toBeNull();
    prices.note(0, { bid: 1, ask: 1 }, 0);
    prices.forget(0);
    expect(prices.for(0, 1)).toBeNull();
  });

  it('keep their age where our clock is put back', () => {
    const prices = new SeenPrices();
    prices.note(0, { bid: 1, ask: 1 }, 1_000);
    prices.clockStepped(-900);
    prices.note(0, { bid: 2, ask: 2 }, 101);
    expect(prices.for(0, 1)).toBe(2);
  });
});
