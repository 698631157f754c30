import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { writeLivePredictions } from '../../models/monitoring/live-prediction-store.ts';
import { paperSession, ServiceUnderTest } from '../api/testing/service-under-test.ts';
import { SessionBars } from '../sessions/session-bar-store.ts';
import { AnomalyReadings } from './anomaly-readings.ts';
import { anomalyRoutes } from './routes.ts';
import { sessionAnomalies } from './session-anomalies.ts';

const SYMBOLS = ['AAA', 'BBB'];
// Ninety days without a change to or from summer time.
const START_MS = Date.UTC(2030, 5, 3, 15);
const BARS = 90;
const MODEL = 'a'.repeat(64);
const PREDICTIONS = 600;

let database: TestDatabase;
let service: ServiceUnderTest;

/** Live closes of a session: minutes of days, of which the last trades a hundred times as much as ever. */
async function writeBars(id: string): Promise<void> {
  const random = createRandom('live bars');
  const store = new SessionBars(database.pool, id);
  for (let bar = 0; bar < BARS; bar++) {
    const openTimeMs = START_MS + bar * 24 * 60 * MINUTE_MS;
    const closeTimeMs = openTimeMs + MINUTE_MS;
    const bars = SYMBOLS.map((_, symbol) => {
      const [open, close] = [100 + 0.05 * random.normal(), 100 + 0.05 * random.normal()];
      const [high, low] = [Math.max(open, close) + 0.01, Math.min(open, close) - 0.01];
      const loud = bar === BARS - 1 && symbol === 1 ? 100 : 1;
      const volume = 1e5 * Math.exp(0.3 * random.normal()) * loud;
      return { symbol, bar: { openTimeMs, closeTimeMs, open, high, low, close, volume } };
    });
    await store.write({ closeTimeMs, bars, decidedBy: MODEL, unfit: null, records: null });
  }
}

/** A model that is of two minds about nothing at first, and sure of everything in the end. */
async function writePredictions(): Promise<void> {
  await database.pool.query(
    `WITH training AS (
       INSERT INTO signalbox.trainings (hash, experiment_name, experiment_hash, data_hash, feature_set_hash, backend, plan)
       VALUES ('t', 'e', 'e', 'd', 'f', 'b', '{}')
     )
     INSERT INTO signalbox.models (hash, training_hash, train_from, train_to, feature_set_hash, content)
     VALUES ($1, 't', now(), now(), 'f', '')`,
    [MODEL],
  );
  const random = createRandom('predictions');
  const of = (value: (row: number) => number): Float64Array =>
    Float64Array.from({ length: PREDICTIONS }, (_, row) => value(row));
  const nothing = of(() => NaN);
  await writeLivePredictions(
    database.pool,
    { modelHash: MODEL, role: 'champion', madeAtMs: START_MS },
    {
      symbol: Array.from({ length: PREDICTIONS }, () => 'AAA'),
      decisionTimeMs: of((row) => START_MS + row * MINUTE_MS),
      probability: of((row) => (row < PREDICTIONS - 20 ? 0.5 + 0.02 * random.normal() : 0.95)),
      ...{ score: of(() => 0), novelty: nothing, disagreement: nothing },
      reasons: Array.from({ length: PREDICTIONS }, () => null),
    },
  );
}

beforeAll(async () => {
  database = await createTestDatabase();
  await paperSession(database, 'live');
  await writeBars('live');
  await writePredictions();
  service = await ServiceUnderTest.over(database, () => anomalyRoutes());
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

const LOUD_MS = START_MS + (BARS - 1) * 24 * 60 * MINUTE_MS + MINUTE_MS;

describe('anomalies of a session', () => {
  it('are of its bars, its fills and its models, in order of time', async () => {
    const { anomalies, looked } = await sessionAnomalies(database.pool, { id: 'live', symbols: SYMBOLS });
    expect(looked).toMatchObject({ bars: 2 * BARS, predictions: PREDICTIONS });
    expect(looked.fills).toBeGreaterThan(20);
    const told = anomalies.map(({ of, kind, symbol, timeMs }) => ({ of, kind, symbol, timeMs }));
    const decidedMs = START_MS + (PREDICTIONS - 1) * MINUTE_MS;
    expect(told).toEqual(
      expect.arrayContaining([
        { of: 'model', kind: 'probability', symbol: null, timeMs: decidedMs },
        { of: 'model', kind: 'confidence', symbol: null, timeMs: decidedMs },
        { of: 'market', kind: 'volume', symbol: 'BBB', timeMs: LOUD_MS },
      ]),
    );
    expect(anomalies.map(({ timeMs }) => timeMs)).toEqual(anomalies.map(({ timeMs }) => timeMs).sort((a, b) => a - b));
  });

  it('are counted over the last while, as rules watch them, with the newest in words', async () => {
    const readings = new AnomalyReadings();
    const running = [{ id: 'live', symbols: SYMBOLS, lastClose: new Date(LOUD_MS) }];
    const read = (nowMs: number) => readings.of(database.pool, running, { nowMs, windows: [60, 900] });
    expect(await read(LOUD_MS + 2 * MINUTE_MS)).toMatchObject([
      { metric: 'anomalies', session: 'live', windowSeconds: 60, value: 0 },
      { windowSeconds: 900, value: 1, note: expect.stringMatching(/^BBB: the volume of a bar: /) as string },
    ]);
    expect((await read(LOUD_MS + 20 * MINUTE_MS)).map(({ value }) => value)).toEqual([0, 0]);
    expect(await readings.of(database.pool, running, { nowMs: LOUD_MS, windows: [] })).toEqual([]);
  });

  it('are read over HTTP by whoever may see the session', async () => {
    const look = async (token: string, query: string) => {
      const answer = await service.ask('GET', `/api/v1/anomalies?session=live${query}`, { token });
      return { status: answer.statusCode, value: answer.json<Record<string, unknown>>() };
    };
    const viewer = await service.token('looks', 'viewer');
    const { status, value } = await look(viewer, '&limit=1');
    expect([status, value['of'], (value['anomalies'] as unknown[]).length]).toEqual([200, 'live', 1]);
    expect(value['anomalies']).toMatchObject([{ kind: 'volume', words: expect.stringContaining('usually') as string }]);
    expect(value['found']).toBeGreaterThan(2);
    expect((await look(viewer, '&least=1')).status).toBe(400);
    expect((await look(await service.token('own', 'trader', ['mine']), '')).status).toBe(404);
  });
});
