import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import type { EventRow } from '../../pipelines/events/event-row.ts';
import { storeEvents } from '../../pipelines/events/event-store.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { historyOf } from '../../trading/sessions/session-store.ts';
import { answersInOneBatch } from '../testing/answers-in-one-batch.ts';
import { makeLivePlace, type LivePlace, type SignalRow } from '../testing/live-place.ts';
import { makePlantedPlace, type PlantedPlace } from '../testing/planted-place.ts';

// News that are put on record while a session trades: it sees at each close what a backtest over all of them sees.

const NAME = 'live-events';
const KNOWN = 1_030;
const LIVE_BARS = 30;
const bars = plantedBars({ symbol: 'MADE', bars: KNOWN + LIVE_BARS, seed: 11, correlation: 0.3 });
const SECTIONS = {
  features: ['closelocation()', 'events(news,sum,12h)', 'events(news,decay,1d)', 'events(news,count,6d)'],
  events: [{ stored: ['desk'] }],
  signals: { buyAbove: 0.5, sellBelow: 0.5 },
};
const folder = mkdtempSync(join(tmpdir(), 'signalbox-live-events-'));
const closeMs = (row: number): number => bars.closeTimeMs[row]!;

function news(sourceId: string, knownMs: number, value: number): EventRow {
  return {
    ...{ source: 'desk', sourceId, revision: 0, symbol: 'MADE', kind: 'news', field: '', value, expected: NaN },
    ...{ text: null, eventMs: knownMs - DAY_MS, knownMs, knownBy: 'source', method: null },
  };
}

/** An hour before most closes, with a value that says something of the next bar: the model has to learn from it. */
function drawnNews(): EventRow[] {
  const random = createRandom('live news');
  const rows: EventRow[] = [];
  for (let row = 0; row + 1 < bars.length; row++) {
    if (random.next() < 0.2) continue;
    const tells = Math.sign(bars.close[row + 1]! - bars.close[row]!);
    rows.push(news(String(row), closeMs(row) - HOUR_MS, tells + 3 * (random.next() - 0.5)));
  }
  return rows;
}

const rows = drawnNews();
/** Comes before the live bar LATE_AT, and claims to have been known days before. */
const LATE_AT = 8;
const late = news('late', closeMs(KNOWN + LATE_AT - 1) - 4 * DAY_MS, 5);

let database: TestDatabase;
let later: TestDatabase;
let place: PlantedPlace;
let live: LivePlace;
let expected: Awaited<ReturnType<typeof answersInOneBatch>>;

beforeAll(async () => {
  [database, later] = [await createTestDatabase(), await createTestDatabase()];
  await storeEvents(
    database,
    rows.filter(({ knownMs }) => knownMs <= closeMs(KNOWN - 1)),
  );
  place = makePlantedPlace(database, { folder, name: NAME, bars, sections: SECTIONS });
  live = makeLivePlace(database, { place, bars, known: KNOWN });
  place.show(KNOWN);
  await place.train();
  await place.crown();
  // The late one counts from the close after it came, which is when the session could know it.
  await storeEvents(later, [...rows, { ...late, knownMs: closeMs(KNOWN + LATE_AT - 1) + 1 }]);
  const known = makePlantedPlace(later, { folder, name: 'later', bars, sections: SECTIONS });
  known.show(bars.length);
  expected = await answersInOneBatch(database, `${NAME}@1`, await known.prepare());
});
afterAll(async () => {
  await database?.drop();
  await later?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts on record what has become known by a live bar. */
async function arrives(at: number): Promise<void> {
  const known = rows.filter(({ knownMs }) => knownMs > closeMs(KNOWN - 1) && knownMs <= closeMs(KNOWN + at));
  await storeEvents(database, at >= LATE_AT ? [...known, late] : known);
}

function requireExpected(signals: readonly SignalRow[]): void {
  for (const { time, probability } of signals) {
    expect(probability, time.toISOString()).toBeCloseTo(expected.get(time.getTime())!.probability, 12);
  }
}

describe('a live session whose features read events of the store', () => {
  it('sees at each close what had arrived by it, as a backtest of all of them does', async () => {
    const signals = await live.play('news', { closes: 15, between: arrives });
    expect(signals.length).toBeGreaterThan(10);
    requireExpected(signals);
    expect((await historyOf(database.pool, 'news'))?.eventsTo).toBeGreaterThan(0);
  });

  it('goes on after a restart with the events that it was given', async () => {
    const before = await live.signalsOf('news');
    const signals = await live.play('news', { between: arrives });
    expect(signals.slice(0, before.length)).toEqual(before);
    expect(signals.length).toBeGreaterThan(25);
    requireExpected(signals);
    const { rows: recorded } = await database.pool.query<{ to: string }>(
      'SELECT events_to::text AS to FROM signalbox.session_bars WHERE session_id = $1 ORDER BY close_time',
      ['news'],
    );
    const reached = recorded.map(({ to }) => Number(to));
    expect(reached).toHaveLength(LIVE_BARS);
    expect(reached).toEqual([...reached].sort((a, b) => a - b));
    expect(new Set(reached).size).toBeGreaterThan(5);
  });
});
