import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { explainPrediction } from '../../models/explain/explain-prediction.ts';
import { explanationPlot } from '../../models/explain/explanation-plot.ts';
import { explanationJson, explanationText } from '../../models/explain/explanation-text.ts';
import { modelImportance } from '../../models/explain/model-importance.ts';
import { readPredictions } from '../../models/registry/prediction-store.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import { latestSignals } from './latest-signals.ts';
import { makePlantedPlace, type PlantedPlace } from '../testing/planted-place.ts';
import type { TrainedExperiment } from '../../models/training/train-experiment.ts';
import { experimentSession } from '../../trading/sessions/experiment-session.ts';

const NAME = 'explained';
const folder = mkdtempSync(join(tmpdir(), 'signalbox-explain-'));

describe('explanations of stored models', () => {
  let database: TestDatabase;
  let place: PlantedPlace;
  let trained: TrainedExperiment;

  const at = async (time: string) => explainPrediction(database, NAME, { symbol: 'MADE', atMs: Date.parse(time) });

  beforeAll(async () => {
    database = await createTestDatabase();
    // The next return leans on this bar's close location: correlation 0.3.
    const bars = plantedBars({ symbol: 'MADE', bars: 900, seed: 11, correlation: 0.3 });
    const estimators = [
      { name: 'linear', kind: 'logistic-regression', strength: 0.02 },
      { name: 'lstm', kind: 'lstm-network', window: 5, units: 4, epochs: 3, batchSize: 64 },
    ];
    place = makePlantedPlace(database, { folder, name: NAME, bars, sections: { estimators } });
    place.show(900);
    trained = await place.train();
  });
  afterAll(async () => {
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('explain the prediction that was stored, by the model of the fold that made it', async () => {
    const stored = await readPredictions(database.pool, trained.trainingHash);
    for (const row of [0, 150, stored.length - 1]) {
      const found = await at(new Date(stored.decisionTimeMs[row]!).toISOString());
      expect(found.fold).toBe(stored.fold[row]);
      expect(found.trainedOn).toBe(false);
      expect(found.explanation.probability).toBeCloseTo(stored.probability[row]!, 12);
      expect(found.explanation.score).toBeCloseTo(stored.score[row]!, 12);
    }
  });

  it('find the feature that was planted, and say so in words, as data and as a plot', async () => {
    const { features, rows, folds } = await modelImportance(database, NAME, { rowsMax: 400, repeats: 2 });
    expect(features[0]!.name).toBe('closelocation()');
    expect([folds, rows]).toEqual([trained.plan.folds.length, trained.predictions.length]);
    // The only symbol need not be named.
    const newest = await explainPrediction(database, NAME, { atMs: Infinity });
    expect([newest.fold, newest.trainedOn]).toEqual([null, false]);
    const text = explanationText(newest);
    expect(text).toMatch(/^MADE at .*: probability of up 0\.\d{4} by explained@1\./);
    expect(text).toMatch(/closelocation\(\) .*(high|low|usual)\)/);
    expect(text).toMatch(/lstm \(lstm-network\) says 0\.\d{4}; sampled Shapley values/);
    const json = JSON.parse(JSON.stringify(explanationJson(newest))) as { features: unknown[]; time: string };
    expect(json.features).toHaveLength(3);
    const svg = await explanationPlot(newest);
    expect(svg).toMatch(/^<svg .*closelocation\(\)/s);
    expect(await explanationPlot(newest)).toBe(svg);
  });

  it('say when the model was trained on the bar, and refuse unknown symbols and times before the first row', async () => {
    const { dataset } = await place.prepare();
    const first = await at(new Date(dataset.decisionTimeMs[3]!).toISOString());
    expect([first.fold, first.trainedOn]).toEqual([null, true]);
    expect(explanationText(first)).toContain('no forecast');
    await expect(explainPrediction(database, NAME, { symbol: 'NONE', atMs: 0 })).rejects.toThrow(/no symbol NONE/);
    await expect(at('1980-01-01')).rejects.toThrow(/no row at or before/);
  });

  it('stand beside every stored prediction, in the words of every signal, and do not change the journal', async () => {
    const stored = await readPredictions(database.pool, trained.trainingHash);
    expect(stored.reasons.every((text) => text !== null && /^\S+ .*[+-]\d\.\d{3}/.test(text))).toBe(true);
    expect(stored.reasons.some((text) => text!.startsWith('closelocation() '))).toBe(true);
    const prepared = await place.prepare();
    const run = (predictions: typeof stored) =>
      runHistoricalSession(experimentSession(prepared, { predictions, plan: trained.plan }));
    const told = run(stored);
    expect(told.lastSignals.length).toBeGreaterThan(0);
    for (const { timeMs, reason } of told.lastSignals) {
      // A signal may rest on the prediction of the bar before.
      const row = stored.decisionTimeMs.findLastIndex((decidedMs) => decidedMs <= timeMs);
      expect(reason).toMatch(/(above|below) 0\.\d+: /);
      expect(reason.slice(reason.indexOf(': ') + 2)).toBe(stored.reasons[row]);
    }
    const silent = run({ ...stored, reasons: stored.reasons.map(() => null) });
    expect(silent.lastSignals[0]!.reason).toMatch(/(above|below) 0\.\d+$/);
    expect(silent.journalHash).toBe(told.journalHash);
    const [latest] = await latestSignals(database, prepared, trained.trainingHash);
    expect(latest!.reason).toMatch(/^final model, for the next bar: .*: .*[+-]\d\.\d{3}/);
  });
});
