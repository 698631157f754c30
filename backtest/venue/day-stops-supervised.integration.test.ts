import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../features/timeframe.ts';
import { usEquities } from '../../pipelines/calendars/us-equities.ts';
import { NEW_YORK_HOURS } from '../../trading/testing/venue/stand-in-market.ts';
import { amountOf } from '../../trading/testing/venue/stand-in-order.ts';
import { dayAhead, VenuePlace } from '../testing/venue-place.ts';

// What rests for parts of a share dies with the day. A session that is down then is started again by its supervisor,
// and places it again, so that it is there at the next open.

const SYMBOL = 'AAPL';
const ID = 'overnight';
const DAY = dayAhead(usEquities);
const { openTimeMs: OPEN_MS, closeTimeMs: CLOSE_MS } = usEquities.hoursOf(DAY)!;
/** Minutes of the day that come live, before its close. */
const LAST = 6;
const FROM_MS = CLOSE_MS - LAST * MINUTE_MS;
const KNOWN = (FROM_MS - OPEN_MS) / MINUTE_MS;

const STRATEGY = `import type { OwnStrategy } from 'signalbox';

const own: OwnStrategy = {
  parameters: {},
  create: () => ({
    save: () => null,
    restore: () => undefined,
    decide: (view) => (view.closeTimeMs() === ${FROM_MS + 2 * MINUTE_MS} ? 'BUY' : 'HOLD'),
  }),
};

export default own;
`;

const experimentOf = (file: string): string => `name: overnight
universe: [${SYMBOL}]
data: { source: alpaca, timeframe: 1m, from: ${new Date(OPEN_MS).toISOString().slice(0, 10)}, calendar: us-equities }
instruments:
  - { symbol: ${SYMBOL}, lot: 0.001 }
strategies:
  - { name: mine, file: ${file}, allocation: 1 }
protection:
  stopLoss: { percent: 0.05 }
sizing: { kind: fraction-of-equity, fraction: 0.01055 }
limits: unbounded
costs: { feeBps: 0, halfSpreadBps: 0, slippage: { kind: fixed, bps: 1 }, fill: next-open }
capital: 100000
seed: 7
`;

let place: VenuePlace;

beforeAll(async () => {
  const venue = { hours: NEW_YORK_HOURS };
  place = await VenuePlace.open({
    ...{ symbol: SYMBOL, fromMs: FROM_MS, known: KNOWN, price: () => 100, venue, env: process.env },
  });
});
afterAll(async () => {
  await place.run(['sessions', 'stop', ID]);
  await place.end();
});

/** What rests at the venue, in words. */
const rests = (): string[] =>
  place.venue.books
    .open(SYMBOL)
    .map(({ type, qty, stop, tif }) => `${type} ${amountOf(qty)} at ${amountOf(stop!)} ${tif}`);
const fills = async (): Promise<number> =>
  (await place.rows('SELECT 1 FROM signalbox.fills WHERE session_id = $1', ID)).length;
/** The process of the session itself, once it runs for the `nth` time. */
const processOf = (restarts: number): Promise<number> =>
  place.until(async () => {
    const { stdout } = await place.run(['sessions', 'attach', ID, '--json']);
    const found = JSON.parse(stdout) as { doing: string; restarts: number };
    return found.restarts === restarts ? Number(/^runs as process (\d+)$/.exec(found.doing)?.[1] ?? 0) || null : null;
  });

describe('a stop that dies with the day', () => {
  it('is there at the next open, though the session was down at the close, and does what it is there for', async () => {
    const experiment = place.file('overnight.yaml', experimentOf(place.file('mine.ts', STRATEGY)));
    const started = await place.run([
      ...['sessions', 'start', experiment, '--broker', 'alpaca', '--session', ID, '--hours', 'always'],
    ]);
    expect([started.code, started.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    await place.until(() => place.isThere(ID, 0));
    await place.had(ID);
    for (let minute = 0; minute < 3; minute++) await place.minute(ID);
    await place.until(() => rests().length > 0);
    expect(rests()).toEqual(['stop 10.55 at 95 day']);
    const [first] = place.venue.books.open(SYMBOL);

    // It is killed, and the day ends before it is back.
    const before = await place.agreements(ID);
    process.kill(await processOf(0), 'SIGKILL');
    await place.clock.reach(CLOSE_MS + MINUTE_MS);
    await place.until(() => first!.status === 'expired');
    expect(rests()).toEqual([]);
    await place.until(() => place.isThere(ID, before));
    await processOf(1);
    await place.until(() => rests().length > 0);
    expect(rests()).toEqual(['stop 10.55 at 95 day']);
    const [second] = place.venue.books.open(SYMBOL);
    expect(second!.createdMs).toBeGreaterThan(CLOSE_MS);
    expect(second!.clientOrderId).toBe(`${first!.clientOrderId}-d1`);

    // The next day opens below it.
    const opensMs = NEW_YORK_HOURS.nextOpenMs(CLOSE_MS + MINUTE_MS);
    await place.clock.reach(opensMs + 1_000);
    place.venue.books.trade(SYMBOL, '94');
    await place.until(async () => (await fills()) === 2);
    expect(place.venue.books.held(SYMBOL)).toBe(0n);
    expect(second!.status).toBe('filled');
    expect(place.venue.seen.filter(({ method }) => method === 'POST')).toHaveLength(3);
    const stopped = await place.run(['sessions', 'stop', ID, '--json']);
    expect(stopped.code).toBe(0);
  });
});
