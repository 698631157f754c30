import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../infra/testing/test-database.ts';
import { historyOf } from './trial-history.ts';
import { recordTrial, type Trial } from './trial-store.ts';

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
    timeMs: Float64Array.from({ length: 120 }, (_, day) => Date.UTC(2020, 0, 1, 21) + day * 86_400_000),
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
