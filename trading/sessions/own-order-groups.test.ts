import { describe, expect, it } from 'vitest';
import { bracket, type PlaceOrder } from '../orders/order-request.ts';
import { place, run, type Row } from '../testing/scripted-orders.ts';

const FLAT: Row = [100, 100, 100, 100];

describe('orders that belong together', () => {
  const [entry] = [place({ type: 'limit', side: 'buy', limit: 99 })];

  it('a bracket arms with its entry, and the first exit ends the other', () => {
    const rows: Row[] = [FLAT, [100, 101, 99, 100], [100, 106, 100, 105], [105, 105, 90, 90]];
    const { fills, result } = run(rows, { 0: bracket(entry!, { stop: 97, target: 105 }) });
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [10, 99],
      [-10, 105],
    ]);
    expect(result.ledger).toMatchObject([{ entryPrice: 99, exitPrice: 105, pnl: 60, exit: 'order' }]);
  });

  it('of what an entry inside a bar arms only the stop is taken to be reached in that bar', () => {
    const both: Row[] = [FLAT, [100, 106, 96, 100], FLAT];
    const { fills } = run(both, { 0: bracket(entry!, { stop: 97, target: 105 }) });
    expect(fills.map(({ quantity, price, hour }) => [quantity, price, hour])).toEqual([
      [10, 99, 2],
      [-10, 97, 2],
    ]);
    const target: Row[] = [FLAT, [100, 106, 98, 100], FLAT];
    expect(run(target, { 0: bracket(entry!, { stop: 97, target: 105 }) }).fills).toHaveLength(1);
  });

  it('an entry that is cancelled takes what waits for it along; one filled in part arms that part', () => {
    const idle: Row[] = [FLAT, FLAT, FLAT];
    const gone = run(idle, { 0: bracket(entry!, { stop: 97, target: 105 }), 1: [{ do: 'cancel', label: 'one' }] });
    expect(gone.books[2]!.working).toEqual([]);
    expect(gone.entries.filter(({ kind }) => kind === 'order')).toHaveLength(1);
    const thin: Row[] = [FLAT, [100, 100, 99, 100, 40], FLAT, [100, 106, 100, 106]];
    const cancel = [{ do: 'cancel', label: 'one' }] as const;
    const part = run(
      thin,
      { 0: bracket(entry!, { stop: 97, target: 105 }), 1: cancel },
      { costs: { participation: 0.1 } },
    );
    expect(part.fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [4, 99],
      [-4, 105],
    ]);
  });

  it('two exits never sell the same share: what one reserves the other has not', () => {
    const rows: Row[] = [FLAT, FLAT, FLAT, [100, 110, 90, 100], FLAT];
    const exit = (label: string, limit: number, units: number): PlaceOrder =>
      place({ label, type: 'limit', side: 'sell', limit, size: { units }, reduceOnly: true });
    const { fills, codes, entries } = run(rows, {
      0: [place({ type: 'market', side: 'buy' })],
      1: [exit('a', 105, 7), exit('b', 106, 7), exit('c', 107, 1)],
    });
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [10, 100],
      [-7, 105],
      [-3, 106],
    ]);
    expect(codes).toEqual(['nothing-to-reduce']);
    const clipped = entries.map((entry) => (entry.kind === 'order' ? entry.clippedBy : null));
    expect(clipped.filter((code) => code !== null)).toEqual(['nothing-to-reduce']);
  });
});

describe('what an execution triggers starts at its price, not at a close that is not known yet', () => {
  const stop = place({ label: 'stop', side: 'sell', type: 'trailing', trail: { percent: 0.05 }, after: 'one' });
  const levels = (rows: readonly Row[], entry: PlaceOrder, further: PlaceOrder = stop) =>
    run(rows, { 0: [entry, further] }).entries.flatMap((one) => (one.kind === 'terms' ? [one.price] : []));

  it.each([90, 101, 120])('inside a bar that closes at %d', (close) => {
    const rows: Row[] = [FLAT, [100, Math.max(100, close), Math.min(96, close), close], FLAT];
    expect(levels(rows, place({ type: 'limit', side: 'buy', limit: 98 }))).toEqual([98, 93.1]);
    const amount = { ...stop, trail: { price: 3 } };
    expect(levels(rows, place({ type: 'limit', side: 'buy', limit: 98 }), amount)).toEqual([98, 95]);
    const cover = { ...stop, side: 'buy' } as const;
    expect(levels(rows, place({ type: 'stop', side: 'sell', stop: 98 }), cover)).toEqual([98, 102.9]);
  });

  it('at an open away from the close before, and at the part that was filled last', () => {
    const gap: Row[] = [FLAT, [110, 111, 109, 110], FLAT];
    expect(levels(gap, place({ type: 'market', side: 'buy' })).at(-1)).toBe(104.5);
    const parts: Row[] = [FLAT, [100, 100, 100, 100, 40], [110, 110, 110, 110, 1_000], [120, 120, 119, 120]];
    const { entries } = run(
      parts,
      { 0: [place({ type: 'market', side: 'buy' }), stop] },
      { costs: { participation: 0.1 } },
    );
    expect(entries.flatMap((one) => (one.kind === 'terms' ? [one.price] : [])).at(-1)).toBe(104.5);
  });

  it('in units of a split that came between the execution and the end of its order', () => {
    const rows: Row[] = [FLAT, [100, 100, 100, 100, 40], [50, 55, 50, 55, 0], FLAT];
    const { entries } = run(
      rows,
      { 0: [place({ type: 'market', side: 'buy' }), stop], 2: [{ do: 'cancel', label: 'one' }] },
      { costs: { participation: 0.1 }, split: [2, 2] },
    );
    expect(entries.flatMap((one) => (one.kind === 'terms' ? [one.price] : [])).at(-1)).toBe(47.5);
  });
});

describe('amending and cancelling', () => {
  it('moves a working order, in price and size', () => {
    const rows: Row[] = [FLAT, FLAT, [100, 100, 96, 100]];
    const { fills, entries } = run(rows, {
      0: [place({ type: 'limit', side: 'buy', limit: 95 })],
      1: [{ do: 'amend', label: 'one', limit: 97, units: 4 }],
    });
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([[4, 97]]);
    expect(entries.filter(({ kind }) => kind === 'amend')).toMatchObject([{ quantity: 4, price: 97, sequence: 1 }]);
    expect(entries.filter(({ kind }) => kind === 'order-update')).toMatchObject([{ state: 'ACCEPTED' }]);
  });

  it('says what it cannot find, and what is no order', () => {
    const { codes, result } = run([FLAT, FLAT], {
      0: [
        { do: 'cancel', label: 'nobody' },
        place({ type: 'limit', side: 'buy' }),
        place({ type: 'market', side: 'buy', limit: 3 }),
        place({ type: 'limit', side: 'buy', limit: NaN }),
        place({ type: 'limit', side: 'buy', limit: 99, size: { units: Infinity } }),
        place({ type: 'limit', side: 'buy', limit: 99, label: 'twice' }),
        place({ type: 'limit', side: 'buy', limit: 99, label: 'twice' }),
        place({ type: 'limit', side: 'buy', limit: 99, label: 'late', after: 'nobody' }),
      ],
    });
    expect(codes).toEqual([...new Array<string>(7).fill('order-request'), 'expired']);
    expect(result.refusals[1]!.reason).toContain('a limit belongs to limit and stop-limit orders');
    expect(result.refusals[6]!.reason).toContain('`after`');
  });
});

describe('risk and own orders', () => {
  it('cuts to the limits, with all that works counted as filled', () => {
    const order = (label: string): PlaceOrder => place({ label, type: 'limit', side: 'buy', limit: 95 });
    const { entries, codes } = run(
      [FLAT, [100, 100, 94, 95], FLAT],
      { 0: [order('a'), order('b'), order('c')] },
      { limits: { positionFraction: 0.15 } },
    );
    // 1,500 at 100 a unit: 10, then 5, then none.
    const orders = entries.filter((entry) => entry.kind === 'order');
    expect(orders.map(({ quantity, clippedBy }) => [quantity, clippedBy])).toEqual([
      [10, null],
      [5, 'position-limit'],
    ]);
    expect(codes).toEqual(['position-limit']);
  });

  it('a purchase that cash does not pay for is cut when it is filled, beside what is held already', () => {
    const rows: Row[] = [FLAT, FLAT, [100, 100, 100, 100], [200, 200, 200, 200], FLAT];
    const { result, codes } = run(rows, {
      0: [place({ type: 'market', side: 'buy', size: { units: 60 } })],
      1: [place({ type: 'stop', side: 'buy', stop: 150, size: { units: 20 }, label: 'two' })],
    });
    expect(result.ledger.map(({ quantity }) => quantity)).toEqual([80]);
    expect(codes).toEqual([]);
    const poor = run(rows, {
      0: [place({ type: 'market', side: 'buy', size: { units: 60 } })],
      1: [place({ type: 'stop', side: 'buy', stop: 150, size: { units: 26 }, label: 'two' })],
    });
    expect(poor.codes).toEqual(['cash']);
    expect(poor.result.ledger.map(({ quantity }) => quantity)).toEqual([80]);
  });

  it('no halt leaves an order that would open', () => {
    const rows: Row[] = [FLAT, FLAT, [60, 60, 60, 60], [60, 60, 40, 40], FLAT];
    const { fills, codes } = run(
      rows,
      {
        0: [place({ type: 'market', side: 'buy', size: { units: 50 } })],
        1: [place({ type: 'limit', side: 'buy', limit: 50, label: 'more' })],
      },
      { limits: { drawdownFraction: 0.1 } },
    );
    expect(fills.map(({ quantity }) => quantity)).toEqual([50]);
    expect(codes).toEqual([]);
  });
});
