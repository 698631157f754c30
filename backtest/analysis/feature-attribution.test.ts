import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../trading/session-result.ts';
import { featureAttribution } from './feature-attribution.ts';

const trade = (pnl: number, side: LedgerEntry['side'] = 'long'): LedgerEntry => ({
  ...{
    symbol: 'AAA',
    side,
    quantity: 1,
    entryTimeMs: 0,
    entryPrice: 100,
    exitTimeMs: 1,
    exitPrice: 100,
    exit: 'signal',
    fees: 0,
  },
  pnl,
});
const over = (ledger: readonly LedgerEntry[], moves: readonly (readonly number[] | null)[], names = ['a', 'b']) =>
  featureAttribution(ledger, names, (at) => (moves[at] === null ? null : Float64Array.from(moves[at]!)));
const pnlOf = ({ features }: ReturnType<typeof over>) =>
  Object.fromEntries(features.map(({ name, pnl }) => [name, pnl]));

describe('profit by feature', () => {
  it('is given by the size of each move, to those that spoke for the side that was traded', () => {
    const attributed = over([trade(100)], [[0.3, 0.1]]);
    expect(pnlOf(attributed)).toEqual({ a: expect.closeTo(75, 9) as number, b: expect.closeTo(25, 9) as number });
    expect(attributed).toMatchObject({ total: 100, trades: 1, unknown: 0 });
    expect(attributed.cancelled).toBeCloseTo(0, 9);
    expect(attributed.features[0]).toMatchObject({
      name: 'a',
      trades: 1,
      meanMove: 0.3,
      share: expect.closeTo(0.75, 9) as number,
    });
  });

  it('of a short trade goes to what spoke for down', () => {
    expect(pnlOf(over([trade(-40, 'short')], [[-0.2, 0]]))).toEqual({ a: -40 });
  });

  it('has the other sign for what spoke against the side, and what they took from each other is told', () => {
    const attributed = over([trade(100)], [[0.3, -0.1]]);
    expect(pnlOf(attributed)).toEqual({ a: expect.closeTo(75, 9) as number, b: expect.closeTo(-25, 9) as number });
    expect(attributed.cancelled).toBeCloseTo(50, 9);
  });

  it('is unknown without a prediction, and where nothing moved one', () => {
    const attributed = over([trade(1), trade(2), trade(4)], [null, [0, 0], [1, 0]]);
    expect(attributed).toMatchObject({ total: 7, unknown: 3, trades: 1 });
    expect(over([trade(5)], [[1, 2, 3]])).toMatchObject({ unknown: 5, trades: 0, features: [] });
    expect(over([], [])).toMatchObject({ total: 0, trades: 0, meanMove: 0, features: [] });
  });

  it('adds up to what all trades made, and the moves to those of the predictions', () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true });
    const row = fc.option(fc.tuple(number, number, number), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.boolean(), row)), (given) => {
        const ledger = given.map(([pnl, long]) => trade(pnl, long ? 'long' : 'short'));
        const attributed = over(
          ledger,
          given.map(([, , moves]) => moves),
          ['a', 'b', 'c'],
        );
        const { features, cancelled, unknown, total, meanMove } = attributed;
        const sum = features.reduce((all, { pnl }) => all + pnl, cancelled + unknown);
        expect(sum).toBeCloseTo(
          ledger.reduce((all, { pnl }) => all + pnl, 0),
          6,
        );
        expect(total).toBeCloseTo(sum, 6);
        expect(features.reduce((all, one) => all + one.meanMove, 0)).toBeCloseTo(meanMove, 9);
      }),
    );
  });
});
