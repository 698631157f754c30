import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_CONDITIONS, type OrderTerms } from '../../../orders/order-terms.ts';
import { bought, pairOf } from '../../../testing/venue/binance/binance-in-hand.ts';
import { ExchangeRefusal } from '../../../testing/venue/binance/exchange-refusal.ts';
import { BINANCE_KEYS } from '../../../testing/venue/binance/exchange-stand-in.ts';
import {
  futuresBrokerAt,
  futuresInHand,
  type FuturesInHand,
} from '../../../testing/venue/binance/futures/futures-in-hand.ts';
import { failing, statusFault, type RequestFault } from '../../../testing/venue/stand-in-faults.ts';

let hand: FuturesInHand;

const again = async (options: Parameters<typeof futuresInHand>[0]): Promise<void> => {
  await hand.venue.stop();
  hand = await futuresInHand(options);
};
beforeEach(async () => {
  hand = await futuresInHand();
});
afterEach(async () => {
  await hand.venue.stop();
});

const terms = (type: OrderTerms['type'], price: number, more: Partial<OrderTerms> = {}): OrderTerms => {
  return { type, role: 'order', price, trail: 0, trailShare: 0, group: 0, conditions: null, ...more };
};
const sold = (id: string, more: Parameters<typeof bought>[1] = {}) => bought(id, { side: -1, ...more });
const stopOf = (id: string, price: number, more: Parameters<typeof bought>[1] = {}) =>
  sold(id, { terms: terms('stop', price), reduces: true, ...more });
const posts = () => hand.venue.seen.filter(({ method }) => method === 'POST');

describe('a submit that goes wrong', () => {
  it.each<[string, RequestFault, string, string, number]>([
    ['401', statusFault(401, '-2015 Invalid API-key'), 'refused', 'unauthorised', 0],
    ['403 of the firewall', statusFault(403, 'no', '0'), 'unknown', 'forbidden', 0],
    ['404', statusFault(404, '-1100 Illegal characters'), 'refused', 'not-found', 0],
    ['404 of nobody', statusFault(404), 'unknown', 'garbled', 0],
    ['409', statusFault(409), 'unknown', 'conflict', 0],
    ['418', statusFault(418, '-1003 IP banned', '0'), 'not-processed', 'rate-limited', 0],
    ['422', statusFault(422), 'refused', 'invalid', 0],
    ['500 that refuses', statusFault(500, '-2019 Margin is insufficient.'), 'unknown', 'server-error', 0],
    ['429', statusFault(429, '-1015 Too many new orders', '0'), 'not-processed', 'rate-limited', 0],
    ['500', statusFault(500), 'unknown', 'server-error', 0],
    ['503', statusFault(503, '-1008 throttled', '0'), 'not-processed', 'rate-limited', 0],
    ['503 of nobody', statusFault(503), 'unknown', 'server-error', 0],
    ['-1006', statusFault(400, '-1006 unexpected response'), 'unknown', 'server-error', 0],
    ['-1007', statusFault(408, '-1007 Timeout waiting for response'), 'unknown', 'timed-out', 0],
    ['-1021', statusFault(400, '-1021 outside of the recvWindow'), 'not-processed', 'clock-skew', 0],
    ['-2019', statusFault(400, '-2019 Margin is insufficient.'), 'refused', 'insufficient-funds', 0],
    ['-2022', statusFault(400, '-2022 ReduceOnly Order is rejected.'), 'refused', 'nothing-to-reduce', 0],
    ['-2025', statusFault(400, '-2025 Reach max open order limit.'), 'refused', 'too-many-orders', 0],
    ['-2027', statusFault(400, '-2027 Exceeded the maximum position'), 'refused', 'insufficient-funds', 0],
    ['-4061', statusFault(400, '-4061 position side does not match'), 'refused', 'account-blocked', 0],
    ['-4116', statusFault(400, '-4116 ClientOrderId is duplicated.'), 'refused', 'duplicate-id', 0],
    ['-4140', statusFault(400, '-4140 Invalid symbol status'), 'not-processed', 'market-closed', 0],
    ['-4164', statusFault(400, '-4164 notional'), 'refused', 'below-minimum', 0],
    ['-5021', statusFault(400, '-5021 FOK'), 'refused', 'not-immediate', 0],
    ['-5022', statusFault(400, '-5022 Post Only'), 'refused', 'would-take', 0],
    ['a time-out before it arrived', { kind: 'hang', when: 'before' }, 'unknown', 'timed-out', 0],
    ['a time-out after it arrived', { kind: 'hang', when: 'after' }, 'unknown', 'timed-out', 1],
    ['a line cut after it arrived', { kind: 'reset', when: 'after' }, 'unknown', 'cut-off', 1],
    ['a garbled answer', { kind: 'garbled' }, 'unknown', 'garbled', 1],
    ['a truncated answer', { kind: 'truncated' }, 'unknown', 'cut-off', 1],
  ])('%s is named, holds no secret, and only proof refuses', async (_name, fault, ...expected) => {
    const [result, name, orders] = expected;
    if (fault.kind === 'hang') await again({ deadlineMs: 1_000 });
    hand.venue.faults = failing({ method: 'POST' }, fault);
    const verdict = await hand.broker.submit(bought('one'));
    expect(verdict).toMatchObject({ result, name });
    expect(JSON.stringify(verdict)).not.toMatch(new RegExp(`${BINANCE_KEYS.apiKey}|signature=[0-9a-f]`));
    expect(hand.venue.books.orders).toHaveLength(orders);
    expect(posts()).toHaveLength(1);
    expect((await hand.broker.find('one')).found).toBe(orders === 1 ? 'order' : 'absent');
  });

  it('is looked up before it is sent again, a conditional one at the algo service', async () => {
    await again({ deadlineMs: 1_000 });
    for (const [id, order] of [
      ['one', bought('one')],
      ['two', stopOf('two', 90)],
    ] as const) {
      hand.venue.faults = failing({ method: 'POST' }, { kind: 'hang', when: 'after' });
      expect(await hand.broker.submit(order)).toMatchObject({ result: 'unknown' });
      hand.venue.books.turn();
      expect(await hand.broker.submit(order)).toMatchObject({ name: 'duplicate-id', order: { clientOrderId: id } });
    }
    expect(hand.venue.books.orders).toHaveLength(1);
    expect(hand.venue.books.algos).toHaveLength(1);
  });

  it('prints nothing, and leaves no key in what it says', async () => {
    const printed = ['log', 'warn', 'error', 'info'].map((name) => vi.spyOn(console, name as 'log'));
    await hand.broker.submit(bought('sb-foreign-1'));
    await hand.broker.submit(stopOf('sb-foreign-2', 90));
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});

describe('orders', () => {
  const ORDER = '/fapi/v1/order';
  const ALGO = '/fapi/v1/algoOrder';
  it.each<[string, Parameters<typeof bought>[1], string, Record<string, string>]>([
    ['a market order', {}, ORDER, { type: 'MARKET', side: 'BUY', quantity: '10' }],
    ['a short sale', { side: -1 }, ORDER, { type: 'MARKET', side: 'SELL', quantity: '10' }],
    ['a limit', { terms: terms('limit', 90.009) }, ORDER, { type: 'LIMIT', timeInForce: 'GTC', price: '90' }],
    [
      'a limit that adds to the book',
      { terms: terms('limit', 90, { conditions: { ...NO_CONDITIONS, postOnly: true } }) },
      ORDER,
      { type: 'LIMIT', timeInForce: 'GTX', price: '90' },
    ],
    [
      'a limit at once or not at all',
      { terms: terms('limit', 110, { conditions: { ...NO_CONDITIONS, tif: 'fok' } }) },
      ORDER,
      { type: 'LIMIT', timeInForce: 'FOK' },
    ],
    ['a stop', { terms: terms('stop', 110) }, ALGO, { type: 'STOP_MARKET', triggerPrice: '110', clientAlgoId: 'one' }],
    [
      'a stop that only closes',
      { terms: terms('stop', 110), reduces: true },
      ALGO,
      { type: 'STOP_MARKET', reduceOnly: 'true', algoType: 'CONDITIONAL' },
    ],
    [
      'a stop with a limit',
      { terms: terms('stop-limit', 110, { conditions: { ...NO_CONDITIONS, limit: 111.119 } }) },
      ALGO,
      { type: 'STOP', triggerPrice: '110', price: '111.11', timeInForce: 'GTC' },
    ],
    [
      'a target that triggers',
      { terms: terms('stop', 90, { role: 'take-profit' }) },
      ALGO,
      { type: 'TAKE_PROFIT_MARKET', triggerPrice: '90' },
    ],
    [
      'a trailing stop',
      { terms: terms('trailing', 110, { trailShare: 0.015 }) },
      ALGO,
      { type: 'TRAILING_STOP_MARKET', callbackRate: '1.5' },
    ],
    ['0.1 + 0.2', { quantity: 0.1 + 0.2 }, ORDER, { quantity: '0.3' }],
  ])('%s leaves as the exchange writes it, to where it is taken', async (_name, more, path, expected) => {
    const verdict = await hand.broker.submit(bought('one', more));
    expect(verdict).toMatchObject({ result: 'accepted', order: { clientOrderId: 'one', symbol: 'BTCUSDT' } });
    expect(posts()[0]).toMatchObject({ path, asked: expected });
    expect(await hand.broker.find('one')).toMatchObject({ found: 'order', order: { clientOrderId: 'one' } });
  });

  it.each<[string, Parameters<typeof bought>[1], RegExp]>([
    ['an id that is too long', { clientOrderId: 'x'.repeat(37) }, /client order id/],
    ['less than a step', { quantity: 0.0009 }, /LOT_SIZE/],
    ['more than a market order may be', { quantity: 501 }, /MARKET_LOT_SIZE/],
    ['too little', { quantity: 0.04 }, /MIN_NOTIONAL/],
    ['a price far from the market', { terms: terms('limit', 151) }, /PERCENT_PRICE/],
    ['a day', { terms: terms('limit', 90, { conditions: { ...NO_CONDITIONS, tif: 'day' } }) }, /never closes/],
    ['a distance in price', { terms: terms('trailing', 90, { trail: 5 }) }, /share of the price/],
    ['a distance that is too wide', { terms: terms('trailing', 90, { trailShare: 0.11 }) }, /from 0.1 to 10 %/],
    ['a distance between two steps', { terms: terms('trailing', 90, { trailShare: 0.0155 }) }, /multiple of 0.1 %/],
  ])('%s never leaves', async (_name, more, why) => {
    const verdict = await hand.broker.submit(bought('one', more));
    expect(verdict).toMatchObject({ result: 'refused', name: 'not-supported' });
    expect(verdict.words).toMatch(why);
    expect(posts()).toEqual([]);
  });

  it('that only close may be of any value, and are refused where nothing is held', async () => {
    expect(await hand.broker.submit(sold('out', { quantity: 0.01, reduces: true }))).toMatchObject({
      result: 'refused',
      name: 'nothing-to-reduce',
    });
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    expect((await hand.broker.submit(sold('out2', { quantity: 0.01, reduces: true }))).result).toBe('accepted');
  });

  it('turn a position in one', async () => {
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    await hand.broker.submit(sold('turn', { quantity: 30 }));
    hand.venue.books.turn();
    expect(await hand.broker.positions()).toMatchObject([{ quantity: -20, price: 100 }]);
  });

  it('that cost more than the margin allows are refused, and said so', async () => {
    hand.venue.books.positions.wallet = 50_000_000_000n;
    expect(await hand.broker.submit(bought('one', { quantity: 11 }))).toMatchObject({ name: 'insufficient-funds' });
    expect(await hand.broker.submit(bought('two'))).toMatchObject({ result: 'accepted' });
  });
});

describe('a conditional order', () => {
  it.each([true, false])('that is triggered goes on under our id (renamed there: %s)', async (renames) => {
    await again({ renames, partsMax: 3, seed: 3 });
    await hand.broker.submit(bought('in'));
    for (let turn = 0; turn < 10; turn++) hand.venue.books.turn();
    await hand.broker.submit(stopOf('out', 95));
    hand.venue.books.trade('BTCUSDT', '94');
    for (let turn = 0; turn < 10; turn++) hand.venue.books.turn();
    expect(hand.venue.books.held('BTCUSDT')).toBe(0n);
    // One that has seen nothing of it names its executions, too, as after a restart.
    const restarted = futuresBrokerAt(hand.venue);
    await restarted.prepare([pairOf('BTCUSDT')], null);
    for (const broker of [hand.broker, restarted]) {
      const sales = (await broker.executionsSince(0)).filter(({ quantity }) => quantity < 0);
      expect(new Set(sales.map(({ clientOrderId }) => clientOrderId))).toEqual(new Set(['out']));
      expect(await broker.find('out')).toMatchObject({ order: { status: 'filled', filled: 10 } });
    }
  });

  it('ends as it was cancelled, before it was triggered and after', async () => {
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    await hand.broker.submit(stopOf('early', 95));
    expect(await hand.broker.cancel('early')).toMatchObject({ result: 'accepted' });
    expect(await hand.broker.find('early')).toMatchObject({ order: { status: 'canceled' } });
    const late = terms('stop-limit', 95, { conditions: { ...NO_CONDITIONS, limit: 94.5 } });
    await hand.broker.submit(sold('late', { terms: late, reduces: true }));
    hand.venue.books.trade('BTCUSDT', '94');
    expect((await hand.broker.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['late']);
    expect(await hand.broker.cancel('late')).toMatchObject({ result: 'accepted', order: { clientOrderId: 'late' } });
    expect(await hand.broker.openOrders()).toEqual([]);
  });

  it('whose price has passed becomes what it was to become, once, and only closes', async () => {
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    expect(await hand.broker.submit(stopOf('out', 105))).toMatchObject({ result: 'accepted' });
    expect(hand.venue.books.algos).toEqual([]);
    expect(hand.venue.books.orders[1]).toMatchObject({ clientOrderId: 'out', type: 'MARKET', reduceOnly: true });
  });

  it('finds nothing to close when it is triggered, and is refused then', async () => {
    await hand.broker.submit(stopOf('out', 95));
    hand.venue.books.trade('BTCUSDT', '94');
    expect(await hand.broker.find('out')).toMatchObject({ order: { status: 'rejected' } });
  });

  it('is changed by another in its place', async () => {
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    await hand.broker.submit(stopOf('out', 95));
    expect(await hand.broker.amend('out', stopOf('out-a1', 96))).toMatchObject({ result: 'accepted' });
    expect((await hand.broker.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['out-a1']);
  });
});

describe('the account', () => {
  const prepare = (margin: NonNullable<Parameters<typeof futuresBrokerAt>[1]>['margin']) =>
    futuresBrokerAt(hand.venue, { margin: margin! }).prepare([pairOf('BTCUSDT')], null);

  it('has margin mode and leverage set and looked at before anything opens', async () => {
    await prepare({ mode: 'isolated', leverage: 5 });
    expect(hand.venue.modes.get('BTCUSDT')).toBe('ISOLATED');
    expect(hand.venue.books.leverageOf('BTCUSDT')).toBe(5);
    hand.venue.seen.length = 0;
    await prepare({ mode: 'isolated', leverage: 5 });
    expect(posts()).toEqual([]);
    // An answer that was lost is no proof of either.
    hand.venue.faults = failing({ method: 'POST' }, statusFault(503));
    await expect(prepare({ mode: 'isolated', leverage: 7 })).rejects.toThrow(/ISOLATED with a leverage of 5/);
  });

  it('that is of another mode, or cannot be changed, is refused in words', async () => {
    hand.venue.frozen = new ExchangeRefusal(-4048, 'Margin type cannot be changed if there exists position.');
    await expect(prepare({ mode: 'isolated', leverage: 2 })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/cannot be traded with isolated margin .*-4048/) as string,
    });
    hand.venue.multiAssets = true;
    await expect(prepare({ mode: 'cross', leverage: 2 })).rejects.toThrow(/multi-assets mode/);
    hand.venue.hedges = true;
    await expect(prepare({ mode: 'cross', leverage: 2 })).rejects.toThrow(/hedge mode/);
  });

  it('is told with its margin, and where a position would be closed', async () => {
    hand.venue.books.positions.wallet = 60_000_000_000n;
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    expect(await hand.broker.account()).toMatchObject({
      id: 'FutA',
      cash: '600.00000000',
      equity: '600.00000000',
      buyingPower: '200',
      initialMargin: '500.00000000',
      maintenanceMargin: '4.00000000',
      shorting: true,
    });
    const [position] = await hand.broker.positions();
    // 600 + 10 (price - 100) = 0.004 x 10 price
    expect(position).toMatchObject({ quantity: 10, price: 100, value: 1000, maintenanceMargin: 4 });
    expect(position!.liquidationPrice).toBeCloseTo(400 / 9.96, 6);
    hand.venue.books.trade('BTCUSDT', '40.2');
    expect(hand.venue.books.held('BTCUSDT')).toBe(1_000_000_000n);
    hand.venue.books.trade('BTCUSDT', '40.15');
    expect(hand.venue.books.held('BTCUSDT')).toBe(0n);
    const [, closed] = await hand.broker.executionsSince(0);
    expect(closed).toMatchObject({ forced: 'liquidation', quantity: -10 });
    expect(await hand.broker.paymentsSince(0)).toMatchObject([{ kind: 'clearance' }]);
  });

  it('is paid funding by name', async () => {
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    hand.venue.books.fund('BTCUSDT', '0.0001');
    hand.venue.books.fund('ETHUSDT', '0.0001');
    const [one, ...others] = await hand.broker.paymentsSince(0);
    expect(one).toMatchObject({ symbol: 'BTCUSDT', kind: 'funding', cash: -0.1 });
    expect(one!.paymentId).toMatch(/^BTCUSDT\/FUNDING_FEE\/\d+$/);
    expect(others).toEqual([]);
    hand.venue.faults = failing({ method: 'GET' }, { kind: 'garbled' });
    await expect(hand.broker.paymentsSince(0)).rejects.toThrow();
  });
});
