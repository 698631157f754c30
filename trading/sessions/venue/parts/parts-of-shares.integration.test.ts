import { afterEach, describe, expect, it } from 'vitest';
import { bracket, type PlaceOrder } from '../../../orders/order-request.ts';
import type { Strategy, StrategyAction } from '../../../strategies/strategy.ts';
import { EndedDays } from '../../../testing/venue/alpaca/ended-days.ts';
import { buy, placing } from '../../../testing/venue/scripted-strategy.ts';
import { failing, NO_FAULTS, statusFault, type RequestFault } from '../../../testing/venue/stand-in-faults.ts';
import { amountOf, type StandInOrder } from '../../../testing/venue/stand-in-order.ts';
import type { StandInVenue } from '../../../testing/venue/stand-in-venue.ts';
import { sessionInHand, venueInHand, type InHandOptions } from '../../../testing/venue/session-in-hand.ts';

// Parts of shares: Alpaca takes them for the day alone and replaces none, and a stop is to rest for longer.

type Session = Awaited<ReturnType<typeof sessionInHand<StandInVenue>>>;

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const stop = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };
const open = (): StandInOrder[] => venue.books.open('AAPL');
const rests = (): string =>
  open()
    .map(({ type, qty, filled, stop: at, limit, tif }) => {
      const price = at ?? limit;
      return `${type} ${amountOf(qty - filled)}${price === null ? '' : ` at ${amountOf(price)}`} ${tif}`;
    })
    .join('; ');
const names = (): string[] => venue.books.orders.map(({ clientOrderId }) => clientOrderId.replace(/^sb-\w+-/, ''));

async function start(options: InHandOptions): Promise<{ session: Session; days: EndedDays }> {
  const days = new EndedDays();
  venue = await venueInHand({ hours: days, cancelMs: 10 });
  return { session: await sessionInHand(venue, { lot: 0.001, ...options }), days };
}

async function rest(session: Session, what: string): Promise<void> {
  await session.until(what, () => rests() === what);
  await session.settled();
}

/** Every execution is booked once, both hold so much, and nothing was refused but with these codes. */
async function ends(session: Session, units: string, codes: readonly string[] = []): Promise<void> {
  await session.settled();
  expect(session.record.fills.map(({ executionId }) => executionId).sort()).toEqual(
    venue.books.executions.map(({ id }) => id).sort(),
  );
  expect(session.record.fills.reduce((sum, { quantity }) => sum + quantity, 0)).toBeCloseTo(Number(units), 9);
  expect(amountOf(venue.books.held('AAPL'))).toBe(units);
  expect((await session.end()).refusals.map(({ code }) => code)).toEqual(codes);
}

describe('the stop of a position in parts of shares', () => {
  it('rests for the day, and again on each next one, which is no alarm; then it does what it is there for', async () => {
    const { session, days } = await start({ protection: stop, units: 10.5 });
    session.close('BUY');
    await rest(session, 'stop 10.5 at 90 day');
    for (const day of [1, 2, 3]) {
      days.end();
      await session.until('another rests', () => names().includes(`2-d${day}`));
      await rest(session, 'stop 10.5 at 90 day');
    }
    expect(names()).toEqual(['1', '2', '2-d1', '2-d2', '2-d3']);
    venue.books.trade('AAPL', '89');
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await ends(session, '0');
  });

  it('of whole shares rests until it is cancelled, as ever', async () => {
    const { session, days } = await start({ protection: stop, units: 10 });
    session.close('BUY');
    await rest(session, 'stop 10 at 90 gtc');
    days.end();
    await rest(session, 'stop 10 at 90 gtc');
    expect(names()).toEqual(['1', '2']);
    await ends(session, '10');
  });

  it('that is filled in part goes on the next day for what is left, which rests as whole shares', async () => {
    const { session, days } = await start({ protection: stop, units: 10.5 });
    session.close('BUY');
    await rest(session, 'stop 10.5 at 90 day');
    venue.books.fill(open()[0]!, '0.25', '90');
    await session.until('it is booked', () => session.record.fills.length === 2);
    days.end();
    await rest(session, 'stop 10.25 at 90 day');
    venue.books.fill(open()[0]!, '0.25', '90');
    await session.until('it is booked', () => session.record.fills.length === 3);
    days.end();
    await rest(session, 'stop 10 at 90 gtc');
    venue.books.trade('AAPL', '89');
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await ends(session, '0');
  });

  it('that ended while the session was down rests again when it is back, day by day', async () => {
    const { session: before, days } = await start({ protection: stop, units: 10.5 });
    before.close('BUY');
    await rest(before, 'stop 10.5 at 90 day');
    days.end();
    await before.until('another rests', () => names().includes('2-d1'));
    await rest(before, 'stop 10.5 at 90 day');
    await before.end();
    days.end();
    venue.books.turn();
    expect(rests()).toBe('');
    const again = { protection: stop, units: 10.5, lot: 0.001, before };
    const session = await sessionInHand(venue, again);
    await rest(session, 'stop 10.5 at 90 day');
    expect(names()).toEqual(['1', '2', '2-d1', '2-d2']);
    expect(session.notes).toEqual([]);
    await ends(session, '10.5');
  });

  it('that ended while the session was down rests again before anything else leaves', async () => {
    const { session: before, days } = await start({ protection: stop, units: 10.5 });
    before.close('BUY');
    await rest(before, 'stop 10.5 at 90 day');
    await before.end();
    days.end();
    venue.books.turn();
    const sent = venue.seen.length;
    const session = await sessionInHand(venue, { protection: stop, units: 10.5, lot: 0.001, before });
    // It is to go flat at its first bar.
    session.close('SELL');
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    const posts = venue.seen.slice(sent).filter(({ method }) => method === 'POST');
    expect(posts.map(({ body }) => [body.type, body.qty])).toEqual([
      ['stop', '10.5'],
      ['market', '10.5'],
    ]);
    await ends(session, '0');
  });

  it('that the venue does not take on the next day is told, and becomes an exit, like each that is refused', async () => {
    const { session, days } = await start({ protection: stop, units: 10.5 });
    session.close('BUY');
    await rest(session, 'stop 10.5 at 90 day');
    venue.faults = failing({ method: 'POST' }, statusFault(422, 'not now'));
    days.end();
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await ends(session, '0', ['protection-ended']);
  });

  it('of which the answer of the next day is lost is sent once', async () => {
    const { session, days } = await start({ protection: stop, units: 10.5 });
    session.close('BUY');
    await rest(session, 'stop 10.5 at 90 day');
    venue.faults = failing({ method: 'POST' }, { kind: 'hang', when: 'after' });
    days.end();
    await session.until('another rests', () => names().includes('2-d1'));
    await rest(session, 'stop 10.5 at 90 day');
    expect(names()).toEqual(['1', '2', '2-d1']);
    await ends(session, '10.5');
  });
});

const size = { units: 2.5 };
const limit: PlaceOrder = { ...buy, size, type: 'limit', limit: 90 };
const amend = (to: number, units?: number): StrategyAction => ({
  do: 'amend',
  label: 'in',
  limit: to,
  ...(units === undefined ? {} : { units }),
});

/** A purchase of parts that rests at 90, which then does so at each bar. */
async function resting(
  ...script: StrategyAction[][]
): Promise<{ session: Session; days: EndedDays; strategy: Strategy }> {
  const strategy = placing([[limit], ...script]);
  const started = await start({ strategy });
  started.session.close('HOLD');
  await rest(started.session, 'limit 2.5 at 90 day');
  return { ...started, strategy };
}

describe("an order of a strategy's own for parts of shares", () => {
  it('opens on a later day, too, and is over when it is filled', async () => {
    const { session, days } = await resting();
    days.end();
    await session.until('another rests', () => names().includes('1-d1'));
    await rest(session, 'limit 2.5 at 90 day');
    venue.books.trade('AAPL', '89');
    await session.until('it is filled', () => amountOf(venue.books.held('AAPL')) === '2.5');
    await ends(session, '2.5');
  });

  it('that asks for the day alone ends with it', async () => {
    const { session, days } = await start({ strategy: placing([[{ ...limit, tif: 'day' }]]) });
    session.close('HOLD');
    await rest(session, 'limit 2.5 at 90 day');
    days.end();
    await rest(session, '');
    expect(session.edge.working).toEqual([]);
    expect(names()).toEqual(['1']);
    await ends(session, '0');
  });

  it('is changed by a cancel and another order, on whatever day, also to whole shares and back', async () => {
    const { session, days } = await resting([amend(92)], [amend(93, 4)], [amend(94, 1.5)], [amend(95)]);
    for (const what of ['limit 2.5 at 92 day', 'limit 4 at 93 gtc', 'limit 1.5 at 94 day']) {
      session.close('HOLD');
      await rest(session, what);
    }
    days.end();
    await session.until('another rests', () => names().includes('1-a3-d1'));
    await rest(session, 'limit 1.5 at 94 day');
    session.close('HOLD');
    await rest(session, 'limit 1.5 at 95 day');
    expect(names()).toEqual(['1', '1-a1', '1-a2', '1-a3', '1-a3-d1', '1-a4']);
    expect(venue.seen.filter(({ method }) => method === 'PATCH')).toEqual([]);
    venue.books.trade('AAPL', '94.50');
    await session.until('it is filled', () => amountOf(venue.books.held('AAPL')) === '1.5');
    await ends(session, '1.5');
  });

  it('goes back to what it was where its change is not taken', async () => {
    const { session } = await resting([amend(92)], [amend(93)]);
    venue.faults = failing({ method: 'POST' }, statusFault(422, 'not at this price'));
    session.close('HOLD');
    await session.until('it rests again', () => names().includes('1-d1'));
    await rest(session, 'limit 2.5 at 90 day');
    session.close('HOLD');
    await rest(session, 'limit 2.5 at 93 day');
    await ends(session, '0', ['amend-refused']);
  });

  it('whose change was refused is no order that has ended to a session that goes on before it rests again', async () => {
    const { session: before, strategy } = await resting([amend(92)]);
    // The change is refused, and what is placed in its stead does not arrive.
    let posts = 0;
    const fault = (): RequestFault => {
      posts += 1;
      return posts === 1 ? statusFault(422, 'not at this price') : { kind: 'hang', when: 'before' };
    };
    venue.faults = { ...NO_FAULTS, request: (method) => (method === 'POST' ? fault() : null) };
    before.close('HOLD');
    await before.until('it is placed again', () => posts > 1);
    await before.end();
    expect(rests()).toBe('');
    venue.faults = NO_FAULTS;
    const session = await sessionInHand(venue, { lot: 0.001, strategy, before });
    await rest(session, 'limit 2.5 at 90 day');
    expect(names()).toEqual(['1', '1-d1']);
    expect(session.edge.working).toHaveLength(1);
    await ends(session, '0', ['amend-refused']);
  });

  it('of which the change was under way when the session ended is changed when it is back', async () => {
    const { session: before, strategy } = await resting([amend(92)]);
    // The cancel arrives, and the new order does not.
    venue.faults = { ...NO_FAULTS, request: (method) => (method === 'POST' ? { kind: 'hang', when: 'before' } : null) };
    before.close('HOLD');
    await before.until('it is cancelled', () => rests() === '');
    await before.end();
    venue.faults = NO_FAULTS;
    const session = await sessionInHand(venue, { lot: 0.001, strategy, before });
    await rest(session, 'limit 2.5 at 92 day');
    expect(names()).toEqual(['1', '1-a1']);
    await ends(session, '0');
  });

  it('that is filled while its cancel is under way is booked, and is over', async () => {
    const { session } = await resting([amend(92)]);
    venue.faults = {
      ...NO_FAULTS,
      request: (method) => (method === 'DELETE' ? { kind: 'hang', when: 'before' } : null),
    };
    session.close('HOLD');
    await session.until('it is asked', () => venue.seen.some(({ method }) => method === 'DELETE'));
    venue.books.trade('AAPL', '89');
    await session.until('it is filled', () => amountOf(venue.books.held('AAPL')) === '2.5');
    venue.faults = NO_FAULTS;
    await session.settled();
    expect(rests()).toBe('');
    expect(session.edge.working).toEqual([]);
    await ends(session, '2.5');
  });

  it('has one exit at a time: its stop rests, and the target waits', async () => {
    const { session, days } = await start({
      strategy: placing([bracket({ ...buy, size }, { stop: 80, target: 130 })]),
    });
    session.close('HOLD');
    await rest(session, 'stop 2.5 at 80 day');
    expect(names()).toEqual(['1', '2']);
    expect(session.edge.working).toHaveLength(2);
    days.end();
    await session.until('another rests', () => names().some((name) => name.endsWith('-d1')));
    await rest(session, 'stop 2.5 at 80 day');
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await ends(session, '0');
  });
});
