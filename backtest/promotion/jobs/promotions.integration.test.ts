import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { newestEntries } from '../../../infra/audit/audit-store.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import type { cardSchema, predictionsSchema, promotionSchema, watchedSchema } from '../../../models/model-schemas.ts';
import { settleLivePredictions, writeLivePredictions } from '../../../models/monitoring/live-prediction-store.ts';
import { lineageOf } from '../../../models/registry/lineage.ts';
import { findVersion } from '../../../models/registry/model-store.ts';
import { plantedBars } from '../../../pipelines/sources/made-up/planted-bars.ts';
import { serviceRoutes, serviceWorkers } from '../../../service.ts';
import { ServiceUnderTest } from '../../../trading/api/testing/service-under-test.ts';
import { makePlantedPlace } from '../../testing/planted-place.ts';

const NAME = 'asked';
/** A penalty so strong that the model knows nothing and never trades. */
const IGNORANT = { estimators: [{ name: 'linear', kind: 'logistic-regression', l1Ratio: 1, strength: 10 }] };
const folder = mkdtempSync(join(tmpdir(), 'signalbox-promotions-'));
let database: TestDatabase;
let service: ServiceUnderTest;
let workers: { close(): Promise<void> };
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const bars = plantedBars({ symbol: 'MADE', bars: 1100, seed: 11, correlation: 0.3 });
  const place = makePlantedPlace(database, { folder, name: NAME, bars, sections: IGNORANT });
  place.show(1100);
  await place.train();
  service = await ServiceUnderTest.over(database, serviceRoutes);
  workers = await serviceWorkers(databaseContext(database));
  token = await service.token('operator', 'operator');
});
afterAll(async () => {
  await service.service.close();
  await workers.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const ask = (path: string, body: object, by = token) =>
  service.ask('POST', `/api/v1/models/${path}`, { token: by, body });
const look = async <Answer>(path: string): Promise<Answer> => {
  const answer = await service.ask('GET', `/api/v1/models/${path}`, { token });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Answer>();
};

async function ended(path: string, body: object): Promise<z.infer<typeof promotionSchema>> {
  const answer = await ask(path, body);
  expect(answer.statusCode, answer.body).toBe(202);
  for (;;) {
    const now = await service.ask('GET', String(answer.headers.location), { token });
    const promotion = now.json<z.infer<typeof promotionSchema>>();
    if (promotion.state === 'done' || promotion.state === 'failed') return promotion;
    await systemSleep(50);
  }
}

describe('a promotion that is asked for', () => {
  it('goes through the gate, which says why it refuses', async () => {
    const refused = await ended(`${NAME}@1/promote`, {});
    expect(refused, refused.problem ?? '').toMatchObject({ state: 'done', askedBy: 'token operator' });
    expect(refused.decision).toMatchObject({ outcome: 'refused', championVersion: null });
    const criteria = refused.decision!['criteria'] as { name: string; met: boolean }[];
    expect(criteria.filter(({ met }) => !met).map(({ name }) => name)).toContain('better');
    expect((await findVersion(database.pool, `${NAME}@1`)).aliases).not.toContain('champion');
    const [entry] = await newestEntries(database.pool, { action: 'promotion-refused', limit: 1 });
    expect(entry).toMatchObject({ actor: 'token operator' });
  });

  it('is forced by a reason alone, by whoever may', async () => {
    const path = `${NAME}@1/promote`;
    expect((await ask(path, { force: true })).json()).toMatchObject({
      status: 422,
      detail: expect.stringContaining('--force needs a reason') as string,
    });
    const trader = await service.token('trader', 'trader');
    expect((await ask(path, { force: true, reason: 'because' }, trader)).statusCode).toBe(403);
    const bound = await service.token('bound', 'operator', ['one']);
    expect((await ask(path, {}, bound)).statusCode).toBe(403);
    const forced = await ended(path, { force: true, reason: 'to try a live session' });
    expect(forced.decision).toMatchObject({ outcome: 'overridden', reason: 'to try a live session' });
    expect((await findVersion(database.pool, `${NAME}@1`)).aliases).toContain('champion');
    const [entry] = await newestEntries(database.pool, { action: 'promotion', limit: 1 });
    expect(entry).toMatchObject({ actor: 'token operator', reason: 'to try a live session' });
    expect((await ended(path, {})).decision).toMatchObject({ outcome: 'champion already' });
  });

  it('is not done where there is nothing to do it with, in words', async () => {
    expect(await ended(`${NAME}/rollback`, {})).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('no earlier version to go back to') as string,
    });
    expect((await ask('none/rollback', {})).statusCode).toBe(404);
    expect((await ask('none@1/promote', {})).statusCode).toBe(404);
    expect((await ask(`${NAME}/promote`, {})).json()).toMatchObject({
      status: 422,
      detail: expect.stringContaining('names no version') as string,
    });
    const unknown = await service.ask('GET', '/api/v1/promotions/00000000-0000-4000-8000-000000000000', { token });
    expect(unknown.statusCode).toBe(404);
  });
});

describe('a version', () => {
  it('is told with its card and what it came from', async () => {
    const card = await look<z.infer<typeof cardSchema>>(`${NAME}@1`);
    expect(card).toMatchObject({ version: 1, aliases: ['champion'], data: { symbols: ['MADE'] } });
    expect(card.outOfSample!.calibration.length).toBeGreaterThan(0);
    expect(card.lineage).toMatchObject({ training: expect.stringMatching(/^[0-9a-f]{64}$/) as string, run: null });
    await database.pool.query(
      `INSERT INTO signalbox.tracking_identifiers (kind, local_key, remote_id, experiment_id) VALUES ('run', $1, 'r1', '7')`,
      [`training/${card.lineage.training}`],
    );
    const context = databaseContext(database, { env: { MLFLOW_TRACKING_URI: 'http://me:secret@tracking:5000/' } });
    expect((await lineageOf(context, await findVersion(database.pool, NAME))).run).toEqual({
      id: 'r1',
      address: 'http://tracking:5000/#/experiments/7/runs/r1',
    });
  });

  it('is told with what it has said since, and how often that came true', async () => {
    const { modelHash } = await findVersion(database.pool, NAME);
    const rows = Array.from({ length: 40 }, (_, row) => row);
    const decisionTimeMs = Float64Array.from(rows, (row) => Date.UTC(2030, 0, 1 + row));
    const symbol = rows.map(() => 'MADE');
    const of = (value: (row: number) => number): Float64Array => Float64Array.from(rows, value);
    await writeLivePredictions(
      database.pool,
      { modelHash, role: 'champion', madeAtMs: 0 },
      {
        ...{ symbol, decisionTimeMs, probability: of((row) => (row % 2 === 0 ? 0.3 : 0.7)), score: of(() => 0) },
        ...{ novelty: of(() => NaN), reasons: rows.map(() => null), disagreement: of(() => NaN) },
      },
    );
    const settled = { symbol, decisionTimeMs, y: of((row) => row % 2), realisedReturn: of(() => 0.01) };
    await settleLivePredictions(database.pool, modelHash, settled);
    const watched = await look<z.infer<typeof watchedSchema>>(`${NAME}@1/monitoring`);
    expect(watched).toMatchObject({ name: NAME, version: 1, latest: null, looks: [] });
    expect(watched.calibration).toMatchObject([
      { rows: 20, observed: 0 },
      { rows: 20, observed: 1 },
    ]);
    const seen: string[] = [];
    for (let from = ''; ;) {
      const page = await look<z.infer<typeof predictionsSchema>>(`${NAME}@1/predictions?limit=15${from}`);
      seen.push(...page.predictions.map(({ decidedAt }) => decidedAt));
      if (page.next === null) break;
      from = `&cursor=${page.next}`;
    }
    // The last is of its training: the newest row had no label yet.
    expect(seen).toHaveLength(41);
    expect(seen.slice(0, 40)).toEqual([...decisionTimeMs].reverse().map((timeMs) => new Date(timeMs).toISOString()));
    expect(await look(`${NAME}@1/predictions?symbol=OTHER`)).toEqual({ predictions: [], next: null });
  });
});
