import { describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../../orders/order-request.ts';
import { place, run, type Row } from '../../testing/scripted-orders.ts';

// One history for each way to execute an order in parts, with every order worked out by hand. Bars are of an hour.

const flat = (closes: readonly number[], volume = 1_000): Row[] =>
  closes.map((close) => [close, close, close, close, volume]);

const buy = (execution: NonNullable<PlaceOrder['execution']>, units = 10): PlaceOrder =>
  place({ type: 'market', side: 'buy', size: { units }, execution });

function executed(rows: readonly Row[], order: PlaceOrder, at = 0) {
  const { fills, entries, codes } = run(rows, { [at]: [order] });
  return {
    fills: fills.map(({ quantity, price, hour }) => [quantity, price, hour]),
    orders: entries.flatMap((entry) => (entry.kind === 'terms' ? [[entry.type, entry.price]] : [])),
    end: entries.flatMap((entry) => (entry.kind === 'parent-end' ? [[entry.filled, entry.left, entry.code]] : [])),
    codes,
  };
}

describe('twap', () => {
  it('sends equal slices at equal times, down to the lot', () => {
    const order = buy({ kind: 'twap', slices: 4, withinMinutes: 240 });
    const { fills, end } = executed(flat([100, 101, 102, 103, 104, 105]), order);
    expect(fills).toEqual([
      [2, 101, 1],
      [3, 102, 2],
      [2, 103, 3],
      [3, 104, 4],
    ]);
    expect(end).toEqual([[10, 0, null]]);
  });

  it('with a bound rests there, and what rests gives way to a larger slice', () => {
    const order = buy({ kind: 'twap', slices: 2, withinMinutes: 120, maxSlippageBps: 100 });
    const { fills, orders, end } = executed(flat([100, 102, 100.5, 103]), order);
    expect(orders).toEqual([
      ['limit', 101],
      ['limit', 101],
    ]);
    expect([fills, end]).toEqual([[[10, 100.5, 3]], [[10, 0, null]]]);
  });

  it('gives up what is left at its end, and says why', () => {
    const order = buy({ kind: 'twap', slices: 2, withinMinutes: 120, maxSlippageBps: 100 });
    const { fills, end, codes } = executed(flat([100, 102, 103, 104]), order);
    expect([fills, end, codes]).toEqual([[], [[0, 10, 'execution-bound']], ['execution-bound']]);
  });
});

describe('vwap', () => {
  // Four hours of a day that is not whole, a whole day with its volume at hours 2 and 3, and the day of the decision.
  const volumes = [...Array(4).fill(50), ...Array(2).fill(10), 300, 100, ...Array(20).fill(10), ...Array(6).fill(10)];
  const rows = volumes.map((volume: number): Row => [100, 100, 100, 100, volume]);
  const order = buy({ kind: 'vwap', slices: 2, withinMinutes: 120, profileDays: 5 }, 8);

  it('is sized by the volume that the past day had in those hours', () => {
    const { fills, end } = executed(rows, order, 29);
    expect(fills).toEqual([
      [6, 100, 30],
      [2, 100, 31],
    ]);
    expect(end).toEqual([[8, 0, null]]);
  });

  it('opens nothing before a past day is known', () => {
    const { fills, codes } = executed(rows, order, 10);
    expect([fills, codes]).toEqual([[], ['no-volume-profile']]);
  });
});

describe('participation', () => {
  it('follows the volume of the bars that closed since', () => {
    const volumes = [1_000, 30, 50, 100, 100];
    const rows = volumes.map((volume, at): Row => [100 + at, 100 + at, 100 + at, 100 + at, volume]);
    const { fills, end } = executed(rows, buy({ kind: 'participation', share: 0.1 }));
    expect(fills).toEqual([
      [3, 102, 2],
      [5, 103, 3],
      [2, 104, 4],
    ]);
    expect(end).toEqual([[10, 0, null]]);
  });

  it('gives up what the volume did not allow in its time', () => {
    const order = buy({ kind: 'participation', share: 0.1, withinMinutes: 120 });
    const { fills, end } = executed(flat([100, 100, 100, 100], 30), order);
    expect([fills, end]).toEqual([[[3, 100, 2]], [[3, 7, 'execution-time']]]);
  });
});

describe('chase', () => {
  const order = buy({ kind: 'chase', maxSlippageBps: 200, withinMinutes: 600 });

  it('follows the price away', () => {
    const { fills, orders, end } = executed(flat([100, 101, 101.5, 101.2]), order);
    expect(orders).toEqual([
      ['limit', 100],
      ['limit', 101],
      ['limit', 101.5],
    ]);
    expect([fills, end]).toEqual([[[10, 101.2, 4]], [[10, 0, null]]]);
  });

  it('gives up beyond its bound', () => {
    const { fills, orders, end, codes } = executed(flat([100, 101, 103, 100]), order);
    expect(orders.map(([, price]) => price)).toEqual([100, 101]);
    expect([fills, end, codes]).toEqual([[], [[0, 10, 'execution-bound']], ['execution-bound']]);
  });
});

describe('maker', () => {
  const order = buy({ kind: 'maker', takerAfterMinutes: 180, offsetBps: 0 });

  it('that would take is priced one tick off, and filled at its limit', () => {
    const rows: Row[] = [...flat([100, 99.5]), [99.6, 99.7, 99.4, 99.6], ...flat([99.6])];
    const { fills, orders, end } = executed(rows, order);
    expect(orders.map(([, price]) => price)).toEqual([100, 99.49]);
    expect([fills, end]).toEqual([[[10, 99.49, 3]], [[10, 0, null]]]);
  });

  it('takes what is there after its time', () => {
    const { fills, orders } = executed(flat([100, 101, 102, 103, 104]), order);
    expect(orders).toEqual([
      ['limit', 100],
      ['limit', 101],
      ['limit', 102],
      ['market', 0],
    ]);
    expect(fills).toEqual([[10, 104, 4]]);
  });

  it('takes once the price has run away', () => {
    const away = buy({ kind: 'maker', takerAfterMinutes: 600, takerBeyondBps: 150, offsetBps: 0 });
    const { fills } = executed(flat([100, 101, 102, 103, 104]), away);
    expect(fills).toEqual([[10, 103, 3]]);
  });
});

describe('an order that is executed in parts', () => {
  const order = buy({ kind: 'twap', slices: 4, withinMinutes: 240 });

  it('is ended by its strategy: what was executed stays, and nothing follows', () => {
    const working: unknown[] = [];
    const { fills, entries, books } = run(flat([100, 101, 102, 103, 104]), {
      0: [order],
      1: (book) => {
        working.push(...book.working.map(({ units, filled, waiting }) => [units, filled, waiting]));
        return [{ do: 'cancel', label: 'one' }];
      },
    });
    expect(fills.map(({ quantity }) => quantity)).toEqual([2]);
    expect(entries.find((entry) => entry.kind === 'parent-end')).toMatchObject({ filled: 2, left: 8 });
    expect(working).toEqual([[10, 2, false]]);
    expect(books[2]!.working).toEqual([]);
  });

  it('triggers what waits for it, once it has ended, for as much as was executed', () => {
    const out = place({ type: 'market', side: 'sell', size: 'position', label: 'out', after: 'one', reduceOnly: true });
    const { fills } = run(flat([100, 101, 102, 103, 104, 105]), { 0: [order, out] });
    expect(fills.map(({ quantity, hour }) => [quantity, hour])).toEqual([
      [2, 1],
      [3, 2],
      [2, 3],
      [3, 4],
      [-10, 5],
    ]);
  });

  it('keeps what it is to close from every other exit', () => {
    const exit = place({
      type: 'market',
      side: 'sell',
      size: 'position',
      label: 'out',
      reduceOnly: true,
      execution: { kind: 'twap', slices: 2, withinMinutes: 240 },
    });
    const other = place({ type: 'market', side: 'sell', label: 'more', reduceOnly: true });
    const { fills, codes } = run(flat([100, 100, 100, 100, 100, 100]), {
      0: [place({ type: 'market', side: 'buy', label: 'in' })],
      1: [exit],
      2: [other],
    });
    expect(codes).toEqual(['nothing-to-reduce']);
    expect(fills.map(({ quantity, hour }) => [quantity, hour])).toEqual([
      [10, 1],
      [-5, 2],
      [-5, 4],
    ]);
  });

  it('is refused beside what it cannot go with', () => {
    const { codes } = run(flat([100, 100]), {
      0: [
        { ...order, group: 'g' },
        { ...order, label: 'two', tif: 'day' },
      ],
    });
    expect(codes).toEqual(['order-request', 'order-request']);
  });
});
