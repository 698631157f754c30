import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import type { TrainedExperiment } from '../../models/training/train-experiment.ts';
import { analysedBacktest, backtestExperiment } from './experiment-backtest.ts';
import { median } from '../statistics/moments.ts';
import { makePlantedPlace, type PlantedPlace } from '../testing/planted-place.ts';
import { pathLines } from '../report/path-section.ts';
import type { BacktestResult } from '../judgement/result.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-paths-'));

describe('splits whose models know both sides of what they predict', () => {
  let database: TestDatabase;
  let place: PlantedPlace;
  let trained: TrainedExperiment;

  const resultWith = async (splits: object): Promise<BacktestResult> => {
    place.change({ splits });
    trained = await place.train();
    return (await backtestExperiment(database, await place.prepare(), trained)).result;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    // An effect so strong that every walk-forward over it is evidence.
    const bars = plantedBars({ symbol: 'MADE', bars: 1200, seed: 11, correlation: 0.5 });
    place = makePlantedPlace(database, { folder, name: 'paths', bars });
    place.show(1200);
  });
  afterAll(async () => {
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are scored and traded path by path where they are combinatorial, with what the paths say together', async () => {
    const { paths, sharpe, totalReturn, outOfSample, ...result } = await resultWith({
      kind: 'combinatorial',
      folds: 4,
      testFolds: 2,
    });
    expect(paths!.each.map(({ path }) => path)).toEqual([0, 1, 2]);
    // Every path holds each group once.
    expect(new Set(paths!.each.map(({ rows }) => rows))).toEqual(new Set([outOfSample!.rows]));
    expect(paths!.each[0]).toMatchObject({ sharpe, totalReturn, auc: outOfSample!.auc });
    expect(new Set(paths!.each.map((path) => path.sharpe)).size).toBe(3);
    expect(new Set(paths!.each.map((path) => path.informationCoefficient)).size).toBe(3);
    const ratios = paths!.each.map((path) => path.sharpe!);
    expect(paths!.distribution.sharpe).toEqual({
      median: median(ratios),
      worst: Math.min(...ratios),
      positiveShare: ratios.filter((ratio) => ratio > 0).length / 3,
    });
    expect(result.reasons.join()).toContain('of the first of 3 reconstructed paths');
    expect(pathLines(paths!)).toHaveLength(3 + 3);
  });

  it.each([
    { kind: 'combinatorial', folds: 4, testFolds: 2 },
    { kind: 'purged-k-fold', folds: 4 },
  ])('are never evidence: $kind', async (splits) => {
    const { verdict, reasons, outOfSample, paths } = await resultWith(splits);
    const conditions = reasons.filter((reason) => /^(Not met|Met): /.test(reason));
    expect(conditions.filter((reason) => reason.startsWith('Met'))).toHaveLength(4);
    expect(conditions.at(-1)).toMatch(/^Not met: the models of .* were trained on bars later than those they traded/);
    expect(verdict).toBe('weak');
    expect(outOfSample!.informationCoefficient).toBeGreaterThan(0.3);
    expect(paths === undefined).toBe(splits.kind === 'purged-k-fold');
  });

  it('are evidence where the same bars are walked forward', async () => {
    const { verdict, reasons } = await resultWith({ trainBars: 400, testBars: 200 });
    expect(verdict, reasons.join('\n')).toBe('evidence');
  });

  it('say the same without the sections that take the session apart', async () => {
    const prepared = await place.prepare();
    const { result: bare } = await backtestExperiment(database, prepared, trained);
    const { result: whole, analysis } = await analysedBacktest(database, prepared, trained);
    expect(whole).toMatchObject({ ...bare, reasons: [...bare.reasons, ...analysis.reasons] });
    const further = Object.keys(whole).filter((key) => !(key in bare));
    expect(further).toEqual([...Object.keys(analysis.sections), 'featureAttribution']);
  });
});
