import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Portfolio } from './portfolio.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';

const closeTo = (value: number): number => expect.closeTo(value, 9) as number;

interface Trade {
  readonly symbol: number;
  readonly lots: number;
  readonly cents: number;
}

const trade = fc.record({
  symbol: fc.integer({ min: 0, max: 2 }),
  lots: fc.integer({ min: -50_000, max: 50_000 }).filter((lots) => lots !== 0),
  cents: fc.integer({ min: 1, max: 5_000_000 }),
});

/** Books the trades on lots of 0.01 with a fee of 5 bps, in floats and in exact decimals. */
function bookBoth(trades: readonly Trade[]): { portfolio: Portfolio; cash: Big; quantity: Big[]; fees: Big } {
  const portfolio = new Portfolio(
    ['A', 'B', 'C'].map((symbol) => testInstrument(symbol, { lot: 0.01 })),
    1e6,
  );
  let cash = new Big(1e6);
  let fees = new Big(0);
  const quantity = [new Big(0), new Big(0), new Big(0)];
  trades.forEach(({ symbol, lots, cents }, at) => {
    const units = new Big(lots).div(100);
    const price = new Big(cents).div(100);
    const fee = units.abs().times(price).times('0.0005');
    cash = cash.minus(units.times(price)).minus(fee);
    fees = fees.plus(fee);
    quantity[symbol] = quantity[symbol]!.plus(units);
    const fill = { sequence: at + 1, timeMs: at, symbol, quantity: lots / 100, price: cents / 100 };
    portfolio.book({
      kind: 'fill',
      ...fill,
      fee: (Math.abs(lots / 100) * cents * 0.0005) / 100,
      slippage: 0,
      final: true,
    });
    portfolio.price[symbol] = cents / 100;
  });
  return { portfolio, cash, quantity, fees };
}

describe('Portfolio', () => {
  it('drifts less than a part in 1e12 of what was traded from exact decimals, and holds exact quantities', () => {
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 200 }), (trades) => {
        const { portfolio, cash, quantity, fees } = bookBoth(trades);
        const bound = 1e6 * 1e-12 + portfolio.tradedNotional * 1e-12;
        expect(Math.abs(cash.minus(portfolio.cash).toNumber())).toBeLessThan(bound);
        expect(Math.abs(fees.minus(portfolio.fees).toNumber())).toBeLessThan(bound);
        quantity.forEach((exact, symbol) => expect(portfolio.quantity[symbol]).toBe(exact.toNumber()));
      }),
      { numRuns: 60 },
    );
  });

  it('has a ledger that adds up to the equity: every gain and fee is in exactly one entry', () => {
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 100 }), (trades) => {
        const { portfolio } = bookBoth(trades);
        portfolio.mark({ timeMs: 1_000 });
        const entries = portfolio.ledgerEntries(['A', 'B', 'C']);
        const total = entries.reduce((sum, entry) => sum + entry.pnl, 0);
        const fees = entries.reduce((sum, entry) => sum + entry.fees, 0);
        const bound = 1e-6 + portfolio.tradedNotional * 1e-11;
        expect(Math.abs(portfolio.equity - 1e6 - total)).toBeLessThan(bound);
        expect(Math.abs(fees - portfolio.fees)).toBeLessThan(bound);
      }),
      { numRuns: 60 },
    );
  });

  it('closes and opens in one fill through zero', () => {
    const { portfolio } = bookBoth([
      { symbol: 0, lots: 1_000, cents: 10_000 },
      { symbol: 0, lots: -3_000, cents: 11_000 },
    ]);
    const [closed, open] = portfolio.ledgerEntries(['A', 'B', 'C']);
    expect(closed).toMatchObject({ side: 'long', quantity: 10, entryPrice: 100, exitPrice: 110, exitTimeMs: 1 });
    expect(closed!.pnl).toBeCloseTo(100 - 0.5 - 0.55, 9);
    expect(open).toMatchObject({ side: 'short', quantity: 20, entryPrice: 110, exitTimeMs: null });
    expect(open!.fees).toBeCloseTo(1.1, 9);
  });

  it('ends a position that a reverse split leaves no lot of: the next one has its own profit, fees and entry', () => {
    const portfolio = new Portfolio([testInstrument('A')], 1_000);
    const fill = (timeMs: number, quantity: number, price: number): void =>
      portfolio.book({
        kind: 'fill',
        ...{ sequence: timeMs, timeMs, symbol: 0, quantity, price, fee: 1, slippage: 0, final: true },
      });
    fill(1, 9, 5);
    portfolio.price[0] = 4;
    // One new share for 100 old ones: 9 are 0.09, paid out at 400.
    expect(portfolio.takeAction({ kind: 'action', timeMs: 2, symbol: 0, action: 'split', value: 0.01 })).toBeCloseTo(
      36,
    );
    fill(3, 1, 400);
    fill(4, -1, 450);
    const [paidOut, next, ...more] = portfolio.ledgerEntries(['A']);
    expect(more).toEqual([]);
    expect(paidOut).toMatchObject({ side: 'long', quantity: 0.09, entryTimeMs: 1, exitTimeMs: 2, fees: 1 });
    expect([paidOut!.entryPrice, paidOut!.exitPrice, paidOut!.pnl]).toEqual([500, 400, -10].map((x) => closeTo(x)));
    expect(next).toMatchObject({ quantity: 1, entryTimeMs: 3, entryPrice: 400, exitPrice: 450, pnl: 48, fees: 2 });
    expect(portfolio.cash).toBeCloseTo(1_000 - 10 + 48, 9);
  });
});
