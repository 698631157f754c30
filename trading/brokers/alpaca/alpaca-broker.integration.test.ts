import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failing, NO_FAULTS, statusFault, type RequestFault } from '../../testing/venue/stand-in-faults.ts';
import type { Instrument } from '../../../features/instrument.ts';
import { alpacaInHand, outgoing, share, type AlpacaInHand } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import type { VenueMessage } from '../venue/venue-broker.ts';

let hand: AlpacaInHand;

beforeEach(async () => {
  // Of the few that hang: the first request of a busy machine may take a second.
  hand = await alpacaInHand({ deadlineMs: 3_000 });
});
afterEach(async () => {
  await hand.venue.stop();
});

/** The next request of `method` goes wrong. */
function once(method: string, fault: RequestFault): void {
  hand.venue.faults = failing({ method }, fault);
}

describe('a submit that goes wrong', () => {
  it.each<[string, RequestFault, string, string, number]>([
    ['401', statusFault(401), 'refused', 'unauthorised', 0],
    ['403 for want of money', statusFault(403, 'insufficient buying power'), 'refused', 'insufficient-funds', 0],
    [
      '403 for want of shares',
      statusFault(403, 'insufficient qty available for order'),
      'refused',
      'insufficient-quantity',
      0,
    ],
    ['403 for a wash trade', statusFault(403, 'potential wash trade detected'), 'refused', 'wash-trade', 0],
    ['403 of a blocked account', statusFault(403, 'account is restricted'), 'refused', 'account-blocked', 0],
    ['403 of another kind', statusFault(403, 'no'), 'refused', 'forbidden', 0],
    ['404', statusFault(404), 'refused', 'not-found', 0],
    ['409', statusFault(409), 'unknown', 'conflict', 0],
    ['422', statusFault(422), 'refused', 'invalid', 0],
    ['429', statusFault(429, 'slow down', '0'), 'not-processed', 'rate-limited', 0],
    ['500', statusFault(500), 'unknown', 'server-error', 0],
    ['503', statusFault(503), 'unknown', 'server-error', 0],
    ['a time-out before it arrived', { kind: 'hang', when: 'before' }, 'unknown', 'timed-out', 0],
    ['a time-out after it arrived', { kind: 'hang', when: 'after' }, 'unknown', 'timed-out', 1],
    ['a line cut before it arrived', { kind: 'reset', when: 'before' }, 'unknown', 'cut-off', 0],
    ['a line cut after it arrived', { kind: 'reset', when: 'after' }, 'unknown', 'cut-off', 1],
    ['a garbled answer', { kind: 'garbled' }, 'unknown', 'garbled', 1],
    ['a truncated answer', { kind: 'truncated' }, 'unknown', 'cut-off', 1],
  ])('%s is named, and only proof refuses', async (_name, fault, ...expected) => {
    const [result, name, orders] = expected;
    once('POST', fault);
    expect(await hand.broker.submit(outgoing('one'))).toMatchObject({ result, name });
    expect(hand.venue.books.orders).toHaveLength(orders);
    expect(hand.venue.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
    const found = await hand.broker.find('one');
    expect(found.found).toBe(orders === 1 ? 'order' : 'absent');
  });

  it('is proven not processed where nobody listens', async () => {
    await hand.venue.stop();
    const verdict = await hand.broker.submit(outgoing('one'));
    expect(verdict).toMatchObject({ result: 'not-processed', name: 'not-connected' });
    expect(verdict.words).toContain('ECONNREFUSED');
    expect(await hand.broker.find('one')).toEqual({ found: 'unreadable' });
  });

  it('makes one order of one id, however often it is sent', async () => {
    expect(await hand.broker.submit(outgoing('one'))).toMatchObject({ result: 'accepted' });
    expect(await hand.broker.submit(outgoing('one'))).toMatchObject({ result: 'refused', name: 'duplicate-id' });
    expect(hand.venue.books.orders).toHaveLength(1);
  });

  it('does not leave where Alpaca cannot do it', async () => {
    const index = { symbol: 'SPX', assetClass: 'index', currency: 'USD', tick: 0.01, lot: 1, sector: null } as const;
    expect(await hand.broker.submit(outgoing('one', { instrument: index }))).toEqual({
      result: 'refused',
      name: 'not-supported',
      words: 'an index cannot be traded; name a fund that follows it',
    });
    expect(hand.venue.seen).toHaveLength(0);
  });
});

describe('a cancel', () => {
  it('asks, and the stream says when it is done', async () => {
    const limit = {
      type: 'limit',
      role: 'order',
      price: 90,
      trail: 0,
      trailShare: 0,
      group: 0,
      conditions: null,
    } as const;
    await hand.broker.submit(outgoing('one', { terms: limit }));
    expect(hand.venue.seen[0]!.body).toMatchObject({
      qty: '10',
      limit_price: '90',
      type: 'limit',
      time_in_force: 'gtc',
    });
    expect(await hand.broker.cancel('one')).toMatchObject({ result: 'accepted' });
    hand.venue.books.turn();
    expect(hand.venue.books.orders[0]!.status).toBe('canceled');
    expect(await hand.broker.cancel('one')).toMatchObject({ result: 'refused', name: 'not-cancelable' });
    expect(await hand.broker.cancel('two')).toMatchObject({ result: 'refused', name: 'not-found' });
  });

  it('is not known where its answer is lost', async () => {
    await hand.broker.submit(outgoing('one'));
    once('DELETE', { kind: 'hang', when: 'after' });
    expect(await hand.broker.cancel('one')).toMatchObject({ result: 'unknown', name: 'timed-out' });
    expect(hand.venue.books.orders[0]!.status).toBe('pending_cancel');
  });

  it('leaves at once where orders have used up their budget', async () => {
    await hand.venue.stop();
    hand = await alpacaInHand({ requestsPerMinute: 20, deadlineMs: 5_000 });
    await hand.broker.submit(outgoing('first'));
    const waiting = Array.from({ length: 40 }, (_, index) =>
      hand.broker.submit(outgoing(`more-${index}`, { quantity: 1 })),
    );
    const orders = hand.broker.client.limiter.waiting;
    expect(orders).toBeGreaterThan(20);
    expect(await hand.broker.cancel('first')).toMatchObject({ result: 'accepted' });
    expect(hand.broker.client.limiter.waiting).toBe(orders);
    const verdicts = await Promise.all(waiting);
    // What had no turn within its deadline has not left, and is known not to have.
    expect(verdicts.filter(({ name }) => name === 'not-sent')).toHaveLength(orders);
    expect(hand.venue.books.orders.length).toBeLessThanOrEqual(20);
  });
});

describe('a replacement', () => {
  const limit = (price: number) => {
    return { type: 'limit', role: 'order', price, trail: 0, trailShare: 0, group: 0, conditions: null } as const;
  };

  it('is another order of another id, and its 200 proves no more than that', async () => {
    await hand.broker.submit(outgoing('one', { terms: limit(90) }));
    const by = outgoing('one-a1', { quantity: 5, terms: limit(91.234) });
    expect(await hand.broker.amend('one', by)).toMatchObject({
      result: 'accepted',
      order: { clientOrderId: 'one-a1' },
    });
    expect(hand.venue.seen.at(-1)!.body).toEqual({ client_order_id: 'one-a1', limit_price: '91.23', qty: '5' });
    expect(await hand.broker.find('one')).toMatchObject({ order: { status: 'replaced' } });
    expect((await hand.broker.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['one-a1']);
    expect(await hand.broker.amend('one', outgoing('one-a2', { terms: limit(92) }))).toMatchObject({
      result: 'refused',
      name: 'invalid',
    });
  });

  it('is not known where its answer is lost', async () => {
    await hand.broker.submit(outgoing('one', { terms: limit(90) }));
    once('PATCH', { kind: 'reset', when: 'after' });
    const verdict = await hand.broker.amend('one', outgoing('one-a1', { terms: limit(91) }));
    expect(verdict).toMatchObject({ result: 'unknown', name: 'cut-off' });
    expect(await hand.broker.find('one-a1')).toMatchObject({ found: 'order' });
  });
});

describe('what is asked', () => {
  it('is the account, open orders, positions and executions as the books have them', async () => {
    const { broker, venue } = hand;
    await broker.submit(outgoing('one'));
    venue.books.turn();
    await broker.submit(outgoing('two', { quantity: 3 }));
    const [account, positions, open, executions] = await Promise.all([
      broker.account(),
      broker.positions(),
      broker.openOrders(),
      broker.executionsSince(0),
    ]);
    expect(account).toMatchObject({ id: 'stand-in', cash: '99000', blocks: [] });
    expect(positions).toEqual([{ symbol: 'AAPL', quantity: 10, price: 100, value: 1_000 }]);
    expect(open.map(({ clientOrderId, status: state }) => [clientOrderId, state])).toEqual([['two', 'working']]);
    expect(executions).toMatchObject([{ clientOrderId: 'one', quantity: 10, price: 100, cumulative: 10 }]);
    expect(executions[0]!.executionId).toBe(venue.books.executions[0]!.id);
  });

  it('throws where it is not answered whole, and says what was tried', async () => {
    once('GET', { kind: 'garbled' });
    await expect(hand.broker.positions()).rejects.toThrow(/positions.*not JSON/);
    once('GET', statusFault(401));
    await expect(hand.broker.account()).rejects.toThrow(/did not tell the account at http:.*401/);
    hand.venue.account = { trading_blocked: true, status: 'ACCOUNT_UPDATED' };
    expect((await hand.broker.account()).blocks).toEqual(['status ACCOUNT_UPDATED', 'trading_blocked']);
  });

  it('reads more executions than one page holds', async () => {
    for (let order = 0; order < 130; order++) {
      hand.venue.books.submit({ client_order_id: `o${order}`, symbol: 'AAPL', side: 'buy', qty: '1', type: 'market' });
      hand.venue.books.turn();
    }
    expect(await hand.broker.executionsSince(0)).toHaveLength(130);
  });

  it('names coins as orders do, and tells the fees that were taken from them', async () => {
    const { broker, venue } = hand;
    venue.books.trade('BTC/USD', '100');
    const coin: Instrument = { ...share('BTC/USD'), assetClass: 'crypto', lot: 1e-9 };
    await broker.submit(outgoing('coins', { instrument: coin, quantity: 2 }));
    venue.books.turn();
    venue.books.charge('BTC/USD', '0.005');
    expect(await broker.positions()).toMatchObject([{ symbol: 'BTC/USD', quantity: 1.995 }]);
    const [bought, fee] = await broker.executionsSince(0);
    expect(bought).toMatchObject({ symbol: 'BTC/USD', quantity: 2, clientOrderId: 'coins' });
    expect(fee).toMatchObject({ symbol: 'BTC/USD', quantity: 0, feeUnits: 0.005, clientOrderId: null });
  });

  describe('tells the fees in dollars that were taken of sales of coins', () => {
    const coin = (symbol: string): Instrument => ({ ...share(symbol), assetClass: 'crypto', lot: 1e-9 });
    const trade = async (id: string, symbol: string, side: 1 | -1, quantity: number): Promise<void> => {
      await hand.broker.submit(outgoing(id, { instrument: coin(symbol), side, quantity }));
      hand.venue.books.turn();
    };

    it('with the order that they name, once each', async () => {
      const { broker, venue } = hand;
      venue.books.trade('BTC/USD', '100');
      await trade('in', 'BTC/USD', 1, 4);
      await trade('out', 'BTC/USD', -1, 2);
      venue.books.chargeDollars('0.5', venue.books.byClientId('out')!.id);
      const [fee, ...more] = await broker.paymentsSince(0);
      expect(fee).toMatchObject({ symbol: 'BTC/USD', kind: 'fee', cash: -0.5, clientOrderId: 'out' });
      expect(more).toEqual([]);
      // What was taken in dollars is no execution of units.
      expect((await broker.executionsSince(0)).map(({ feeUnits }) => feeUnits ?? 0)).toEqual([0, 0, 0]);
    });

    it('with the only sale that is large enough, where they name none; with no order where there are two', async () => {
      const { broker, venue } = hand;
      venue.books.trade('BTC/USD', '100');
      venue.books.trade('ETH/USD', '10');
      await trade('in', 'BTC/USD', 1, 40);
      await trade('coins', 'ETH/USD', 1, 4);
      await trade('small', 'ETH/USD', -1, 2);
      await trade('large', 'BTC/USD', -1, 10);
      venue.books.chargeDollars('2.5');
      await trade('second', 'BTC/USD', -1, 10);
      venue.books.chargeDollars('2.4');
      venue.books.chargeDollars('99');
      expect(await broker.paymentsSince(0)).toMatchObject([
        { symbol: 'BTC/USD', cash: -2.5, clientOrderId: 'large' },
        { symbol: 'BTC/USD', cash: -2.4, clientOrderId: null },
      ]);
    });

    it('and asks for none where shares alone are traded', async () => {
      const { broker, venue } = hand;
      await broker.submit(outgoing('shares'));
      expect(await broker.paymentsSince(0)).toEqual([]);
      expect(venue.seen.filter(({ path }) => path.startsWith('/v2/account/activities'))).toEqual([]);
    });
  });

  it('is the time, too', async () => {
    await hand.venue.stop();
    hand = await alpacaInHand({ skewMs: 5_000 });
    expect(Math.abs((await hand.broker.clockOffsetMs()) - 5_000)).toBeLessThan(1_000);
  });
});

describe('the stream of updates', () => {
  const listen = () => {
    const messages: VenueMessage[] = [];
    const stop = new AbortController();
    const ended = hand.broker.listen((message) => messages.push(message), stop.signal);
    const until = async (kind: VenueMessage['kind']): Promise<VenueMessage> => {
      for (;;) {
        const found = messages.find((message) => message.kind === kind);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    return { messages, stop, ended, until };
  };

  it('tells of orders and executions, by the names of the books', async () => {
    const { until, stop, ended } = listen();
    await until('opened');
    await hand.broker.submit(outgoing('one'));
    hand.venue.books.turn();
    const told = await until('execution');
    expect(told).toMatchObject({
      execution: { executionId: hand.venue.books.executions[0]!.id, quantity: 10, price: 100, cumulative: 10 },
      order: { clientOrderId: 'one', status: 'filled', filled: 10 },
    });
    stop.abort();
    expect(await ended).toBe('the session ended it');
  });

  it('hands on names that can be stored, whatever the venue sends', async () => {
    const { until, stop } = listen();
    await until('opened');
    const foreign = { symbol: 'AAPL', side: 'buy', qty: '1', type: 'market' } as const;
    hand.venue.books.submit({ ...foreign, client_order_id: 'a\0b\ud83d' });
    hand.venue.books.turn();
    const clientOrderId = 'a\ufffdb\ufffd';
    expect(await until('execution')).toMatchObject({ execution: { clientOrderId }, order: { clientOrderId } });
    expect(await hand.broker.executionsSince(0)).toMatchObject([{ clientOrderId }]);
    stop.abort();
  });

  it('ends where it is cut, refused or stalled', async () => {
    const cut = listen();
    await cut.until('opened');
    hand.venue.stream.drop();
    await cut.ended;
    hand.venue.stream.refuses = true;
    expect(await listen().ended).toMatch(/auth failed|refused the credentials/);
    hand.venue.stream.refuses = false;
    const stalled = listen();
    await stalled.until('opened');
    hand.venue.stream.stall();
    await stalled.ended;
  });

  it('says so where an update cannot be read', async () => {
    const { until, stop } = listen();
    await until('opened');
    hand.venue.faults = { ...NO_FAULTS, message: () => 'malformed' };
    await hand.broker.submit(outgoing('one'));
    expect(await until('unreadable')).toMatchObject({ words: expect.stringContaining('order') as string });
    stop.abort();
  });
});
