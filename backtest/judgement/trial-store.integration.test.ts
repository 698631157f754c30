import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { historyOf } from './trial-history.ts';
import { readTries, recordTrial, type Trial } from './trial-store.ts';

let database: TestDatabase;
beforeAll(async () => void (database = await createTestDatabase()));
afterAll(() => database.drop());
beforeEach(() => database.pool.query('TRUNCATE signalbox.trials'));

function trial(experiment: number, dataHash = 'data'): Trial {
  const random = createRandom(experiment);
  const returns = Float64Array.from({ length: 120 }, () => 0.01 * random.normal());
  return {
    dataHash,
    experimentHash: `experiment ${experiment}`,
    experimentName: 'test',
    symbols: ['B', 'A'],
    timeMs: Float64Array.from({ length: 120 }, (_, day) => Date.UTC(2020, 0, 1, 21) + day * DAY_MS),
    returns,
    excessReturns: returns.map((value) => value - 0.0001),
  };
}

describe('trial store', () => {
  it('counts distinct trials, not repeats', async () => {
    expect((await recordTrial(database, trial(1))).trials).toBe(1);
    expect((await recordTrial(database, trial(1))).trials).toBe(1);
    expect((await recordTrial(database, trial(2))).trials).toBe(2);
    expect((await recordTrial(database, trial(1))).trials).toBe(2);
  });

  it('gives back to the last bit what the history of the records is', async () => {
    await recordTrial(database, trial(1));
    await recordTrial(database, trial(2));
    const history = await recordTrial(database, trial(3));
    expect(history).toEqual(historyOf([trial(1), trial(2), trial(3)]));
    expect(history.probabilityOfOverfitting).not.toBeNull();
  });

  it('keeps the history of other data apart', async () => {
    await recordTrial(database, trial(1));
    expect((await recordTrial(database, trial(2, 'other'))).trials).toBe(1);
    expect((await recordTrial(database, trial(2))).trials).toBe(2);
  });

  it('counts all of it for the gate: growing data, other names on the same universe and days, and not what is apart', async () => {
    const firstMs = trial(1).timeMs[0]!;
    const lastMs = trial(1).timeMs.at(-1)!;
    const later = (days: number, rest: Trial): Trial => ({
      ...rest,
      timeMs: rest.timeMs.map((ms) => ms + days * DAY_MS),
    });
    await recordTrial(database, trial(1));
    await recordTrial(database, trial(1, 'one bar more'));
    await recordTrial(database, { ...later(119, trial(2, 'last day shared')), experimentName: 'another' });
    const of = { name: 'test', modelHash: 'm', ageDays: 0, symbols: ['A', 'B'], fromMs: firstMs, toMs: lastMs };
    expect(await readTries(database, of)).toMatchObject({ dataStates: 3, offers: 0 });
    await recordTrial(database, { ...later(120, trial(3, 'no day shared')), experimentName: 'another' });
    await recordTrial(database, { ...trial(4, 'other symbols'), experimentName: 'another', symbols: ['A'] });
    const { trials, sinceMs } = await readTries(database, of);
    expect(trials).toHaveLength(3);
    expect(trials[0]!.returns).toEqual(trial(1).returns);
    expect(sinceMs).toBeGreaterThan(Date.now() - 600_000);
    // The name's own trials count, whatever its universe and days were then.
    await recordTrial(database, later(900, { ...trial(5, 'renewed'), symbols: ['C'] }));
    expect((await readTries(database, of)).trials).toHaveLength(4);
  });

  it('replaces the record of a repeat by the newer one', async () => {
    await recordTrial(database, trial(1));
    await recordTrial(database, { ...trial(2), experimentHash: trial(1).experimentHash });
    expect(await recordTrial(database, trial(3))).toEqual(historyOf([trial(2), trial(3)]));
  });

  it('lets concurrent trials each see the ones before it', async () => {
    const histories = await Promise.all(Array.from({ length: 6 }, (_, i) => recordTrial(database, trial(i))));
    expect(histories.map(({ trials }) => trials).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('stores a trial that never traded without a ratio', async () => {
    const idle = { ...trial(1), returns: new Float64Array(120), excessReturns: new Float64Array(120) };
    expect((await recordTrial(database, idle)).spread).toEqual({ trials: 1, sharpeDeviation: 0 });
    const { rows } = await database.pool.query('SELECT sharpe, excess_sharpe, first_seen_at FROM signalbox.trials');
    expect(rows).toMatchObject([{ sharpe: null, excess_sharpe: null }]);
    await recordTrial(database, trial(1));
    const after = await database.pool.query('SELECT sharpe, first_seen_at FROM signalbox.trials');
    expect(after.rows[0].first_seen_at).toEqual(rows[0].first_seen_at);
    expect(after.rows[0].sharpe).toBeTypeOf('number');
  });
});
