import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { crypto } from '../../pipelines/calendars/always-open.ts';
import type { SessionParity } from '../../trading/sessions/parity/session-parity.ts';
import { failing, NO_FAULTS, statusFault } from '../../trading/testing/venue/stand-in-faults.ts';
import { amountOf } from '../../trading/testing/venue/stand-in-order.ts';
import { dayAhead, VenuePlace } from '../testing/venue-place.ts';

// `paper EXPERIMENT --broker alpaca` in a process of its own, and what `parity` makes of its fills.

const SYMBOL = 'BTC/USD';
const ID = 'compared';
/** Minutes of the day that are known when the session begins. */
const KNOWN = 23 * 60 + 20;
const DAY_STARTS_MS = crypto.dayStartMs(dayAhead(crypto));
const FROM_MS = DAY_STARTS_MS + KNOWN * MINUTE_MS;
/** Opens rise by ten cents a minute, and begin again after seven. */
const price = (minute: number): number => 100 + (((minute % 7) + 7) % 7) / 10;
/** Minutes at which it trades in turns, for what that costs. */
const [TURNS_FROM, TURNS_TO] = [14, 35];

/** Buys and sells ten coins at minutes that are told beforehand. */
const STRATEGY = `import type { OwnStrategy } from 'signalbox';

const BUYS = [2, 4, 6, 11];
const SELLS = [3, 5, 10, 12];

const own: OwnStrategy<{ begins: number }> = {
  parameters: { begins: { default: ${FROM_MS} } },
  create: ({ begins }) => ({
    save: () => null,
    restore: () => undefined,
    orders(view, { position }) {
      const minute = (view.closeTimeMs() - begins) / ${MINUTE_MS};
      const turn = minute >= ${TURNS_FROM} && minute < ${TURNS_TO};
      const order = { do: 'place', label: 'order', type: 'market' } as const;
      if (BUYS.includes(minute) || (turn && minute % 2 === 0)) return [{ ...order, side: 'buy', size: { units: 10 } }];
      if (position === 0 || !(SELLS.includes(minute) || turn)) return [];
      return [{ ...order, side: 'sell', size: 'position' }];
    },
  }),
};

export default own;
`;

const experimentOf = (file: string): string => `name: compared
universe: [${SYMBOL}]
data: { source: alpaca, timeframe: 1m, from: ${new Date(DAY_STARTS_MS).toISOString().slice(0, 10)}, calendar: crypto }
strategies:
  - { name: mine, file: ${file}, allocation: 1 }
limits: unbounded
costs: { feeBps: 0, halfSpreadBps: 0, slippage: { kind: fixed, bps: 1 }, fill: next-open }
capital: 100000
seed: 7
`;

let place: VenuePlace;

beforeAll(async () => {
  place = await VenuePlace.open({ symbol: SYMBOL, fromMs: FROM_MS, known: KNOWN, price, env: process.env });
});
afterAll(async () => {
  await place.end();
});

const fills = async (): Promise<number> =>
  (await place.rows('SELECT 1 FROM signalbox.fills WHERE session_id = $1', ID)).length;
const orders = async (state: string): Promise<number> =>
  (await place.rows('SELECT 1 FROM signalbox.orders WHERE session_id = $1 AND state = $2', ID, state)).length;
/** One more of something than before. */
async function more(count: () => Promise<number>, happens: () => Promise<void>): Promise<void> {
  const before = await count();
  await happens();
  await place.until(async () => (await count()) > before);
}

/** What is paid beside the open, in dollars a coin: five basis points. */
const SLIP = 0.05;
const bought = (open: number): number => open * 1.0001;
const sold = (open: number): number => open * 0.9999;
/** What the bars say by the last close, after which nothing is held. */
const LAST = 42;

/** Trades as the strategy does, where the venue does what it is told to. */
async function traded(): Promise<void> {
  const { books } = place.venue;
  const { halted } = books.market;
  const minute = (at?: number): Promise<void> => place.minute(ID, at);
  await minute();
  // Bought for 30 cents more a coin than the next open, sold as the bars say.
  await more(fills, () => minute(price(2) + 0.3));
  await more(fills, () => minute());
  // Of ten coins four are bought, and the venue cancels the rest.
  halted.add(SYMBOL);
  await minute();
  await place.until(() => books.open().length > 0);
  const [order] = books.open();
  await more(fills, () => Promise.resolve(books.fill(order!, '4', price(4).toFixed(2))));
  await more(
    () => orders('CANCELED'),
    () => Promise.resolve(books.cancel(order!.id)),
  );
  halted.clear();
  await more(fills, () => minute());
  // Executed three minutes late.
  halted.add(SYMBOL);
  await minute();
  await place.until(() => books.open().length > 0);
  for (let late = 0; late < 3; late++) await minute();
  await more(fills, () => Promise.resolve(void halted.clear()));
  // Sold, and charged two and a half dollars for it a minute later.
  await more(fills, () => minute());
  books.chargeDollars('2.5', books.orders.at(-1)!.id);
  // Refused, so that there is nothing to sell.
  place.venue.faults = failing({ method: 'POST' }, statusFault(422, 'no coins today'));
  await more(
    () => orders('REJECTED'),
    () => minute(),
  );
  place.venue.faults = NO_FAULTS;
  await minute();
  await minute();
  for (let at = TURNS_FROM; at < TURNS_TO; at++) await more(fills, () => minute(price(at) + (at % 2 ? -SLIP : SLIP)));
  while (place.minutes < LAST) await minute();
}

/** By class, side and units: what each has cost. */
const costsOf = ({ differences }: SessionParity): unknown[] =>
  differences.map((one) => [one.class, one.side, one.quantity, one.reason, Number(one.cost.toFixed(4))]);

describe('a session at a venue, by the command line', () => {
  it('is set beside its backtest, once its day is over and when it was stopped: each difference, to the cent', async () => {
    const experiment = place.file('compared.yaml', experimentOf(place.file('mine.ts', STRATEGY)));
    const session = await place.session(['paper', experiment, '--broker', 'alpaca', '--json'], ID);
    await traded();
    const daily = await place.until(async () => {
      const sql = 'SELECT document FROM signalbox.session_parity WHERE session_id = $1';
      return (await place.rows<{ document: SessionParity }>(sql, ID))[0]?.document ?? null;
    });
    process.kill(session.child.pid!, 'SIGTERM');
    expect((await session.ended).code).toBe(0);
    const compared = await place.run(['parity', '--session', ID, '--json']);
    const parity = JSON.parse(compared.stdout) as SessionParity;
    const mark = price(LAST);
    const cents = (cost: number): number => Number(cost.toFixed(4));
    const turns = Array.from({ length: TURNS_TO - TURNS_FROM }, (_, row) => {
      const open = price(TURNS_FROM + row);
      const [side, cost] = row % 2 === 0 ? ['buy', open + SLIP - bought(open)] : ['sell', sold(open) - (open - SLIP)];
      return ['price', side, 10, null, cents(10 * (cost as number))];
    });
    expect(costsOf(parity)).toEqual([
      ['price', 'buy', 10, null, cents(10 * (price(2) + 0.3 - bought(price(2))))],
      ['price', 'sell', 10, null, cents(10 * (sold(price(3)) - price(3)))],
      ['price', 'buy', 4, null, cents(4 * (price(4) - bought(price(4))))],
      ['partial', 'buy', 6, 'canceled', cents(6 * (mark - bought(price(4))))],
      ['price', 'sell', 4, null, cents(4 * (sold(price(5)) - price(5)))],
      ['partial', 'sell', 6, null, cents(6 * (sold(price(5)) - mark))],
      ['timing', 'buy', 10, null, cents(10 * (price(9) - bought(price(6))))],
      ['price', 'sell', 10, null, cents(10 * (sold(price(10)) - price(10)))],
      ['fee', 'sell', 10, null, 2.5],
      ['missed', 'buy', 10, 'rejected', cents(10 * (mark - bought(price(11))))],
      ['missed', 'sell', 10, null, cents(10 * (sold(price(12)) - mark))],
      ...turns,
    ]);
    const explained = Object.values(parity.byClass).reduce((sum, { cost }) => sum + cost, 0);
    expect([parity.rest, parity.cost]).toEqual([0, expect.closeTo(explained, 6)]);
    const held = place.venue.books.held(SYMBOL);
    expect([Number(held), parity.equity.session]).toEqual([1e10, expect.closeTo(cashOf(place) + 10 * mark, 6)]);
    // What was paid on 26 orders at the market, in the costs of the experiment.
    expect(parity.costs.orders).toBe(26);
    expect(parity.costs.proposal).toEqual({
      feeBps: Number(parity.costs.feeBps!.session.toFixed(1)),
      slippage: { bps: Number(parity.costs.slippageBps!.session.toFixed(1)) },
    });
    expect(parity.costs.feeBps!.session).toBeGreaterThan(0.9);
    // The day was compared at its last close, in the middle of it.
    expect(daily.asOf).toBe(new Date(DAY_STARTS_MS + DAY_MS).toISOString());
    const same = ({ cost: _cost, ...rest }: SessionParity['differences'][number]): unknown => rest;
    expect(daily.differences.map(same)).toEqual(parity.differences.map(same));
    expect(daily.rest).toBe(0);
  });
});

/** Dollars at the venue. */
const cashOf = ({ venue }: VenuePlace): number => Number(amountOf(venue.books.cash));
