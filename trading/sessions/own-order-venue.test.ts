import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../features/timeframe.ts';
import { bracket, type PlaceOrder } from '../orders/order-request.ts';
import { place, run, type Row } from '../testing/scripted-orders.ts';

const FLAT: Row = [100, 100, 100, 100];
const HALF: Row = [50, 50, 50, 50];
const buyLimit = (order: Partial<PlaceOrder>): PlaceOrder => place({ type: 'limit', side: 'buy', limit: 99, ...order });

describe('orders that look at opens', () => {
  const costs = { commission: { makerBps: 0, takerBps: 100 } };

  it('are charged as takers of what they find at their first open, whatever else is watched', () => {
    for (const tif of ['gtc', 'day'] as const) {
      const { fills } = run([FLAT, FLAT], { 0: [buyLimit({ limit: 101, tif })] }, { costs });
      expect(fills.map(({ fee }) => fee)).toEqual([10]);
    }
  });

  it('rest once they have arrived, as others do', () => {
    const rows: Row[] = [FLAT, FLAT, FLAT, [100, 100, 98, 100]];
    for (const order of [buyLimit({}), buyLimit({ tif: 'day' }), buyLimit({ postOnly: true })]) {
      const { fills } = run(rows, { 0: [order] }, { costs: { latencyMs: HOUR_MS / 2 } });
      expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([[10, 99]]);
    }
  });
});

describe('what a bar does not fill', () => {
  it('of a stop whose price was reached takes the next open, also where the bar filled nothing', () => {
    const rows: Row[] = [FLAT, FLAT, [100, 100, 95, 100, 0], [101, 101, 101, 101], FLAT];
    const stop = place({ type: 'stop', side: 'sell', stop: 97, label: 'exit', size: 'position' });
    const script = { 0: [place({ type: 'market', side: 'buy' })], 1: [stop] };
    const { fills } = run(rows, script, { costs: { participation: 0.5 } });
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [10, 100],
      [-10, 101],
    ]);
  });
});

describe('on the way from open to high to low to close', () => {
  it('a limit that an entry inside the bar triggers waits for the next one', () => {
    const rows: Row[] = [FLAT, [104, 106, 103, 105.5], [105, 107, 105, 106]];
    const entry = place({ type: 'stop', side: 'buy', stop: 105 });
    const target = place({ type: 'limit', side: 'sell', limit: 103.5, label: 'exit', after: 'one' });
    const { fills } = run(rows, { 0: [entry, target] }, { costs: { intrabar: 'open-high-low-close' } });
    expect(fills.map(({ quantity, price, hour }) => [quantity, price, hour])).toEqual([
      [10, 105, 2],
      [-10, 105, 3],
    ]);
  });
});

describe('a split', () => {
  it('is in the close that orders are placed by', () => {
    expect(run([FLAT, HALF, HALF], {}, { split: [1, 2] }).books.map(({ close }) => close)).toEqual([100, 50, 50]);
  });

  it('restates what waits for another order', () => {
    const rows: Row[] = [FLAT, HALF, [50, 50, 49, 50], HALF, [50, 53, 50, 53]];
    const [entry] = [buyLimit({ limit: 98 })];
    const { fills } = run(rows, { 0: bracket(entry!, { stop: 90, target: 104 }) }, { split: [1, 2] });
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [20, 49],
      [-20, 52],
    ]);
  });

  it('restates what an amendment does not name', () => {
    const rows: Row[] = [FLAT, HALF, HALF, [50, 52, 49, 50]];
    const order = place({ type: 'stop-limit', side: 'buy', stop: 102, limit: 103 });
    const { fills } = run(rows, { 0: [order], 1: [{ do: 'amend', label: 'one', units: 6 }] }, { split: [1, 2] });
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([[6, 51]]);
  });

  it('ends what it leaves less than a lot of', () => {
    const rows: Row[] = [FLAT, [100, 100, 98, 100, 18], [200, 200, 200, 200], [200, 200, 190, 190], FLAT];
    const run2 = run(rows, { 0: [buyLimit({})] }, { costs: { participation: 0.5 }, split: [2, 0.5] });
    expect(run2.fills.map(({ quantity }) => quantity)).toEqual([9]);
    expect(run2.books[3]!.working).toEqual([]);
    expect(run2.codes).toEqual(['below-lot']);
  });
});

describe('an amendment', () => {
  it('of the size leaves a trailing stop where it has come to', () => {
    const rows: Row[] = [FLAT, FLAT, [100, 110, 100, 110], [105, 106, 105, 106], [106, 106, 103, 103], FLAT];
    const stop = place({ type: 'trailing', side: 'sell', trail: { price: 6 }, label: 'exit', size: 'position' });
    const { fills } = run(rows, {
      0: [place({ type: 'market', side: 'buy' })],
      1: [stop],
      3: [{ do: 'amend', label: 'exit', units: 5 }],
    });
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [10, 100],
      [-5, 104],
    ]);
  });
});

describe('limits', () => {
  it('count what else opens beside what a purchase closes', () => {
    const turn = (label: string, units: number): PlaceOrder =>
      place({ label, type: 'limit', side: 'buy', limit: 99, size: { units } });
    const { entries, codes } = run(
      [FLAT, FLAT, FLAT],
      { 0: [place({ type: 'market', side: 'sell' })], 1: [turn('a', 20), turn('b', 10)] },
      { limits: { positionFraction: 0.1 } },
    );
    const orders = entries.filter((entry) => entry.kind === 'order');
    expect(orders.map(({ quantity }) => quantity)).toEqual([-10, 20]);
    expect(codes).toContain('position-limit');
  });

  it('an order that is refused when its turn comes takes along what waits for it', () => {
    const rows: Row[] = [FLAT, FLAT, FLAT];
    const market = { type: 'market', side: 'buy', size: { units: 60 } } as const;
    const { books } = run(
      rows,
      {
        0: [
          place({ ...market }),
          place({ ...market, label: 'two', after: 'one' }),
          place({ ...market, label: 'three', after: 'two' }),
        ],
      },
      { limits: { positionFraction: 0.6 } },
    );
    expect(books[2]!.working).toEqual([]);
  });

  it('a halt drops what would open, and what waits for it', () => {
    const rows: Row[] = [FLAT, FLAT, [60, 60, 60, 60], FLAT];
    const big = place({ type: 'market', side: 'buy', size: { units: 50 }, label: 'held' });
    const waiting = place({ type: 'limit', side: 'buy', limit: 20, label: 'entry' });
    const next = buyLimit({ label: 'next', after: 'entry' });
    const exit = place({ type: 'limit', side: 'sell', limit: 200, label: 'exit', after: 'next', reduceOnly: true });
    const { books } = run(rows, { 0: [big, waiting, next, exit] }, { limits: { drawdownFraction: 0.1 } });
    expect(books[3]!.working).toEqual([]);
  });
});
