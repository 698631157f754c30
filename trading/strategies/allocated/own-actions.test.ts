import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../features/timeframe.ts';
import { bracket, type PlaceOrder } from '../../orders/order-request.ts';
import { place, START_MS, type Row } from '../../testing/scripted-orders.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import { HOLD, type OrderBook, type Strategy } from '../strategy.ts';
import { runShared } from '../testing/shared-orders.ts';

const FLAT: Row = [100, 100, 100, 100];
const buy = place({ type: 'market', side: 'buy' });
const sellAll: PlaceOrder = place({ type: 'market', side: 'sell', size: 'position', reduceOnly: true, label: 'out' });
const flat = (rows: number): Row[] => Array.from({ length: rows }, () => FLAT);

describe('a strategy that places orders of its own, and shares its account', () => {
  it('is shown its own part and its own orders, by the names that it gave them', () => {
    const rest = place({ type: 'limit', side: 'buy', limit: 90, label: 'low', group: 'g', size: { units: 5 } });
    const { told, fills } = runShared(flat(4), {
      one: { 0: [buy], 1: [rest] },
      two: { 0: [place({ ...buy, size: { units: 30 } })], 1: [{ ...rest, limit: 80 }] },
    });
    expect(fills).toEqual([
      ['one', 10, 100, 1],
      ['two', 30, 100, 1],
    ]);
    const last = (name: string): OrderBook => told[name]!.books.at(-1)!;
    expect(last('one')).toMatchObject({ position: 10, averagePrice: 100, cash: 9_000, equity: 10_000 });
    expect(last('two')).toMatchObject({ position: 30, cash: 7_000, equity: 10_000 });
    expect(last('one').working).toEqual([{ request: rest, units: 5, filled: 0, waiting: false }]);
    expect(last('two').working.map(({ request }) => request)).toEqual([{ ...rest, limit: 80 }]);
    expect(told.one!.heard.map(({ quantity }) => quantity)).toEqual([10]);
    expect(told.two!.heard.map(({ quantity }) => quantity)).toEqual([30]);
  });

  it('neither cancels nor changes an order of another, and is not ended by a group of another', () => {
    const rest = (units: number) =>
      place({ type: 'limit', side: 'buy', limit: 95, label: 'in', group: 'g', size: { units } });
    const { fills, codes } = runShared([FLAT, FLAT, FLAT, [100, 100, 94, 95]], {
      one: { 0: [rest(10)] },
      two: { 0: [rest(3)], 1: [{ do: 'cancel', label: 'in' }] },
      three: {
        1: [
          { do: 'cancel', label: 'in' },
          { do: 'amend', label: 'in', limit: 97 },
          { ...buy, after: 'in' },
        ],
      },
      four: { 0: [rest(4)] },
    });
    expect(fills).toEqual([
      ['one', 10, 95, 4],
      ['four', 4, 95, 4],
    ]);
    expect(codes).toEqual(['order-request', 'order-request', 'order-request']);
  });

  it('sells what it holds and nothing of what others hold', () => {
    const much = place({ type: 'market', side: 'sell', size: { units: 25 }, label: 'out' });
    const { fills, codes, result } = runShared(flat(5), {
      one: { 0: [place({ ...buy, size: { units: 40 } })] },
      two: { 0: [buy], 1: [much], 2: [{ ...much, reduceOnly: true }] },
      three: { 1: [sellAll, { ...much, label: 'more' }] },
    });
    expect(fills).toEqual([
      ['one', 40, 100, 1],
      ['two', 10, 100, 1],
      ['two', -10, 100, 2],
    ]);
    expect(codes).toEqual(['nothing-to-reduce', 'short-not-allowed', 'nothing-to-reduce']);
    expect(result.strategies!.map(({ name, fills: count }) => [name, count])).toEqual([
      ['one', 1],
      ['two', 2],
      ['three', 0],
      [null, 0],
    ]);
  });

  it('has exits for its own part, each unit of it once, beside exits of others', () => {
    const exit = (label: string, limit: number, units: number): PlaceOrder =>
      place({ label, type: 'limit', side: 'sell', limit, size: { units }, reduceOnly: true });
    const exits = [exit('a', 105, 7), exit('b', 106, 7), exit('c', 107, 1)];
    const { fills, codes } = runShared([FLAT, FLAT, FLAT, [100, 110, 90, 100], FLAT], {
      one: { 0: [buy], 1: exits },
      two: { 0: [place({ ...buy, size: { units: 20 } })], 1: exits },
    });
    expect(fills.filter(([, quantity]) => quantity < 0)).toEqual([
      ['one', -7, 105, 4],
      ['two', -7, 105, 4],
      ['one', -3, 106, 4],
      ['two', -7, 106, 4],
      ['two', -1, 107, 4],
    ]);
    expect(codes).toEqual(['nothing-to-reduce']);
  });

  it('has brackets that arm with its own entry, and close its own part where another holds the other side', () => {
    const entry = place({ type: 'limit', side: 'buy', limit: 99, size: { units: 30 } });
    const rows: Row[] = [FLAT, [100, 101, 99, 100], FLAT, [100, 106, 100, 105], FLAT];
    const { fills, told, codes } = runShared(
      rows,
      {
        one: { 0: bracket(entry, { stop: 97, target: 105 }) },
        two: { 0: [place({ type: 'market', side: 'sell', size: { units: 20 } })] },
        three: { 0: [buy], 3: [sellAll] },
      },
      { limits: { shortAllowed: true } },
    );
    expect(fills).toEqual([
      ['two', -20, 100, 1],
      ['three', 10, 100, 1],
      ['one', 30, 99, 2],
      ['one', -30, 105, 4],
      ['three', -10, 100, 4],
    ]);
    expect(codes).toEqual([]);
    expect(told.one!.books.at(-1)!.working).toEqual([]);
    expect(told.two!.books.at(-1)).toMatchObject({ position: -20, averagePrice: 100 });
  });

  it('has exits that close its part where another has come to hold the other side since', () => {
    const stop = place({ type: 'stop', side: 'sell', stop: 95, size: 'position', label: 'stop' });
    const short = place({ type: 'market', side: 'sell', size: { units: 20 } });
    const rows: Row[] = [FLAT, FLAT, FLAT, [100, 100, 94, 95], FLAT];
    const { fills } = runShared(
      rows,
      { one: { 0: [buy], 1: [{ ...stop, reduceOnly: true }] }, two: { 0: [buy], 1: [stop] }, three: { 2: [short] } },
      { limits: { shortAllowed: true } },
    );
    expect(fills.slice(2)).toEqual([
      ['three', -20, 100, 3],
      ['one', -10, 95, 4],
      ['two', -10, 95, 4],
    ]);
  });

  it('is held to its own limits, with what works counted as filled', () => {
    const rest = (label: string, units: number): PlaceOrder =>
      place({ label, type: 'limit', side: 'buy', limit: 100, size: { units } });
    const { codes, result } = runShared(
      flat(3),
      {
        one: { 0: [rest('a', 40), rest('b', 30), rest('c', 10)] },
        two: { 0: [rest('a', 50), rest('b', 1)] },
      },
      { own: { positionFraction: 0.5, exposureFraction: 1 } },
    );
    expect(codes).toEqual(['strategy-position', 'strategy-position']);
    expect(result.strategies!.map(({ fills }) => fills)).toEqual([2, 1, 0]);
  });

  it('sizes by what its own part is worth', () => {
    const half = place({ type: 'market', side: 'buy', size: { equityShare: 0.5 } });
    const { fills } = runShared(flat(3), { one: { 0: [half] }, two: { 0: [half] } }, { allocation: 0.4 });
    expect(fills).toEqual([
      ['one', 40, 100, 1],
      ['two', 40, 100, 1],
    ]);
  });

  it('has its orders restated by a split, each its own', () => {
    const stop = place({ type: 'stop', side: 'sell', stop: 90, size: 'position', reduceOnly: true, label: 'stop' });
    const rows: Row[] = [FLAT, FLAT, FLAT, [50, 50, 50, 50], [50, 50, 44, 50], FLAT];
    const more = place({ type: 'limit', side: 'sell', limit: 60, size: 'position', reduceOnly: true, label: 'more' });
    const { fills, told, codes } = runShared(
      rows,
      { one: { 0: [buy], 1: [stop], 3: [more] }, two: { 0: [place({ ...buy, size: { units: 3 } })], 1: [stop] } },
      { split: [3, 2] },
    );
    // All that it holds is to be closed by the stop already.
    expect(codes).toEqual(['nothing-to-reduce']);
    expect(fills.slice(2)).toEqual([
      ['one', -20, 45, 5],
      ['two', -6, 45, 5],
    ]);
    expect(told.one!.books[3]).toMatchObject({ position: 20, averagePrice: 50 });
  });

  it('may have longer bars, at whose closes it is asked', () => {
    const asked: number[] = [];
    const hourly: Strategy = {
      name: 'longer',
      parameters: {},
      forSymbol: () => ({
        decide: () => HOLD,
        orders: (view, { lateBars }) => {
          asked.push(view.closeTimeMs());
          expect(lateBars).toBe(0);
          return view.length === 1 ? [buy] : [];
        },
      }),
    };
    const { fills } = runShared(flat(8), { longer: hourly, other: { 2: [buy] } }, { timeframe: '4h' });
    expect(asked.map((timeMs) => (timeMs - START_MS) / HOUR_MS)).toEqual([4, 8]);
    expect(fills).toEqual([['longer', 10, 100, 4]]);
  });

  it('goes beside a rule: neither ends what the other has', () => {
    const { fills, told } = runShared([FLAT, FLAT, FLAT, [100, 100, 80, 100], FLAT], {
      rule: createRuleStrategy('buy-and-hold'),
      own: {
        0: [buy],
        1: [place({ type: 'stop', side: 'sell', stop: 90, size: { units: 20 }, reduceOnly: true, label: 'stop' })],
      },
    });
    expect(fills).toEqual([
      ['rule', 10, 100, 1],
      ['own', 10, 100, 1],
      ['own', -10, 90, 4],
    ]);
    expect(told.own!.books[2]!.working).toMatchObject([{ units: 10 }]);
  });
});

describe('a word of an operator ends the orders of strategies that share an account', () => {
  const rest = place({ type: 'limit', side: 'buy', limit: 95, label: 'in' });
  const stop = place({ type: 'stop', side: 'sell', stop: 90, size: 'position', reduceOnly: true, label: 'stop' });
  const rows: Row[] = [FLAT, FLAT, FLAT, FLAT, [100, 100, 85, 90], FLAT];
  const scripts = { one: { 0: [buy], 1: [rest, stop] }, two: { 0: [buy], 1: [rest] } };
  const after = (command: 'halt' | 'flatten') =>
    runShared(rows, scripts, { commands: [[3.5, command]] }).fills.slice(2);

  it('openings by a halt, and all by flatten', () => {
    expect(after('halt')).toEqual([['one', -10, 90, 5]]);
    expect(after('flatten')).toEqual([[null, -20, 100, 4]]);
  });

  it('and a stop stays that closes a part where another holds the other side', () => {
    const sell = place({ type: 'market', side: 'sell', size: { units: 10 } });
    const { fills } = runShared(
      rows,
      { one: { 0: [buy], 1: [stop] }, two: { 0: [sell] } },
      { limits: { shortAllowed: true }, commands: [[3.5, 'halt']] },
    );
    expect(fills.at(-1)).toEqual(['one', -10, 90, 5]);
  });
});
