import { afterEach, describe, expect, it, vi } from 'vitest';
import { ALPACA_ANSWERS } from '../alpaca/alpaca-answer.ts';
import { amountText, amountUnits } from '../binance/asset-amount.ts';
import { BINANCE_ANSWERS } from '../binance/binance-answer.ts';
import { FUTURES_ANSWERS } from '../binance/futures/futures-answer.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

// Answers of the right shape that say what cannot be: nothing is concluded from them.

const order = {
  id: 'v1',
  client_order_id: 'c1',
  symbol: 'AAPL',
  side: 'buy',
  status: 'filled',
  qty: '10',
  filled_qty: '10',
};
const fill = {
  id: '20260105143000000::e1',
  activity_type: 'FILL',
  order_id: 'v1',
  symbol: 'AAPL',
  side: 'sell',
  qty: '10',
  price: '100',
  transaction_time: '2026-01-05T14:30:00.123456789Z',
  cum_qty: '10',
};
const trade = {
  symbol: 'BTCUSDT',
  id: 7,
  orderId: 8,
  price: '100',
  qty: '1',
  commission: '0',
  commissionAsset: 'USDT',
  time: 1,
};
const spotOrder = {
  symbol: 'BTCUSDT',
  orderId: 8,
  clientOrderId: 'c1',
  side: 'BUY',
  status: 'FILLED',
  origQty: '1',
  executedQty: '1',
};

describe("Alpaca's orders and executions", () => {
  it.each([undefined, null, '', ' ', 'NaN', '-10', '0', '1e999', '0x10'])(
    'of an order that is filled by %j are garbled: it does not end before that is booked',
    (filled) => {
      expect(ALPACA_ANSWERS.order.safeParse(order).success).toBe(true);
      expect(ALPACA_ANSWERS.order.safeParse({ ...order, filled_qty: filled }).success).toBe(false);
    },
  );

  it.each(['new', 'canceled', 'expired'])('of an order that is %s say how much was filled of how much', (status) => {
    const read = (more: object) =>
      ALPACA_ANSWERS.order.safeParse({ ...order, status, filled_qty: '0', ...more }).success;
    expect(read({})).toBe(true);
    for (const filled_qty of [undefined, null, '', '-1', 'NaN']) expect(read({ filled_qty })).toBe(false);
    for (const qty of ['', '-10', 'ten']) expect(read({ qty })).toBe(false);
  });

  it.each([
    { qty: '-10' },
    { qty: '0' },
    { qty: '11' },
    { qty: '1e300' },
    { price: '0' },
    { price: '-1' },
    { price: null },
    { side: 'both' },
    { transaction_time: 'yesterday' },
  ])('with %j are garbled', (wrong) => {
    expect(ALPACA_ANSWERS.fills.safeParse([fill]).success).toBe(true);
    expect(ALPACA_ANSWERS.fills.safeParse([{ ...fill, ...wrong }]).success).toBe(false);
  });

  it('are read in any spelling of a number and of a time, which is of UTC where it names no zone', () => {
    const read = (more: object) => ALPACA_ANSWERS.fills.parse([{ ...fill, ...more }])[0]!.execution;
    expect(read({ qty: '1e1', cum_qty: '1.0E+1' })).toMatchObject({ quantity: -10, cumulative: 10 });
    expect(read({ qty: 10, side: 'sell_short' }).quantity).toBe(-10);
    const whenMs = Date.UTC(2026, 0, 5, 14, 30, 0, 123);
    // Whatever the machine's own zone is.
    vi.stubEnv('TZ', 'America/New_York');
    for (const time of ['2026-01-05T14:30:00.123456789Z', '2026-01-05T09:30:00.123-05:00', '2026-01-05T14:30:00.123'])
      expect(read({ transaction_time: time }).timeMs).toBe(whenMs);
  });

  it('of an account without digits are garbled', () => {
    const account = { id: 'a', status: 'ACTIVE', cash: '100.5', equity: '100.5' };
    expect(ALPACA_ANSWERS.account.safeParse(account).success).toBe(true);
    for (const cash of ['NaN', '', null, 100, 'Infinity'])
      expect(ALPACA_ANSWERS.account.safeParse({ ...account, cash }).success).toBe(false);
  });
});

describe("Binance's orders and executions", () => {
  it.each([
    { qty: '-1' },
    { qty: '0' },
    { price: '-100' },
    { price: '0' },
    { qty: 'NaN' },
    { time: '1' },
    { id: 'e1' },
    { orderId: 'e1' },
  ])('with %j are garbled', (wrong) => {
    const [spot, futures] = [BINANCE_ANSWERS.trades, FUTURES_ANSWERS.trades];
    expect(spot.safeParse([{ ...trade, isBuyer: true }]).success).toBe(true);
    expect(spot.safeParse([{ ...trade, isBuyer: true, ...wrong }]).success).toBe(false);
    expect(futures.safeParse([{ ...trade, buyer: true }]).success).toBe(true);
    expect(futures.safeParse([{ ...trade, buyer: true, ...wrong }]).success).toBe(false);
  });

  it.each([{ origQty: '-1' }, { executedQty: '-1' }, { orderId: 'v1' }])('of an order with %j are garbled', (wrong) => {
    for (const { order: schema } of [BINANCE_ANSWERS, FUTURES_ANSWERS]) {
      expect(schema.safeParse({ ...spotOrder, status: 'CANCELED' }).success).toBe(true);
      expect(schema.safeParse({ ...spotOrder, status: 'CANCELED', ...wrong }).success).toBe(false);
    }
  });

  it.each(['-1', '0', null, undefined, 'NaN', ''])('of an order that is filled by %j are garbled', (executedQty) => {
    for (const { order: schema } of [BINANCE_ANSWERS, FUTURES_ANSWERS]) {
      expect(schema.safeParse(spotOrder).success).toBe(true);
      expect(schema.safeParse({ ...spotOrder, executedQty }).success).toBe(false);
    }
  });

  it('are read with exponents, exactly', () => {
    const exact: readonly [string, string | null][] = [
      ['1e-8', '0.00000001'],
      ['1E-9', null],
      ['12.5e1', '125'],
      ['1e0', '1'],
      ['0.10000000000', '0.1'],
      ['1e400', null],
      ['e1', null],
      ['-2.5E-1', '-0.25'],
    ];
    for (const [text, units] of exact) {
      const read = amountUnits(text);
      expect(read === null ? null : amountText(read)).toBe(units);
    }
  });
});
