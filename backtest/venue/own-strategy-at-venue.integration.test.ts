import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../features/timeframe.ts';
import { usEquities } from '../../pipelines/calendars/us-equities.ts';
import { decodeRecords, type JournalEntry } from '../../trading/journal/journal-record.ts';
import { readRecords } from '../../trading/journal/journal-store.ts';
import { FINAL_STATES } from '../../trading/orders/order-state.ts';
import { isArmed } from '../../trading/testing/venue/stand-in-order.ts';
import { dayAhead, VenuePlace } from '../testing/venue-place.ts';

// A user's strategy at the venue that stands in, killed with SIGKILL again and again: its journal is that of one that
// was not.

const SYMBOL = 'AAPL';
const DAY = dayAhead(usEquities);
const { openTimeMs: OPEN_MS } = usEquities.hoursOf(DAY)!;
/** Minutes of the day that are known when the session begins, and those that come. */
const [KNOWN, LIVE] = [30, 16];
/** It dies in each minute that this divides: once in every way. */
const DIES_EVERY = 4;
/** Two steps up, one down, and a fall by four of each eight. */
const STEPS = [0.4, -0.3, 0.5, 0.4, -0.9, -0.8, 0.3, 0.2];
const price = (minute: number): number => {
  let at = 100;
  for (let one = -KNOWN; one < minute; one++) at += STEPS[(one + KNOWN) % STEPS.length]!;
  return Number(at.toFixed(2));
};

/** Signals that follow from what it has seen and heard. */
const SIGNALS = `import type { OwnStrategy } from 'signalbox';

const own: OwnStrategy = {
  parameters: {},
  create() {
    let bought = 0;
    let closes: readonly number[] = [];
    return {
      decide(view) {
        closes = [...closes.slice(-2), view.close()];
        const minute = (view.closeTimeMs() / ${MINUTE_MS}) % 4;
        if (minute === 1) return 'BUY';
        return bought > 0 && (minute === 3 || view.close() === Math.min(...closes)) ? 'SELL' : 'HOLD';
      },
      onFill(fill) { bought += fill.quantity; },
      save: () => ({ bought, closes }),
      restore(state) { ({ bought, closes } = state as { bought: number; closes: readonly number[] }); },
    };
  },
};

export default own;
`;

/** A limit with a stop and a target that leave with it, moved after the price while it waits. */
const ORDERS = `import type { OwnStrategy, StrategyOrder } from 'signalbox';

const own: OwnStrategy = {
  parameters: {},
  create() {
    let waited = 0;
    return {
      orders(view, { position, working, close }): readonly StrategyOrder[] {
        waited = position === 0 && working.length > 0 ? waited + 1 : 0;
        if (position !== 0) return [];
        if (working.length > 0) return waited < 2 ? [] : [{ do: 'cancel', label: 'entry' }];
        const minute = view.closeTimeMs() / ${MINUTE_MS};
        const limit = close + (minute % 2 === 0 ? 0.1 : -0.1);
        const exit = { do: 'place', side: 'sell', size: 'position', reduceOnly: true, group: 'exits', after: 'entry' } as const;
        return [
          { do: 'place', label: 'entry', side: 'buy', type: 'limit', limit, size: { units: 20 } },
          { ...exit, label: 'stop', type: 'stop', stop: limit - 0.7 },
          { ...exit, label: 'target', type: 'limit', limit: limit + 0.35 },
        ];
      },
      save: () => waited,
      restore(state) { waited = state as number; },
    };
  },
};

export default own;
`;

const experimentOf = (file: string, protection: string): string => `name: mine
universe: [${SYMBOL}]
data: { source: alpaca, timeframe: 1m, from: ${new Date(OPEN_MS).toISOString().slice(0, 10)}, calendar: us-equities }
strategies:
  - { name: mine, file: ${file}, allocation: 1 }
${protection}limits: unbounded
costs: { feeBps: 0, halfSpreadBps: 0, slippage: { kind: fixed, bps: 1 }, fill: next-open }
capital: 100000
seed: 7
`;

const ID = 'mine';
const MARKET = { symbol: SYMBOL, fromMs: OPEN_MS + KNOWN * MINUTE_MS, known: KNOWN, price };
let place: VenuePlace;

/** Every order of the session has ended, or rests at the venue, and what that has executed is booked. */
async function calm(): Promise<void> {
  const { books } = place.venue;
  const agrees = async (): Promise<boolean> => {
    const [found] = await place.rows<{ orders: number; fills: number }>(
      `SELECT (SELECT count(*)::int FROM signalbox.orders WHERE session_id = $1 AND NOT state = ANY ($2)) AS orders,
              (SELECT count(*)::int FROM signalbox.fills WHERE session_id = $1) AS fills`,
      ID,
      [...FINAL_STATES],
    );
    const open = books.open().filter(isArmed);
    return (
      found!.fills === books.executions.length &&
      found!.orders === open.length &&
      open.every(({ type }) => type !== 'market')
    );
  };
  for (let times = 0; times < 3; times += (await agrees()) ? 1 : -times) await sleep(20);
}

const KINDS: readonly JournalEntry['kind'][] = ['signal', 'order', 'terms', 'conditions', 'amend', 'cancel', 'fill'];

/** What was decided, what was executed of it, and what was refused, in order; not when, and not who told of it. */
async function journal(): Promise<unknown[]> {
  const entries = decodeRecords(await readRecords(place.database.pool, ID));
  return [...entries]
    .filter(({ kind }) => KINDS.includes(kind) || kind === 'refusal')
    .map(({ timeMs: _timeMs, ...entry }) => (entry.kind === 'fill' ? { ...entry, origin: null } : entry));
}

/** Where a session dies: with the bar, with an order, with an execution at the venue, or when nothing is under way. */
const DEATHS = ['bar', 'order', 'execution', 'calm'] as const;

/** Resolves when the next minute has come to where it is to die; nothing of that kind may come in it. */
async function reached(death: (typeof DEATHS)[number]): Promise<void> {
  const { venue } = place;
  const count = (): number =>
    death === 'order' ? venue.seen.filter(({ method }) => method === 'POST').length : venue.books.executions.length;
  const before = count();
  place.bar();
  if (death === 'bar') return;
  const over = place.had(ID).then(calm);
  await (death === 'calm' ? over : Promise.race([place.until(() => count() > before), over]));
}

/** The session's journal at its end. It dies in every `every`th minute, each time elsewhere. */
async function traded(strategy: string, protection: string, every = Infinity): Promise<unknown[]> {
  place = await VenuePlace.open({ ...MARKET, env: process.env });
  const file = place.file('mine.ts', strategy);
  const words = ['paper', place.file('mine.yaml', experimentOf(file, protection)), '--broker', 'alpaca'];
  let session = await place.session(words, ID);
  await calm();
  let deaths = 0;
  for (let minute = 1; minute <= LIVE; minute++) {
    await place.turn();
    await calm();
    if (minute % every === 0) {
      await reached(DEATHS[deaths++ % DEATHS.length]!);
      session.kill();
      await session.ended;
      session = await place.session(words, ID);
    } else place.bar();
    await place.had(ID);
    await calm();
  }
  process.kill(session.child.pid!, 'SIGTERM');
  expect((await session.ended).code).toBe(0);
  const found = await journal();
  await place.end();
  return found;
}

describe('a strategy of one’s own at a venue', () => {
  it('keeps the contract of its kind', async () => {
    place = await VenuePlace.open({ ...MARKET, env: process.env });
    const files = [place.file('signals.ts', SIGNALS), place.file('orders.ts', ORDERS)];
    for (const { code, stdout } of await Promise.all(files.map((file) => place.run(['verify', file])))) {
      expect([code, stdout]).toEqual([0, expect.stringContaining('6 rules')]);
    }
    await place.end();
  });

  it.each([
    ['signals', SIGNALS, 'protection:\n  stopLoss: { percent: 0.004 }\n'],
    ['orders', ORDERS, ''],
  ])('that is killed again and again has the journal of one that was not: %s', async (_what, strategy, protection) => {
    const whole = await traded(strategy, protection);
    expect(whole.filter((one) => (one as JournalEntry).kind === 'fill').length).toBeGreaterThanOrEqual(6);
    expect(await traded(strategy, protection, DIES_EVERY)).toEqual(whole);
  });
});
