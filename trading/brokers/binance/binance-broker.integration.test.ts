import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import { systemClock } from '../../../infra/clock.ts';
import { BINANCE_KEYS } from '../../testing/venue/binance/exchange-stand-in.ts';
import { binanceInHand, bought, brokerAt, type BinanceInHand } from '../../testing/venue/binance/binance-in-hand.ts';
import { failing, statusFault, type RequestFault } from '../../testing/venue/stand-in-faults.ts';
import { NO_CONDITIONS, type OrderTerms } from '../../orders/order-terms.ts';

let hand: BinanceInHand;

const again = async (options: Parameters<typeof binanceInHand>[0]): Promise<void> => {
  await hand.venue.stop();
  hand = await binanceInHand(options);
};
beforeEach(async () => {
  hand = await binanceInHand();
});
afterEach(async () => {
  await hand.venue.stop();
});

/** The next request of `method` for an order goes wrong. */
function once(method: string, fault: RequestFault, path = '/api/v3/order'): void {
  hand.venue.faults = failing({ method, at: (asked) => asked === path }, fault);
}

const terms = (type: OrderTerms['type'], price: number, more: Partial<OrderTerms> = {}): OrderTerms => {
  return { type, role: 'order', price, trail: 0, trailShare: 0, group: 0, conditions: null, ...more };
};
const posts = (): number => hand.venue.seen.filter(({ method }) => method === 'POST').length;

describe('a submit that goes wrong', () => {
  it.each<[string, RequestFault, string, string, number]>([
    ['401', statusFault(401, '-2015 Invalid API-key'), 'refused', 'unauthorised', 0],
    ['403 of the firewall', statusFault(403, 'no', '0'), 'unknown', 'forbidden', 0],
    ['404', statusFault(404, '-1100 Illegal characters'), 'refused', 'not-found', 0],
    ['404 of nobody', statusFault(404), 'unknown', 'garbled', 0],
    ['409', statusFault(409, '-2021 half'), 'unknown', 'conflict', 0],
    ['418', statusFault(418, '-1003 IP banned', '0'), 'not-processed', 'rate-limited', 0],
    ['422', statusFault(422), 'refused', 'invalid', 0],
    ['500 that refuses', statusFault(500, '-2019 Margin is insufficient.'), 'unknown', 'server-error', 0],
    ['429', statusFault(429, '-1015 Too many new orders', '0'), 'not-processed', 'rate-limited', 0],
    ['500', statusFault(500), 'unknown', 'server-error', 0],
    ['503', statusFault(503), 'unknown', 'server-error', 0],
    ['-1006', statusFault(400, '-1006 unexpected response'), 'unknown', 'server-error', 0],
    ['-1007', statusFault(408, '-1007 Timeout waiting for response'), 'unknown', 'timed-out', 0],
    ['-1021', statusFault(400, '-1021 outside of the recvWindow'), 'not-processed', 'clock-skew', 0],
    ['-2010', statusFault(400, '-2010 Account has insufficient balance'), 'refused', 'insufficient-funds', 0],
    ['a time-out before it arrived', { kind: 'hang', when: 'before' }, 'unknown', 'timed-out', 0],
    ['a time-out after it arrived', { kind: 'hang', when: 'after' }, 'unknown', 'timed-out', 1],
    ['a line cut before it arrived', { kind: 'reset', when: 'before' }, 'unknown', 'cut-off', 0],
    ['a line cut after it arrived', { kind: 'reset', when: 'after' }, 'unknown', 'cut-off', 1],
    ['a garbled answer', { kind: 'garbled' }, 'unknown', 'garbled', 1],
    ['a truncated answer', { kind: 'truncated' }, 'unknown', 'cut-off', 1],
  ])('%s is named, holds no secret, and only proof refuses', async (_name, fault, ...expected) => {
    const [result, name, orders] = expected;
    if (fault.kind === 'hang') await again({ deadlineMs: 1_000 });
    once('POST', fault);
    const verdict = await hand.broker.submit(bought('one'));
    expect(verdict).toMatchObject({ result, name });
    expect(JSON.stringify(verdict)).not.toMatch(new RegExp(`${BINANCE_KEYS.apiKey}|signature=[0-9a-f]`));
    expect(hand.venue.books.orders).toHaveLength(orders);
    expect(posts()).toBe(1);
    expect((await hand.broker.find('one')).found).toBe(orders === 1 ? 'order' : 'absent');
  });

  it('is proven not processed where nobody listens', async () => {
    await hand.venue.stop();
    // A line that was kept may end under a request.
    await hand.broker.find('none');
    expect(await hand.broker.submit(bought('one'))).toMatchObject({ result: 'not-processed', name: 'not-connected' });
    expect(await hand.broker.find('one')).toEqual({ found: 'unreadable' });
    const error = await hand.broker.positions().catch((one: Error) => one);
    expect(String(error)).toMatch(/did not tell the account at http/);
    expect(JSON.stringify(error) + String(error)).not.toMatch(/BINANCESTANDIN|signature=[0-9a-f]/);
  });

  it('is looked up before it is sent again: its id may be used again after a fill', async () => {
    await again({ deadlineMs: 1_000 });
    once('POST', { kind: 'hang', when: 'after' });
    await hand.broker.submit(bought('one'));
    hand.venue.books.turn();
    expect(hand.venue.books.orders[0]!.status).toBe('FILLED');
    const repeated = await hand.broker.submit(bought('one'));
    expect(repeated).toMatchObject({ name: 'duplicate-id', order: { status: 'filled' } });
    expect(hand.venue.books.orders).toHaveLength(1);
    // The venue itself would have taken it.
    hand.venue.books.submit({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '1', newClientOrderId: 'one' });
    expect(hand.venue.books.orders).toHaveLength(2);
  });

  it('prints nothing, and leaves no key in what it says', async () => {
    const printed = ['log', 'warn', 'error', 'info'].map((name) => vi.spyOn(console, name as 'log'));
    await hand.broker.submit(bought('sb-foreign-1'));
    once('POST', statusFault(400, '-2010 no'));
    await hand.broker.submit(bought('sb-foreign-2'));
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('arrives too late to be taken up, and is looked at never again', async () => {
    await again({ deadlineMs: 100, recvWindowMs: 150 });
    hand.venue.holdMs = 400;
    expect(await hand.broker.submit(bought('one'))).toMatchObject({ result: 'unknown', name: 'timed-out' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(posts()).toBe(1);
    expect(hand.venue.books.orders).toEqual([]);
    expect(hand.broker.capabilities).toMatchObject({ idsUniqueForEver: false, absenceProvenMs: 400 });
  });
});

describe('the clock', () => {
  it.each([-90_000, 90_000])('is measured: %s ms apart, orders are taken', async (skewMs) => {
    await again({ skewMs });
    expect(await hand.broker.submit(bought('one'))).toMatchObject({ result: 'accepted' });
    expect(Math.abs((await hand.broker.clockOffsetMs()) - skewMs)).toBeLessThan(2_000);
  });

  it('is measured again after it was found to be off', async () => {
    once('POST', statusFault(400, '-1021 outside of the recvWindow'));
    await hand.broker.submit(bought('one'));
    hand.venue.seen.length = 0;
    expect(await hand.broker.submit(bought('one'))).toMatchObject({ result: 'accepted' });
    expect(hand.venue.seen[0]).toMatchObject({ path: '/api/v3/time' });
  });

  it.each([-90_000, 90_000])(
    'is measured before a stream is opened: put by %s ms, it opens at once',
    async (stepMs) => {
      let putMs = 0;
      const broker = brokerAt(hand.venue, {}, () => Date.now() + putMs);
      await broker.clockOffsetMs();
      putMs = stepMs;
      const listening = new AbortController();
      const opened = new Promise((resolve) => {
        void broker.listen(({ kind }) => resolve(kind), listening.signal).then(resolve);
      });
      expect(await opened).toBe('opened');
      listening.abort();
    },
  );
});

describe('orders', () => {
  it.each<[string, Parameters<typeof bought>[1], Record<string, string>]>([
    ['a market order', {}, { type: 'MARKET', side: 'BUY', quantity: '10' }],
    ['a limit', { terms: terms('limit', 90.009) }, { type: 'LIMIT', timeInForce: 'GTC', price: '90' }],
    [
      'a limit that adds to the book',
      { terms: terms('limit', 90, { conditions: { ...NO_CONDITIONS, postOnly: true } }) },
      { type: 'LIMIT_MAKER', price: '90' },
    ],
    [
      'a limit at once or not at all',
      { terms: terms('limit', 110, { conditions: { ...NO_CONDITIONS, tif: 'fok' } }) },
      { type: 'LIMIT', timeInForce: 'FOK' },
    ],
    [
      'a limit for as much as there is',
      { terms: terms('limit', 110, { conditions: { ...NO_CONDITIONS, tif: 'ioc' } }) },
      { type: 'LIMIT', timeInForce: 'IOC' },
    ],
    ['a stop', { terms: terms('stop', 110) }, { type: 'STOP_LOSS', stopPrice: '110' }],
    [
      'a stop with a limit',
      { terms: terms('stop-limit', 110, { conditions: { ...NO_CONDITIONS, limit: 111.119 } }) },
      { type: 'STOP_LOSS_LIMIT', stopPrice: '110', price: '111.11', timeInForce: 'GTC' },
    ],
    [
      'a target that triggers',
      { terms: terms('stop', 90, { role: 'take-profit' }) },
      { type: 'TAKE_PROFIT', stopPrice: '90' },
    ],
    [
      'a trailing stop',
      { terms: terms('trailing', 110, { trailShare: 0.05 }) },
      { type: 'STOP_LOSS', trailingDelta: '500' },
    ],
    ['0.1 + 0.2', { quantity: 0.1 + 0.2 }, { quantity: '0.3' }],
    ['more digits than the exchange has', { quantity: 1.23456789 }, { quantity: '1.234' }],
  ])('%s leaves as the exchange writes it', async (_name, more, expected) => {
    const verdict = await hand.broker.submit(bought('one', more));
    expect(verdict).toMatchObject({ result: 'accepted', order: { clientOrderId: 'one', symbol: 'BTCUSDT' } });
    expect(hand.venue.seen.find(({ method }) => method === 'POST')!.asked).toMatchObject(expected);
    // A double has no room for the venue's own ids.
    expect(verdict.order!.venueOrderId).toBe('9007199254740993');
  });

  it.each<[string, Parameters<typeof bought>[1], RegExp]>([
    ['an id that is too long', { clientOrderId: 'x'.repeat(37) }, /client order id/],
    ['an id of odd characters', { clientOrderId: 'a b' }, /client order id/],
    ['less than a step', { quantity: 0.0009 }, /LOT_SIZE/],
    ['more than a market order may be', { quantity: 501 }, /MARKET_LOT_SIZE/],
    ['too little', { quantity: 0.04 }, /NOTIONAL/],
    ['a price out of the exchange', { terms: terms('limit', 0.001) }, /PRICE_FILTER/],
    ['a price far from the market', { terms: terms('limit', 501) }, /PERCENT_PRICE_BY_SIDE/],
    ['a day', { terms: terms('limit', 90, { conditions: { ...NO_CONDITIONS, tif: 'day' } }) }, /never closes/],
    ['a distance in price', { terms: terms('trailing', 90, { trail: 5 }) }, /share of the price/],
    ['a distance that is too wide', { terms: terms('trailing', 90, { trailShare: 0.3 }) }, /from 0.1 to 20 %/],
  ])('%s never leaves', async (_name, more, why) => {
    const verdict = await hand.broker.submit(bought('one', more));
    expect(verdict).toMatchObject({ result: 'refused', name: 'not-supported' });
    expect(verdict.words).toMatch(why);
    expect(posts()).toBe(0);
  });

  it('are no more than the exchange lets rest', async () => {
    const limit = (index: number) =>
      hand.broker.submit(bought(`l${index}`, { quantity: 1, terms: terms('limit', 90) }));
    for (let index = 0; index < 5; index++) expect((await limit(index)).result).toBe('accepted');
    expect((await limit(5)).words).toMatch(/MAX_NUM_ORDERS/);
    await hand.broker.cancel('l0');
    expect((await limit(6)).result).toBe('accepted');
  });

  it('that wait for a price which has passed become what they were to become, once', async () => {
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    const stop = bought('out', { side: -1, quantity: 10, terms: terms('stop', 105) });
    expect(await hand.broker.submit(stop)).toMatchObject({ result: 'accepted' });
    expect(hand.venue.books.open().map(({ clientOrderId, type }) => [clientOrderId, type])).toEqual([
      ['out', 'MARKET'],
    ]);
  });

  it('wait while the exchange trades nothing, and say so', async () => {
    hand.venue.status = 'BREAK';
    once('POST', statusFault(400, '-1013 Market is closed.'));
    expect(await hand.broker.submit(bought('one'))).toMatchObject({ result: 'not-processed', name: 'market-closed' });
    hand.venue.status = 'CANCEL_ONLY';
    const verdict = await hand.broker.submit(bought('one'));
    expect(verdict).toMatchObject({ result: 'not-processed', name: 'market-closed' });
    expect(verdict.words).toMatch(/BTCUSDT is (BREAK|CANCEL_ONLY)/);
    expect(posts()).toBe(1);
  });

  it('that would meet an order of the same account, or wait in a list, are told as they are', async () => {
    await hand.broker.submit(bought('one', { terms: terms('limit', 90) }));
    const [order] = hand.venue.books.orders;
    order!.status = 'PENDING_NEW';
    expect(await hand.broker.find('one')).toMatchObject({ order: { status: 'working' } });
    hand.venue.books.prevent(order!);
    expect(await hand.broker.find('one')).toMatchObject({ order: { status: 'expired' } });
  });
});

describe('a cancel', () => {
  it('ends an order, and is refused where there is none', async () => {
    await hand.broker.submit(bought('one', { terms: terms('limit', 90) }));
    expect(await hand.broker.cancel('one')).toMatchObject({ result: 'accepted', order: { status: 'canceled' } });
    expect(await hand.broker.cancel('one')).toMatchObject({ result: 'refused', name: 'not-cancelable' });
    expect(await hand.broker.cancel('two')).toMatchObject({ result: 'refused', name: 'not-cancelable' });
  });

  it('leaves at once where orders have used up their budget, and nothing leaves while the venue asks to wait', async () => {
    await again({ weightPerMinute: 100, deadlineMs: 2_000 });
    await hand.broker.submit(bought('first', { quantity: 1, terms: terms('limit', 90) }));
    const waiting = Array.from({ length: 80 }, (_, index) =>
      hand.broker.submit(bought(`m${index}`, { quantity: 0.1 })),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await hand.broker.cancel('first')).toMatchObject({ result: 'accepted' });
    const verdicts = await Promise.all(waiting);
    expect(verdicts.filter(({ name }) => name === 'not-sent').length).toBeGreaterThan(10);
    await again({ deadlineMs: 300 });
    once('POST', statusFault(429, '-1003 Too much request weight used', '60'));
    await hand.broker.submit(bought('one'));
    hand.venue.seen.length = 0;
    expect(await hand.broker.cancel('one')).toMatchObject({ result: 'not-processed', name: 'not-sent' });
    expect(hand.venue.seen).toEqual([]);
  });

  it('waits for the next minute where others have used up the weight of our address', async () => {
    // In the midst of a minute, by the clock of both: its end is not near.
    const shiftMs = MINUTE_MS / 2 - (systemClock() % MINUTE_MS);
    await again({ deadlineMs: 300, clock: () => systemClock() + shiftMs });
    hand.venue.usedWeight = 5_900;
    await hand.broker.find('one');
    hand.venue.seen.length = 0;
    expect(await hand.broker.submit(bought('one'))).toMatchObject({ result: 'not-processed' });
  });
});

describe('an amendment', () => {
  it('cancels one and places the other; half of it is not known', async () => {
    await hand.broker.submit(bought('one', { terms: terms('limit', 90) }));
    const by = bought('one-a', { quantity: 5, terms: terms('limit', 91) });
    expect(await hand.broker.amend('one', by)).toMatchObject({ result: 'accepted', order: { clientOrderId: 'one-a' } });
    expect((await hand.broker.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['one-a']);
    hand.venue.books.orders.at(-1)!.status = 'PARTIALLY_FILLED';
    const late = bought('one-c', { quantity: 5, terms: terms('limit', 92) });
    expect(await hand.broker.amend('one-a', late)).toMatchObject({ result: 'refused' });
    expect(hand.venue.books.open()).toHaveLength(1);
    once('POST', statusFault(409, '-2021 Order cancel-replace partially failed.'), '/api/v3/order/cancelReplace');
    const next = bought('one-b', { quantity: 5, terms: terms('limit', 92) });
    expect(await hand.broker.amend('one-a', next)).toMatchObject({ result: 'unknown', name: 'conflict' });
  });
});
