import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readMoves } from '../../models/registry/prediction-store.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import type { TrainedExperiment } from '../../models/training/train-experiment.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { analysedBacktest, type ExperimentBacktest } from './experiment-backtest.ts';
import { makePlantedPlace } from '../testing/planted-place.ts';

// The close location alone says something of the next bar.
const bars = plantedBars({ symbol: 'MADE', bars: 1_000, seed: 5, correlation: 0.5 });
const folder = mkdtempSync(join(tmpdir(), 'signalbox-attribution-'));
let database: TestDatabase;
let prepared: PreparedExperiment;
let trained: TrainedExperiment;
let backtest: ExperimentBacktest;

beforeAll(async () => {
  database = await createTestDatabase();
  const sections = {
    estimators: [
      { name: 'linear', kind: 'logistic-regression', strength: 0.02 },
      { name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 3 },
    ],
    costs: { feeBps: 0 },
  };
  const place = makePlantedPlace(database, { folder, name: 'attributed', bars, sections });
  place.show(bars.length);
  trained = await place.train();
  prepared = await place.prepare();
  backtest = await analysedBacktest(database, prepared, trained);
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('profit by feature, of bars whose close location says something of the next', () => {
  it('belongs to the feature that was planted, and adds up to the profit of all trades', () => {
    const { featureAttribution: attributed, attribution, ledger } = backtest.result;
    const { features, cancelled, unknown, total, trades, meanMove } = attributed!;
    expect(trades).toBeGreaterThan(20);
    expect(trades).toBe(ledger.length);
    expect(unknown).toBe(0);
    expect(total).toBeCloseTo(attribution!.total, 6);
    expect(features.reduce((sum, { pnl }) => sum + pnl, cancelled)).toBeCloseTo(total, 6);
    expect(features.reduce((sum, one) => sum + one.meanMove, 0)).toBeCloseTo(meanMove, 9);
    const [first] = features;
    expect(first!.name).toMatch(/^closelocation/);
    expect(first!.share).toBeGreaterThan(0.6);
    expect(first!.pnl).toBeGreaterThan(0.5 * total);
    expect(first!.meanMove).toBeGreaterThan(0);
  });

  it('goes by what was stored with each prediction, which adds up to its score', async () => {
    const { predictions } = trained;
    const rows = [0, 7, predictions.length - 1];
    const asked = rows.map((row) => ({
      symbol: predictions.symbol[row]!,
      decisionTimeMs: predictions.decisionTimeMs[row]!,
    }));
    const moves = await readMoves(database.pool, trained.trainingHash, [
      ...asked,
      { symbol: 'NONE', decisionTimeMs: 0 },
    ]);
    expect(moves.map((one) => one?.length ?? null)).toEqual([6, 6, 6, null]);
    // Scores are told above the base rate of the training rows: between two rows of a fold that is the same.
    const sum = (row: number): number => moves[row]!.reduce((all, one) => all + one, 0);
    expect(sum(1) - sum(0)).toBeCloseTo(predictions.score[7]! - predictions.score[0]!, 9);
  });

  it('has beside it how much each feature moved the predictions of every fold', () => {
    const { featureImportance, folds } = backtest.result;
    const { windows, rows, features, agreement } = featureImportance!;
    expect(windows).toEqual(folds!.map(({ fold }) => fold));
    expect(rows).toBe(trained.predictions.length);
    const [first] = features;
    expect(first!.name).toMatch(/^closelocation/);
    expect(first).toMatchObject({ firstTenShare: 1 });
    expect(first!.least).toBeGreaterThan(0.4);
    for (const window of windows.keys()) {
      expect(features.reduce((sum, { byWindow }) => sum + byWindow[window]!, 0)).toBeCloseTo(1, 9);
    }
    expect(Math.abs(agreement!)).toBeLessThanOrEqual(1);
  });

  it('is null with a reason where nothing was kept', async () => {
    await database.pool.query('UPDATE signalbox.predictions SET moves = NULL');
    const { result } = await analysedBacktest(database, prepared, trained);
    expect(result.featureAttribution).toBeNull();
    expect(result.featureImportance).toBeNull();
    expect(result.reasons.join('\n')).toContain('featureImportance: what moved the predictions was not kept');
    expect(result.reasons.join('\n')).toContain('Profit by feature: what moved the predictions was not kept');
  });
});
