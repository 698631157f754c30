import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sliceBarColumns } from '../../../features/bar.ts';
import { systemClock } from '../../../infra/clock.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { childBars, childSession } from '../../testing/streaming-session-child.ts';
import { alpacaInHand, outgoing } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { noteVenueWord, readSnapshots } from '../monitor/account-store.ts';
import type { AccountFigures, VenueFigures } from '../monitor/account-figures.ts';
import { watchVenueAccount } from '../monitor/venue-account-watch.ts';
import { runPaper } from '../paper-command.ts';
import type { Replay } from '../replay.ts';
import { openSession } from '../session-store.ts';
import { writeShadowSignals } from '../shadows/shadow-store.ts';
import { shadowsOutput } from '../shadows/shadows-output.ts';
import { accountOutput } from './account-output.ts';
import { positionsOutput, type ShownPosition } from './positions-output.ts';
import { fillsOutput, ordersOutput, signalsOutput, type RowsOptions } from './rows-output.ts';
import { sessionOutput } from './session-output.ts';
import { sessionsOutput } from './sessions-output.ts';
import { watched, type Look } from './watched.ts';

let database: TestDatabase;

const context = () => databaseContext(database, { json: false });

/** One session of the child's bars, cut off so that it ends with what it holds. */
const replay: Replay = {
  options: childSession,
  bars: childBars.map((bars) => sliceBarColumns(bars, 0, 70)),
  session: {
    id: 'walked',
    kind: 'paper',
    symbols: ['AAA', 'BBB'],
    capital: childSession.capital,
    experiment: 'walk',
    definition: {},
  },
};

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** Lines of a look without the frames of its tables. */
const linesOf = (look: Look): string[] =>
  look
    .text()
    .split('\n')
    .map((line) => line.replace(/ *[│┌├└].? */g, ' ').trim());

const rowsOf = <Row>({ value }: Look, name: string): Row[] => (value as Record<string, Row[]>)[name]!;

describe('where there is no session', () => {
  it('each look says what to do', async () => {
    const asked: ((options: RowsOptions) => Promise<Look>)[] = [
      (options) => positionsOutput(database, options),
      (options) => ordersOutput(database, options),
      (options) => fillsOutput(database, options),
      (options) => signalsOutput(database, options),
      ({ session }) => sessionOutput(database, session),
    ];
    for (const look of asked) {
      await expect(look({})).rejects.toMatchObject({
        exitCode: 2,
        message: 'There is no session to look at.',
        remedy: expect.stringContaining('signalbox paper') as string,
      });
      await expect(look({ session: 'nobody' })).rejects.toThrow('there is no session "nobody"');
    }
    expect((await accountOutput(database, undefined)).text()).toContain('There is no session.');
    expect((await sessionsOutput(database, {})).text()).toContain('There is no session.');
  });
});

describe('a session that was run', () => {
  beforeAll(async () => {
    await runPaper(context(), { speed: 'max', feed: 'replay' }, () => Promise.resolve(replay));
  });

  it('shows orders with what came of each, fills and signals that add up to its journal', async () => {
    const every = { limit: '10000' };
    const orders = rowsOf<{ sequence: number; state: string; filled: number; symbol: string; averagePrice: number }>(
      await ordersOutput(database, every),
      'orders',
    );
    const fills = rowsOf<{ sequence: number; quantity: number; price: number }>(
      await fillsOutput(database, every),
      'fills',
    );
    expect(orders.length).toBeGreaterThan(5);
    for (const order of orders.filter(({ state }) => state === 'FILLED')) {
      const own = fills.filter(({ sequence }) => sequence === order.sequence);
      const units = own.reduce((sum, { quantity }) => sum + Math.abs(quantity), 0);
      expect(order.filled).toBeCloseTo(units, 9);
      const notional = own.reduce((sum, { quantity, price }) => sum + Math.abs(quantity) * price, 0);
      expect(order.averagePrice).toBeCloseTo(notional / units, 9);
    }
    const look = await sessionOutput(database, undefined);
    expect(look.value).toMatchObject({
      session: 'walked',
      mode: 'paper',
      orders: 'simulated',
      state: 'ended',
      records: { orders: orders.length, fills: fills.length },
    });
    expect(look.text()).toContain(`${orders.length}, of which`);
    const filtered = rowsOf<{ symbol: string; action: string }>(
      await signalsOutput(database, { ...every, symbol: 'AAA', action: 'buy' }),
      'signals',
    );
    expect(new Set(filtered.map(({ symbol, action }) => `${symbol} ${action}`))).toEqual(new Set(['AAA BUY']));
  });

  it('says in words what the rows hold, a page at a time', async () => {
    interface Row {
      sequence: number;
      record: number;
      state: string;
      reason: string;
      quantity: number;
    }
    const heading = /^walked: walk, paper, ended, last bar \d{4}-\d\d-\d\d \d\d:\d\d$/;
    const orders = await ordersOutput(database, { limit: '2' });
    const [first, second] = rowsOf<Row>(orders, 'orders');
    expect(linesOf(orders)[0]).toMatch(heading);
    const next = `There are more: --before ${second!.sequence} goes on, --limit N shows more at once.`;
    expect(linesOf(orders).at(-1)).toBe(next);
    const ofFirst = linesOf(orders).find((line) => line.trimStart().startsWith(`${first!.sequence} `));
    expect(ofFirst).toMatch(new RegExp(`\\b${first!.state}\\b`));
    const [third] = rowsOf<Row>(await ordersOutput(database, { before: String(second!.sequence) }), 'orders');
    expect(third!.sequence).toBeLessThan(second!.sequence);

    const fills = await fillsOutput(database, {});
    for (const { record, quantity, sequence } of rowsOf<Row>(fills, 'fills')) {
      const own = linesOf(fills).find((line) => line.trimStart().startsWith(`${record} `));
      expect(own?.split(/\s+/)).toEqual(expect.arrayContaining([String(quantity), String(sequence)]));
    }
    const signals = await signalsOutput(database, { limit: '1' });
    expect(signals.text()).toContain(rowsOf<Row>(signals, 'signals')[0]!.reason.slice(0, 20));
    expect((await ordersOutput(database, { state: 'rejected' })).text()).toMatch(/\nNo order\.$/);
    const refused = await signalsOutput(database, { refused: true, limit: '10000' });
    const refusals = rowsOf<Row & { code: string }>(refused, 'refused');
    if (refusals.length === 0) expect(refused.text()).toMatch(/\nNothing was refused\.$/);
    for (const { code } of refusals) expect(refused.text()).toContain(code);
    const far = await fillsOutput(database, { before: String(2 ** 53 - 1), limit: '1' });
    expect(rowsOf<Row>(far, 'fills')).toHaveLength(1);
    expect(
      rowsOf<Row>(await ordersOutput(database, { before: String(2 ** 53 - 1), limit: '1' }), 'orders'),
    ).toHaveLength(1);
  });

  it('shows what its shadows said beside its own strategy, or how to have some', async () => {
    const none = await shadowsOutput(database, 'walked');
    expect(none.value).toEqual({ session: 'walked', state: 'ended', shadows: [], newest: [] });
    expect(none.text()).toMatch(/^walked: .*\nNo shadow has said anything: paper and live take them by --shadow\.$/);
    const said = (day: number, action: 'BUY' | 'SELL' | 'HOLD', own: 'BUY' | 'SELL' | 'HOLD') => {
      const signal = { action, probability: 0.61239, confidence: 0.5, reason: `day ${day}` };
      return { shadow: 'sma-cross', timeMs: Date.UTC(2024, 0, day), symbol: 'AAA', signal, own };
    };
    const pairs = [said(1, 'BUY', 'BUY'), said(2, 'BUY', 'SELL'), said(3, 'SELL', 'HOLD'), said(4, 'HOLD', 'BUY')];
    await writeShadowSignals(database.pool, 'walked', pairs);
    const look = await shadowsOutput(database, 'walked');
    expect(look.value).toMatchObject({
      shadows: [{ shadow: 'sma-cross', closes: 4, same: 1, opposite: 1, alone: 1, silent: 1, lastAction: 'HOLD' }],
      newest: [{ reason: 'day 4' }, { reason: 'day 3' }, { reason: 'day 2' }, { reason: 'day 1' }],
    });
    const text = linesOf(look).join('\n');
    expect(text).toMatch(/sma-cross +4 +1 +1 +1 +1 +2024-01-04 00:00:00 +HOLD/);
    expect(text).toMatch(/2024-01-02 00:00:00 +AAA +sma-cross +BUY +SELL +0\.6124 +day 2/);
    await expect(shadowsOutput(database, 'nobody')).rejects.toThrow('there is no session "nobody"');
  });

  it('has an account whose parts add up', async () => {
    const { value } = await accountOutput(database, 'walked');
    const [{ ours, cash, equity }] = value as [{ ours: AccountFigures; cash: number; equity: number }];
    expect(ours.cash).toBeCloseTo(cash, 6);
    expect(ours.equity).toBeCloseTo(equity, 6);
    expect(ours.equity).toBeCloseTo(childSession.capital + ours.realised + ours.unrealised, 1);
    expect(ours.equity - ours.cash).toBeCloseTo(ours.net, 6);
    for (const parts of [ours.symbols, ours.strategies, ours.sectors]) {
      expect(parts.reduce((sum, { gross }) => sum + gross, 0)).toBeCloseTo(ours.gross, 6);
    }
    const positions = rowsOf<ShownPosition>(await positionsOutput(database, {}), 'positions');
    expect(positions.reduce((sum, one) => sum + one.value!, 0)).toBeCloseTo(ours.net, 6);
  });

  it('refuses what does not fit, in words', async () => {
    const here = { ...context(), json: true };
    const refusals: [() => Promise<unknown>, RegExp][] = [
      [() => ordersOutput(database, { limit: '0' }), /--limit 0 is no whole number from 1 to 10000/],
      [() => ordersOutput(database, { limit: '1e9' }), /--limit 1e9/],
      [() => fillsOutput(database, { before: 'x' }), /--before x/],
      [() => ordersOutput(database, { state: 'done' }), /--state done is no state of an order/],
      [() => fillsOutput(database, { symbol: 'ZZZ' }), /--symbol ZZZ is not traded by session "walked"/],
      [() => signalsOutput(database, { action: 'hold' }), /neither buy nor sell/],
      [() => signalsOutput(database, { refused: true, action: 'buy' }), /--refused takes neither/],
      [() => sessionsOutput(database, { state: 'gone' }), /--state gone/],
      [() => watched(here, true, () => sessionsOutput(database, {})), /--watch and --json/],
      [() => watched(context(), 'x', () => sessionsOutput(database, {})), /--watch x/],
    ];
    for (const [ask, words] of refusals) {
      await expect(ask()).rejects.toMatchObject({ message: expect.stringMatching(words) as string, exitCode: 2 });
    }
  });

  it('is watched until it has ended, or until nobody looks any more', async () => {
    let looks = 0;
    const look = (): Promise<Look> => {
      looks += 1;
      return Promise.resolve({ value: looks, text: () => String(looks), isOver: looks === 3 });
    };
    const shown: string[] = [];
    const here = { ...context(), print: (text: string) => void shown.push(text) };
    const last = await watched(here, '1', look, () => Promise.resolve());
    expect({ last: last?.value, shown: shown.length }).toEqual({ last: 3, shown: 2 });
    const stop = new AbortController();
    looks = 10;
    const ended = await watched({ ...here, signal: stop.signal }, true, look, () => {
      stop.abort();
      return Promise.reject(stop.signal.reason as Error);
    });
    expect(ended).toBeUndefined();
  });
});

describe('a session of 100,000 orders', () => {
  it('is read in pages', async () => {
    const id = 'long';
    await openSession(database.pool, { ...replay.session, id });
    await database.pool.query(
      `INSERT INTO orders (session_id, record, sequence, client_order_id, time, symbol, side, quantity, fraction,
         decision_price, reduces, state)
       SELECT $1, n, n, $1 || n, now(), CASE WHEN n % 2 = 0 THEN 'AAA' ELSE 'BBB' END, 'buy', 1, 0, 100, false,
              CASE WHEN n % 1000 = 0 THEN 'ACCEPTED' ELSE 'FILLED' END FROM generate_series(1, 100000) AS n`,
      [id],
    );
    const page = async (options: RowsOptions): Promise<{ orders: { sequence: number }[]; next: number | null }> =>
      (await ordersOutput(database, { session: id, ...options })).value as never;
    const first = await page({});
    expect(first).toMatchObject({ next: 99_951 });
    expect(first.orders.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, at) => 100_000 - at));
    const second = await page({ before: String(first.next), limit: '10000' });
    expect([second.orders.length, second.orders[0]!.sequence, second.next]).toEqual([10_000, 99_950, 89_951]);
    expect(await page({ state: 'working', symbol: 'AAA', limit: '200' })).toMatchObject({ next: null });
    expect((await page({ state: 'working', limit: '200' })).orders).toHaveLength(100);
    expect((await page({ before: '3' })).orders).toHaveLength(2);
  });
});

describe('a session at a venue', () => {
  it('is shown beside what the venue says, which outlives an answer that fails', async () => {
    const hand = await alpacaInHand();
    const id = 'at the venue';
    await openSession(database.pool, { ...replay.session, id, symbols: ['AAPL'], definition: { broker: 'alpaca' } });
    try {
      hand.venue.account = { last_equity: '99000', initial_margin: '500', maintenance_margin: '300' };
      await hand.broker.submit(outgoing('mine'));
      hand.venue.books.turn();
      const said: string[] = [];
      const stop = new AbortController();
      let naps = 0;
      await watchVenueAccount({
        broker: hand.broker,
        note: (word, atMs) => noteVenueWord(database.pool, id, word, atMs),
        say: (text) => void said.push(text),
        clock: systemClock,
        sleep: async () => {
          naps += 1;
          hand.venue.faults = {
            ...hand.venue.faults,
            request: () => ({ kind: 'status', status: 503, message: 'away' }),
          };
          if (naps === 3) stop.abort();
          await systemSleep(1);
        },
        signal: stop.signal,
      });
      expect(said).toEqual([expect.stringMatching(/alpaca: the account cannot be read: /)]);
      const snapshot = (await readSnapshots(database.pool, [id])).get(id)!;
      expect(snapshot.venue).toMatchObject({ venue: 'alpaca', account: { number: 'PA0', lastEquity: '99000' } });
      const look = await accountOutput(database, id);
      const [{ venue }] = look.value as [{ venue: VenueFigures }];
      expect(venue).toMatchObject({ account: 'PA0', equity: 100_000, dayPnl: 1_000, marginRatio: 0.005 });
      expect(look.text()).toContain('alpaca PA0');
      const positions = await positionsOutput(database, { session: id });
      expect(rowsOf<ShownPosition>(positions, 'positions')).toMatchObject([
        { symbol: 'AAPL', quantity: 0, venueQuantity: 10 },
      ]);
      expect(positions.text()).toContain('10 (differs)');
    } finally {
      await hand.venue.stop();
    }
  });
});
