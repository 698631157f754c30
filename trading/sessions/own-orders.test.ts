import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../features/timeframe.ts';
import { endsDayOf, marketDays } from '../../pipelines/calendars/market-days.ts';
import { usEquities } from '../../pipelines/calendars/us-equities.ts';
import type { PlaceOrder } from '../orders/order-request.ts';
import { place, run, START_MS, type Row } from '../testing/scripted-orders.ts';

const FLAT: Row = [100, 100, 100, 100];

describe('entries of each type', () => {
  const UP: Row[] = [FLAT, [101, 104, 99, 103], [103, 103, 103, 103]];

  it.each([
    ['a market order takes the next open', place({ type: 'market', side: 'buy' }), [10, 101, 1]],
    ['a limit is filled at its price', place({ type: 'limit', side: 'buy', limit: 99.5 }), [10, 99.5, 2]],
    ['a limit above the open is filled at the open', place({ type: 'limit', side: 'buy', limit: 102 }), [10, 101, 2]],
    ['a limit that is only touched is filled', place({ type: 'limit', side: 'buy', limit: 99 }), [10, 99, 2]],
    ['a stop is filled where it is', place({ type: 'stop', side: 'buy', stop: 103 }), [10, 103, 2]],
    ['a stop below the open is filled at the open', place({ type: 'stop', side: 'buy', stop: 100.5 }), [10, 101, 2]],
    ['a stop-limit within its limit', place({ type: 'stop-limit', side: 'buy', stop: 103, limit: 104 }), [10, 103, 2]],
    [
      'a stop-limit that opened beyond its limit is filled there once the bar comes back',
      place({ type: 'stop-limit', side: 'buy', stop: 100.2, limit: 100.5 }),
      [10, 100.5, 2],
    ],
    ['a short sale by limit', place({ type: 'limit', side: 'sell', limit: 103.5 }), [-10, 103.5, 2]],
    ['a trailing stop to sell short', place({ type: 'trailing', side: 'sell', trail: { price: 1 } }), [-10, 99, 2]],
    ['on the next open of a day', place({ type: 'market', side: 'buy', tif: 'on-open' }), null],
    ['a limit that is never reached', place({ type: 'limit', side: 'buy', limit: 98 }), null],
    ['a stop that is never reached', place({ type: 'stop', side: 'buy', stop: 105 }), null],
    [
      'a triggered stop-limit whose limit the price did not come back to within the bar',
      place({ type: 'stop-limit', side: 'buy', stop: 102, limit: 98 }),
      null,
    ],
  ] as const)('%s', (_, order, fill) => {
    const { fills } = run(UP, { 0: [order] });
    const expected = fill === null ? [] : [{ quantity: fill[0], price: fill[1], hour: fill[2], fee: 0 }];
    expect(fills).toEqual(expected);
  });

  it('rests as a limit after a trigger, until prices come back', () => {
    const rows: Row[] = [FLAT, [100, 103, 100, 103], [103, 103, 98, 100]];
    const order = place({ type: 'stop-limit', side: 'buy', stop: 102, limit: 99 });
    expect(run(rows, { 0: [order] }).fills).toEqual([{ quantity: 10, price: 99, hour: 3, fee: 0 }]);
  });
});

it('an amount of money that is exactly so many units buys all of them', () => {
  // In doubles 2769.93 / 102.59 is a little less than 27.
  const rows: Row[] = [102.59, 102.59].map((price) => [price, price, price, price]);
  const buy = (notional: number) => run(rows, { 0: [place({ type: 'market', side: 'buy', size: { notional } })] });
  expect(buy(2769.93).fills.map(({ quantity }) => quantity)).toEqual([27]);
  expect(buy(2769.92).fills.map(({ quantity }) => quantity)).toEqual([26]);
});

describe('how long an order works', () => {
  const limit = (order: Partial<PlaceOrder>) => place({ type: 'limit', side: 'buy', limit: 95, ...order });
  const LATER: Row[] = [FLAT, FLAT, FLAT, FLAT, FLAT, [100, 100, 95, 100]];

  it('gtc works on, day ends with the day, gtd at its time', () => {
    expect(run(LATER, { 0: [limit({})] }).fills).toHaveLength(1);
    const day = run(LATER, { 0: [limit({ tif: 'day' })] });
    expect(day.fills).toEqual([]);
    expect(day.codes).toEqual(['time-in-force']);
    const until = run(LATER, { 0: [limit({ tif: 'gtd', expiresMs: START_MS + 5 * HOUR_MS })] });
    expect([until.fills.length, until.codes]).toEqual([0, ['time-in-force']]);
    expect(run(LATER, { 0: [limit({ tif: 'gtd', expiresMs: START_MS + 5 * HOUR_MS + 1 })] }).fills).toHaveLength(1);
  });

  it('ioc takes what there is at the next open, fok all or nothing', () => {
    const THIN: Row[] = [FLAT, [100, 100, 100, 100, 60], [100, 100, 100, 100, 1_000]];
    const costs = { participation: 0.1 };
    const ioc = run(THIN, { 0: [limit({ limit: 101, tif: 'ioc' })] }, { costs });
    expect(ioc.fills).toEqual([{ quantity: 6, price: 100, hour: 1, fee: 0 }]);
    expect(ioc.codes).toEqual(['not-immediate']);
    const fok = run(THIN, { 0: [limit({ limit: 101, tif: 'fok' })] }, { costs });
    expect([fok.fills, fok.codes]).toEqual([[], ['not-immediate']]);
    const beyond = run(THIN, { 0: [limit({ limit: 99, tif: 'ioc' })] });
    expect([beyond.fills, beyond.codes]).toEqual([[], ['not-immediate']]);
  });

  it('waits where nobody knows what a bar traded', () => {
    const rows: Row[] = [FLAT, [100, 100, 100, 100, NaN], FLAT];
    const { fills } = run(rows, { 0: [place({ type: 'market', side: 'buy' })] }, { costs: { participation: 0.5 } });
    expect(fills).toEqual([{ quantity: 10, price: 100, hour: 2, fee: 0 }]);
  });

  it('the auctions of a day are its first open and its last close', () => {
    const rows: Row[] = [
      FLAT,
      [101, 101, 101, 101],
      [102, 102, 102, 102],
      [103, 103, 103, 103.5],
      [104, 104, 104, 104],
    ];
    const open = run(rows, { 0: [place({ type: 'market', side: 'buy', tif: 'on-open' })] });
    expect(open.fills).toEqual([{ quantity: 10, price: 104, hour: 4, fee: 0 }]);
    const close = run(rows, { 0: [place({ type: 'market', side: 'buy', tif: 'on-close' })] });
    expect(close.fills).toEqual([{ quantity: 10, price: 103.5, hour: 4, fee: 0 }]);
  });

  it('the closing auction is that of the market’s own hours', () => {
    const days = { dayOf: marketDays(usEquities).dayOf, endsDay: endsDayOf(usEquities) };
    // 15:00 to 16:00 in New York, then round the clock: the next close is 24 hours on.
    const rows: Row[] = Array.from({ length: 30 }, (_, hour) => [100 + hour, 100 + hour, 100 + hour, 100 + hour]);
    const order = { 0: [place({ type: 'market', side: 'buy', tif: 'on-close' })] } as const;
    expect(run(rows, order, { days }).fills).toEqual([{ quantity: 10, price: 124, hour: 25, fee: 0 }]);
  });

  it('without a calendar, bars that reach no midnight have no close: what waits for one expires', () => {
    const hours: Row[] = Array.from({ length: 5 }, () => FLAT);
    const order = { 0: [place({ type: 'market', side: 'buy', tif: 'on-close' })] } as const;
    // From 10:30 to 15:30, on two days.
    const sixHours = (row: number) => START_MS - 9.5 * HOUR_MS + (row < 3 ? row : row + 21) * HOUR_MS;
    expect(run(hours, order, { openMs: sixHours }).codes).toEqual(['expired']);
  });

  it('post-only never takes: where it would, it is refused', () => {
    const rows: Row[] = [FLAT, [99, 100, 98, 99]];
    const taking = run(rows, { 0: [limit({ limit: 99, postOnly: true })] });
    expect([taking.fills, taking.codes]).toEqual([[], ['post-only']]);
    expect(run(rows, { 0: [limit({ limit: 98.5, postOnly: true })] }).fills).toHaveLength(1);
  });
});
