import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 as hash } from '../../infra/hash.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { hashOfFile, pathOf, smallModels } from '../../models/estimators/pretrained/testing/model-files.ts';
import { readModelCard } from '../../models/promotion/model-card.ts';
import { findVersion } from '../../models/registry/model-store.ts';
import type { TrainedExperiment } from '../../models/training/train-experiment.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { startSignalbox } from '../testing/run-process.ts';
import { makePlantedPlace, type PlantedPlace } from '../testing/planted-place.ts';

const NAME = 'brought';
const bars = plantedBars({ symbol: 'MADE', bars: 900, seed: 5, correlation: 0.3 });
const folder = mkdtempSync(join(tmpdir(), 'signalbox-pretrained-'));
const file = pathOf('lightgbm-small.txt');
const sha256 = hashOfFile('lightgbm-small.txt');
const isoTime = (timeMs: number): string => new Date(timeMs).toISOString();
const timeOf = (bar: number): string => isoTime(bars.closeTimeMs[bar]!);

const sections = (seenTo: number): object => ({
  features: [...smallModels().names],
  splits: { trainBars: 200, testBars: 150, embargoBars: 5 },
  labels: { weights: 'none' },
  estimators: [
    { name: 'lgbm', kind: 'pretrained', file, sha256, trainedFrom: timeOf(0), trainedTo: timeOf(seenTo) },
    { name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 4 },
  ],
});

const signalbox = (...args: string[]) => {
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: '',
    SIGNALBOX_HOME: join(folder, 'home'),
    SIGNALBOX_WORKERS: '1',
  };
  return startSignalbox([...args, '--json'], process.env, env).ended;
};

let database: TestDatabase;
let place: PlantedPlace;

beforeAll(async () => {
  database = await createTestDatabase();
  place = makePlantedPlace(database, { folder, name: NAME, bars, sections: sections(420) });
  place.show(bars.length);
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a model from elsewhere beside a forest', () => {
  let trained: TrainedExperiment;

  it('is walked forward, and no window that overlaps what it has seen is predicted, traded or counted', async () => {
    trained = await place.train();
    const { folds, predictions } = trained;
    expect(folds.length).toBeGreaterThan(1);
    const seenTo = timeOf(420);
    for (const { test, members } of folds) {
      expect(test.from > seenTo).toBe(true);
      expect(members.map(({ name }) => name)).toEqual(['lgbm', 'forest']);
      expect(members.every(({ logLoss }) => logLoss !== null)).toBe(true);
    }
    const first = Math.min(...predictions.decisionTimeMs);
    expect(isoTime(first) > seenTo).toBe(true);
    const { rows } = await database.pool.query<{ first: Date }>(
      'SELECT min(decision_time) AS first FROM signalbox.predictions',
    );
    expect(rows[0]!.first.getTime()).toBe(first);
  });

  it('is named with its file, its hash and what it may not prove on the card of the version', async () => {
    const card = await readModelCard(database.pool, await findVersion(database.pool, `${NAME}@1`));
    expect(card.members[0]).toEqual({ name: 'lgbm', kind: 'pretrained', file, fileHash: sha256 });
    expect(card.findings.join()).toMatch(/lgbm was trained elsewhere on data up to .*are left out/);
    expect(card.folds.map(({ from }) => from)).toEqual(trained.folds.map(({ test }) => test.from));
    const evidence = card.backtest as { from: string; reasons: readonly string[] } | null;
    expect(evidence!.from > timeOf(420)).toBe(true);
    expect(card.data.from <= timeOf(0)).toBe(true);
  });

  it('is told by the command: windows that are left are those behind what it has seen, and reasons say so', async () => {
    const csv = join(folder, `${NAME}.csv`);
    const walked = ['walk-forward', place.experimentPath, '--calendar', 'us-equities'];
    const { code, stdout, stderr } = await signalbox(...walked, '--bars', csv);
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout) as { folds: { test: { from: string } }[]; reasons: string[] };
    expect(result.folds.map(({ test }) => test.from)).toEqual(trained.folds.map(({ test }) => test.from));
    expect(result.reasons.join()).toMatch(
      /lgbm was trained elsewhere on data up to .* are no evidence and are left out/,
    );
  });

  it('is not written as ONNX, and the forest alone is', async () => {
    const out = join(folder, 'model.onnx');
    const refused = await signalbox('models', 'export', `${NAME}@1`, '--out', out);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('lgbm is of kind pretrained')]);
    place.change({ ...sections(420), estimators: [{ name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 4 }] });
    await place.train();
    const written = await signalbox('models', 'export', `${NAME}@2`, '--out', out);
    expect(written.code, written.stderr).toBe(0);
    const value = JSON.parse(written.stdout) as object;
    const whole = { file: out, outputs: ['forest', 'probability'], features: smallModels().names };
    expect(value).toMatchObject({ ...whole, sha256: hash(readFileSync(out)), withoutProbability: null });
  });

  it('of which every window is seen is refused before anything is trained', async () => {
    place.change(sections(880));
    await expect(place.train()).rejects.toThrow(/estimators\.lgbm has seen all up to trainedTo .*none is evidence/);
  });
});
