import { systemClock } from '../../../infra/clock.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { amountText } from '../../brokers/binance/asset-amount.ts';
import {
  binanceInHand,
  brokerAt,
  pairOf,
  untilTold,
  type BinanceInHand,
} from '../../testing/venue/binance/binance-in-hand.ts';
import type { BinanceStandInOptions } from '../../testing/venue/binance/binance-stand-in.ts';
import { failing, NO_FAULTS, type RequestFault } from '../../testing/venue/stand-in-faults.ts';
import { IMPATIENT } from '../../testing/venue/kept-session.ts';
import { sessionInHand, type InHandOptions, type SessionInHand } from '../../testing/venue/session-in-hand.ts';

// Failures of live systems in public, over the real SDK of Binance, whose ids may be used again after a fill.

type InHand = SessionInHand<BinanceInHand['venue']> & Pick<NonNullable<InHandOptions['before']>, 'words'>;

let hand: BinanceInHand;
const HASTE = { deadlineMs: 150, recvWindowMs: 100, pingMs: 100 };

afterEach(async () => {
  await hand.venue.stop();
});

async function start(options: Partial<BinanceStandInOptions> = {}, more: InHandOptions = {}): Promise<InHand> {
  hand = await binanceInHand({ ...HASTE, ...options });
  hand.venue.run(5);
  return again(more);
}

/** A session through a broker of its own, as after a restart. */
async function again(more: InHandOptions): Promise<InHand> {
  const broker = brokerAt(hand.venue, HASTE);
  const held = { instruments: [], held: { BTC: '1' } };
  const { instruments } = await untilTold(() => broker.prepare([pairOf('BTCUSDT')], held));
  const [instrument] = instruments.length > 0 ? instruments : [pairOf('BTCUSDT')];
  const at = { broker, instrument: { ...instrument!, rules: { dustBelow: 0.001 } } };
  return sessionInHand(hand.venue, { ...more, at });
}

/** The next `count` requests of `method` for an order go wrong. */
function failNext(method: string, fault: RequestFault, count = 1): void {
  hand.venue.faults = failing({ method, at: (path) => path === '/api/v3/order', count }, fault);
}

/** What the journal and the venue's books have in the end is the same. */
async function same(session: InHand, held: string): Promise<void> {
  await session.settled();
  const { books } = hand.venue;
  const ours = session.record.fills.map(({ executionId }) => executionId).sort();
  expect(ours).toEqual(books.trades.map(({ id, order }) => `${order.symbol}/${id}`).sort());
  const position = session.record.fills.reduce((sum, { quantity }) => sum + quantity, 0);
  expect(position.toFixed(8)).toBe(Number(held).toFixed(8));
  expect(amountText(books.balance('BTC') - 100_000_000n)).toBe(held);
  const cash = session.record.fills.reduce((sum, { quantity, price, fee }) => sum - quantity * price - fee, 100_000);
  expect(cash.toFixed(6)).toBe(Number(amountText(books.balance('USDT'))).toFixed(6));
}

const bought = (session: InHand): Promise<void> =>
  session.until('it is filled', () => {
    // On a busy machine the stream may be away again as the bar closes: then nothing opens, and it is said again.
    const isDue = hand.venue.books.orders.length === 0 && session.edge.settled && session.words.length < 100;
    if (isDue) session.close('BUY');
    return hand.venue.books.trades.length > 0 && session.record.fills.length > 0;
  });
const stop = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };

describe('a submit', () => {
  it.each<[string, RequestFault]>([
    ['that times out but arrived, and is filled', { kind: 'hang', when: 'after' }],
    ['that times out and did not arrive', { kind: 'hang', when: 'before' }],
    ['whose line is cut after it arrived', { kind: 'reset', when: 'after' }],
    ['whose answer is garbled', { kind: 'garbled' }],
    ['that the venue answers with -1006', { kind: 'status', status: 400, message: '-1006 unexpected response' }],
    ['that is answered with 429', { kind: 'status', status: 429, message: '-1003 slow down', retryAfter: '0' }],
    ['that is answered with 418', { kind: 'status', status: 418, message: '-1003 banned', retryAfter: '0' }],
    ['that comes from another time', { kind: 'status', status: 400, message: '-1021 outside of the recvWindow' }],
  ])('%s is one order', async (_name, fault) => {
    const session = await start();
    await session.until('it is ready', () => session.edge.ready);
    failNext('POST', fault);
    session.close('BUY');
    await bought(session);
    await same(session, '10');
    expect(hand.venue.books.orders).toHaveLength(1);
    await session.end();
  });

  it('that nobody answers is sent again only when no request of it can be taken up any more', async () => {
    const session = await start();
    await session.until('it is ready', () => session.edge.ready);
    failNext('POST', { kind: 'hang', when: 'before' });
    const begun = systemClock();
    session.close('BUY');
    await bought(session);
    const posts = hand.venue.seen.filter(({ method }) => method === 'POST');
    expect(posts).toHaveLength(2);
    // Its deadline, and twice the window in which the venue takes it up.
    expect(systemClock() - begun).toBeGreaterThan(350);
    await same(session, '10');
    await session.end();
  });
});

describe('an opening that never arrived', () => {
  it('and has become too old ends, and leaves its symbol free', async () => {
    const session = await start({}, { patience: { ...IMPATIENT, openingMs: 1_500 } });
    await session.until('it is ready', () => session.edge.ready);
    failNext('POST', { kind: 'hang', when: 'before' }, Infinity);
    session.close('BUY');
    await session.until('it ended', () =>
      session.record.inputs.some(({ event }) => event.kind === 'order-update' && event.state === 'CANCELED'),
    );
    hand.venue.faults = NO_FAULTS;
    expect(hand.venue.books.orders).toEqual([]);
    // On a busy machine one may be too old again before it leaves.
    await session.until('another is filled', () => {
      if (session.edge.settled && session.record.fills.length === 0 && session.words.length < 100) session.close('BUY');
      return session.record.fills.length > 0;
    });
    await same(session, '10');
    await session.end();
  });
});

describe('what the stream says', () => {
  it.each(['skip', 'repeat', 'reorder', 'malformed', 'drop', 'mute'] as const)(
    'with %s is made up for by asking',
    async (fault) => {
      const session = await start({ partsMax: 3, seed: 5 });
      await session.until('it is ready', () => session.edge.ready);
      let count = 0;
      // The first execution of several is told; what comes after it goes wrong.
      hand.venue.faults = { ...NO_FAULTS, message: (what) => (what === 'TRADE' && ++count > 1 ? fault : null) };
      session.close('BUY');
      await session.until('it is filled', () => hand.venue.books.orders[0]?.status === 'FILLED');
      hand.venue.faults = NO_FAULTS;
      await session.until('it is booked', () => session.record.fills.length === hand.venue.books.trades.length);
      await same(session, '10');
      await session.end();
    },
  );

  it.each([{ e: 'eventStreamTerminated' }, { e: 'serverShutdown' }])(
    'last ($e) is heeded: it is opened again',
    async (event) => {
      const session = await start();
      await session.until('it is ready', () => session.edge.ready);
      hand.venue.tell(event);
      await session.until('it ended', () => session.notes.some((note) => note.includes('the stream of orders ended')));
      await session.until('it is back', () => {
        const last = session.record.inputs.findLast(({ event: told }) => told.kind === 'connectivity')?.event;
        return hand.venue.stream.listeners === 1 && last?.kind === 'connectivity' && last.connected;
      });
      session.close('BUY');
      await bought(session);
      await same(session, '10');
      await session.end();
    },
  );
});

describe('a commission', () => {
  const once = { thousandths: 1n };

  it('in what is bought leaves less than can be sold, which is no position', async () => {
    const session = await start({ partsMax: 3, commission: once, seed: 3 });
    session.close('BUY');
    await session.until('it is filled', () => hand.venue.books.orders[0]?.status === 'FILLED');
    await same(session, '9.99');
    session.close('SELL');
    await session.until('it is sold', () => hand.venue.books.orders[1]?.status === 'FILLED');
    await same(session, '0');
    hand.venue.books.submit({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.123' });
    await session.settled();
    await session.until('it is booked', () => session.record.fills.length === hand.venue.books.trades.length);
    await same(session, '0.122877');
    session.commands.push('flatten');
    await session.until('all that can be is sold', () => hand.venue.books.orders[3]?.status === 'FILLED');
    await same(session, '0.000877');
    await session.end();
  });

  it('in another asset is a fee of its worth, whether the stream told of it or asking did', async () => {
    const session = await start({ commission: { ...once, inBnb: true } });
    await session.until('it is ready', () => session.edge.ready);
    session.close('BUY');
    await bought(session);
    await session.settled();
    // A thousandth of 1,000, taken as 0.002 BNB at 500.
    expect(session.record.fills.map(({ quantity, fee }) => [quantity, fee])).toEqual([[10, 1]]);
    hand.venue.faults = { ...NO_FAULTS, message: () => 'skip' };
    session.close('SELL');
    await session.until('it is sold', () => session.record.fills.length === 2);
    expect(session.record.fills.map(({ quantity, fee }) => [quantity, fee])[1]).toEqual([-10, 1]);
    await session.end();
  });
});

describe('a stop at the venue', () => {
  it('rests, gives way to the exit, and is there again after a restart', async () => {
    const before = await start({ commission: { thousandths: 1n } }, { protection: stop });
    before.close('BUY');
    await before.until('a stop rests', () => hand.venue.books.open().some(({ type }) => type === 'STOP_LOSS'));
    await before.settled();
    await before.end();
    const session = await again({ before, protection: stop });
    await session.until('it is ready', () => session.edge.ready);
    expect(hand.venue.books.open().map(({ type, quantity }) => [type, amountText(quantity)])).toEqual([
      ['STOP_LOSS', '9.99'],
    ]);
    session.close('SELL');
    await session.until('it is flat', () => hand.venue.books.balance('BTC') === 100_000_000n);
    await same(session, '0');
    expect(hand.venue.books.open()).toEqual([]);
    await session.end();
  });

  it('whose price has passed becomes an exit, and sells once', async () => {
    const session = await start({}, { protection: stop });
    await session.until('it is ready', () => session.edge.ready);
    // It falls as soon as it was bought.
    hand.venue.faults = {
      ...NO_FAULTS,
      message: (what) => {
        if (what === 'TRADE' && hand.venue.books.orders.length === 1)
          hand.venue.books.prices.set('BTCUSDT', 8_000_000_000n);
        return null;
      },
    };
    session.close('BUY');
    await session.until('it is flat', () => hand.venue.books.trades.length === 2);
    await same(session, '0');
    expect(hand.venue.books.orders.map(({ type }) => type)).toEqual(['MARKET', 'MARKET']);
    await session.end();
  });
});

describe('what is not ours', () => {
  it('was there before, and is left alone; what comes in from outside stops openings', async () => {
    const session = await start();
    await session.until('it is ready', () => session.edge.ready);
    hand.venue.books.balances.set('BTC', 300_000_000n);
    hand.venue.tell({ e: 'balanceUpdate', a: 'BTC', d: '2' });
    await session.until('it is told', () => session.notes.some((note) => note.includes('positions differ')));
    session.close('BUY');
    await session.until('it is refused', () => session.record.bars.length === 1);
    const result = await session.end();
    expect(result.refusals.map(({ code }) => code)).toContain('position-difference');
    expect(hand.venue.books.orders).toEqual([]);
  });
});
