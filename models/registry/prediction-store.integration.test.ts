import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import type { FoldPredictions } from './prediction-columns.ts';
import { writePredictions } from './prediction-store.ts';

const HASH = 'a'.repeat(64);
/** More than one piece of rows. */
const ROWS = 8_193;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query(
    `INSERT INTO signalbox.trainings (hash, experiment_name, experiment_hash, data_hash, feature_set_hash, backend, plan)
     VALUES ($1, 'x', 'x', 'x', 'x', 'x', '{}')`,
    [HASH],
  );
});
afterAll(async () => {
  await database.drop();
});

function predictions(): FoldPredictions {
  const column = (of: (row: number) => number): Float64Array =>
    Float64Array.from({ length: ROWS }, (_, row) => of(row));
  return {
    symbol: Array.from({ length: ROWS }, (_, row) => ['BRK.B', 'ÅÖ', '日本'][row % 3]!),
    decisionTimeMs: column((row) => Date.UTC(1969, 0, 1) + row * (DAY_MS - 1)),
    probability: column((row) => row / ROWS),
    score: column((row) => [0.1 + 0.2, -1e-300, 1e300, Infinity][row % 4]!),
    novelty: column((row) => (row % 5 === 0 ? NaN : 1 / (row + 1))),
    disagreement: column((row) => (row % 3 === 0 ? NaN : 0.1 / (row + 1))),
    y: column((row) => row % 2),
    realisedReturn: column((row) => -row / 3),
    path: Int32Array.from({ length: ROWS }, (_, row) => row % 7),
    reasons: Array.from({ length: ROWS }, (_, row) => (row % 4 === 0 ? null : `tab\t, line\n, \\N and “${row}” ≥ 1`)),
  };
}

describe('writePredictions', () => {
  it('stores every number to the last bit and every word as it is', async () => {
    const given = predictions();
    await database.transaction((client) => writePredictions(client, HASH, 3, given));
    const { rows } = await database.pool.query<Record<string, unknown>>(
      `SELECT symbol, (extract(epoch FROM decision_time) * 1000)::float8 AS time, probability, score, label,
              realised_return, path, novelty, reasons, disagreement, fold
       FROM signalbox.predictions WHERE training_hash = $1 ORDER BY decision_time`,
      [HASH],
    );
    expect(rows).toHaveLength(ROWS);
    rows.forEach((row, at) => {
      const novelty = given.novelty[at]!;
      const disagreement = given.disagreement![at]!;
      expect(row).toEqual({
        symbol: given.symbol[at],
        time: given.decisionTimeMs[at],
        probability: given.probability[at],
        score: given.score[at],
        label: given.y[at],
        realised_return: given.realisedReturn[at],
        path: given.path[at],
        novelty: Number.isNaN(novelty) ? null : novelty,
        reasons: given.reasons[at],
        disagreement: Number.isNaN(disagreement) ? null : disagreement,
        fold: 3,
      });
    });
  });

  it('refuses the same fold a second time, and an impossible probability, and stores nothing of it', async () => {
    const again = database.transaction((client) => writePredictions(client, HASH, 3, predictions()));
    await expect(again).rejects.toThrow(/predictions_pkey/);
    const beyond = { ...predictions(), probability: new Float64Array(ROWS).fill(1.5) };
    const impossible = database.transaction((client) => writePredictions(client, HASH, 4, beyond));
    await expect(impossible).rejects.toThrow(/predictions_probability_check/);
    const { rows } = await database.pool.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM signalbox.predictions WHERE training_hash = $1',
      [HASH],
    );
    expect(rows).toEqual([{ n: ROWS }]);
  });

  it('go with their training when that is deleted', async () => {
    await database.pool.query('DELETE FROM signalbox.trainings WHERE hash = $1', [HASH]);
    const { rows } = await database.pool.query('SELECT 1 FROM signalbox.predictions LIMIT 1');
    expect(rows).toEqual([]);
  });
});
