import { afterEach, describe, expect, it } from 'vitest';
import { amountText } from '../../brokers/binance/asset-amount.ts';
import { pairOf, untilTold } from '../../testing/venue/binance/binance-in-hand.ts';
import {
  futuresBrokerAt,
  futuresInHand,
  type FuturesInHand,
} from '../../testing/venue/binance/futures/futures-in-hand.ts';
import { IMPATIENT } from '../../testing/venue/kept-session.ts';
import { sessionInHand, type SessionInHand } from '../../testing/venue/session-in-hand.ts';
import { failing, NO_FAULTS, type RequestFault } from '../../testing/venue/stand-in-faults.ts';

// A session in BTC on margin at Binance's futures, over the real SDK: long and short, funding, what nobody ordered.

type InHandOptions = NonNullable<Parameters<typeof sessionInHand>[1]>;
type InHand = SessionInHand<FuturesInHand['venue']> & Pick<NonNullable<InHandOptions['before']>, 'words'>;

let hand: FuturesInHand;
const HASTE = { deadlineMs: 150, recvWindowMs: 100, pingMs: 100 };
const SYMBOL = 'BTCUSDT';
const stop = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };

afterEach(async () => {
  await hand.venue.stop();
});

async function start(options: Parameters<typeof futuresInHand>[0] = {}, more: InHandOptions = {}): Promise<InHand> {
  hand = await futuresInHand({ ...HASTE, ...options });
  hand.venue.run(5);
  const session = await again(more);
  await session.until('it is ready', () => session.edge.ready);
  return session;
}

/** A session through a broker of its own, as after a restart. */
async function again(more: InHandOptions): Promise<InHand> {
  const broker = futuresBrokerAt(hand.venue, HASTE);
  const { instruments } = await untilTold(() => broker.prepare([pairOf(SYMBOL)], null));
  return sessionInHand(hand.venue, { longShort: true, ...more, at: { broker, instrument: instruments[0]! } });
}

const held = (): string => amountText(hand.venue.books.held(SYMBOL));
const trade = (price: string): void => hand.venue.books.trade(SYMBOL, price);

/** What the journal and the venue's books have in the end is the same. */
async function same(session: InHand, units: string): Promise<void> {
  await session.settled();
  const { books } = hand.venue;
  const { fills, payments } = session.record;
  const ours = fills.map(({ executionId }) => executionId).sort();
  expect(ours).toEqual(books.trades.map(({ id, order }) => `${order.symbol}/${id}`).sort());
  expect(held()).toBe(units);
  expect(fills.reduce((sum, { quantity }) => sum + quantity, 0)).toBeCloseTo(Number(units), 9);
  const spent = fills.reduce((sum, { quantity, price, fee }) => sum + quantity * price + fee, 0);
  const paid = payments.reduce((sum, { cash }) => sum + cash, 0);
  const theirs = books.positions.wallet - books.positions.get(SYMBOL).cost;
  expect(100_000 - spent + paid).toBeCloseTo(Number(amountText(theirs)), 6);
}

const codes = async (session: InHand): Promise<string[]> => (await session.end()).refusals.map(({ code }) => code);

describe('a position on margin', () => {
  it('is long, turned short in one order, protected at the venue, and closed', async () => {
    const session = await start({ partsMax: 3, commission: 1n, seed: 3 }, { protection: stop });
    session.close('BUY');
    await session.until('it is long and has its stop', () => held() === '10' && openStops('SELL') === '10');
    await same(session, '10');
    session.close('SELL');
    await session.until('it is short and has its stop', () => held() === '-10' && openStops('BUY') === '10');
    await same(session, '-10');
    expect(hand.venue.seen.some(({ asked }) => asked.type === 'STOP_MARKET' && asked.reduceOnly !== 'true')).toBe(
      false,
    );
    // The stop of the short position: what it lost is booked as its exit.
    trade('111');
    await session.until('it is flat', () => held() === '0');
    await same(session, '0');
    const { ledger } = await session.end();
    expect(ledger.map(({ side, exit }) => [side, exit])).toContainEqual(['short', 'stop-loss']);
    expect(
      hand.venue.seen.filter(({ path, asked }) => path === '/fapi/v1/order' && /STOP/.test(asked.type ?? '')),
    ).toEqual([]);
  });

  const openStops = (side: string): string => {
    const stops = hand.venue.books.openAlgos(SYMBOL).filter((one) => one.side === side);
    return amountText(stops.reduce((sum, { quantity }) => sum + quantity, 0n));
  };

  it('is paid and pays funding, each payment once, whether the stream told of it or not, and after a restart', async () => {
    const before = await start();
    before.close('BUY');
    await before.until('it is long', () => before.record.fills.length === 1);
    hand.venue.books.fund(SYMBOL, '0.0001');
    await before.until('it is booked', () => before.record.payments.length === 1);
    hand.venue.faults = { ...NO_FAULTS, message: () => 'skip' };
    hand.venue.books.fund(SYMBOL, '-0.0003');
    await before.until('it is booked, too', () => before.record.payments.length === 2);
    await before.end();
    hand.venue.books.fund(SYMBOL, '0.0002');
    const session = await again({ before });
    await session.until('the one between is booked', () => session.record.payments.length === 3);
    await session.settled();
    expect(session.record.payments.map(({ charge, cash }) => [charge, cash])).toEqual([
      ['funding', -0.1],
      ['funding', 0.3],
      ['funding', -0.2],
    ]);
    await same(session, '10');
    await session.end();
  });

  it.each<[string, RequestFault]>([
    ['times out but arrived', { kind: 'hang', when: 'after' }],
    ['times out and did not arrive', { kind: 'hang', when: 'before' }],
    ['is answered with -1021', { kind: 'status', status: 400, message: '-1021 outside of the recvWindow' }],
    ['is answered with 418', { kind: 'status', status: 418, message: '-1003 banned', retryAfter: '0' }],
  ])('whose order, or stop, %s is opened and protected once', async (_name, fault) => {
    const session = await start({}, { protection: stop });
    hand.venue.faults = failing({ method: 'POST', at: (path) => path === '/fapi/v1/order' }, fault);
    session.close('BUY');
    await session.until('it is sent', () => hand.venue.books.orders.length === 1);
    hand.venue.faults = failing({ method: 'POST', at: (path) => path === '/fapi/v1/algoOrder' }, fault);
    await session.until('it is protected', () => openStops('SELL') === '10');
    await same(session, '10');
    expect(hand.venue.books.orders).toHaveLength(1);
    expect(hand.venue.books.algos).toHaveLength(1);
    await session.end();
  });
});

describe('what nobody ordered', () => {
  it('a liquidation is booked as external with what it cost, is told, and nothing opens after it', async () => {
    const session = await start({ wallet: '100000' }, { protection: stop });
    session.close('BUY');
    await session.until('it is protected', () => hand.venue.books.openAlgos().length === 1);
    hand.venue.books.liquidate();
    await session.until(
      'it is booked',
      () => session.record.fills.length === 2 && session.record.payments.length === 1,
    );
    await same(session, '0');
    expect(session.record.payments[0]).toMatchObject({ charge: 'clearance', cash: -5 });
    session.close('BUY');
    await session.until('the bar has closed', () => session.record.bars.length === 2);
    await same(session, '0');
    const told = await codes(session);
    expect(told).toContain('liquidated');
    expect(told.filter((code) => code === 'liquidated')).toHaveLength(1);
    expect(told).toContain('reduce-only');
  });

  it('a liquidation while the session was down is found by asking', async () => {
    const before = await start();
    before.close('SELL');
    await before.until('it is short', () => before.record.fills.length === 1);
    await before.settled();
    await before.end();
    hand.venue.books.liquidate();
    const session = await again({ before });
    await session.until('it is booked', () => session.record.fills.length === 2);
    await same(session, '0');
    expect(await codes(session)).toContain('liquidated');
  });

  it('a deleveraging leaves a smaller position, with a stop of its size, and the session goes on', async () => {
    const session = await start({}, { protection: stop });
    session.close('BUY');
    await session.until('it is protected', () => hand.venue.books.openAlgos().length === 1);
    await session.settled();
    hand.venue.books.deleverage(SYMBOL, '4');
    await session.until('its stop is of its size', () => {
      const stops = hand.venue.books.openAlgos();
      return stops.length === 1 && amountText(stops[0]!.quantity) === '6';
    });
    await same(session, '6');
    session.close('SELL');
    await session.until('it is short', () => held() === '-10');
    await same(session, '-10');
    expect(await codes(session)).toEqual(['deleveraged']);
  });

  it('a call for margin stops openings', async () => {
    const session = await start();
    hand.venue.tell({ e: 'MARGIN_CALL', E: 1, cw: '5', p: [{ s: SYMBOL, mt: 'CROSSED', up: '-1', mm: '6' }] });
    await session.until('it is taken', () => session.record.inputs.some(({ event }) => event.kind === 'margin-call'));
    session.close('BUY');
    await session.until('the bar has closed', () => session.record.bars.length === 1);
    const told = await codes(session);
    expect(told).toEqual(['venue-margin-call', 'reduce-only']);
    expect(hand.venue.books.orders).toEqual([]);
  });
});

describe('the stream', () => {
  it('whose key has expired is opened again by another, and what was missed is asked for', async () => {
    const session = await start({}, { patience: IMPATIENT });
    hand.venue.expireKeys();
    // A purchase is refused at a bar that closes while the stream is away: it is said until it is let.
    for (let bars = 0; session.record.fills.length === 0; bars++) {
      session.close('BUY');
      await session.until('the bar', () => session.record.bars.length > bars);
      await session.settled();
    }
    await session.until('it listens again', () => hand.venue.stream.listeners === 1);
    await same(session, '10');
    await session.end();
  });
});
