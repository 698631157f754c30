import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { experimentSchema, type Experiment } from '../../models/experiment/experiment.ts';
import { scorePredictions } from '../../models/scores/prediction-scores.ts';
import { foldsOf } from '../../models/splits/folds-of.ts';
import { scoreValues, type ScoreValues } from '../../models/training/fold/fold-summary.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { judgeInMemory, runInMemory } from '../experiment/memory-experiment.ts';
import { exampleReport } from '../testing/example-report.ts';
import { runExample } from '../testing/example-result.ts';
import { renderReport } from '../report/render-report.ts';
import { terminalText } from '../run/terminal.ts';
import { baseRateEvidence, baseRateHeadline, type BaseRateEvidence } from './base-rate.ts';
import { backtestResult, type BacktestResult } from './result.ts';
import { historyOf } from './trial-history.ts';

const f = (...values: number[]): Float64Array => Float64Array.from(values);
const predictionsOf = (probability: Float64Array, fold: number[], y: number[]) => ({
  probability,
  score: probability,
  y: f(...y),
  realisedReturn: f(...y.map((up) => up - 0.5)),
  decisionTimeMs: f(...y.keys()),
  fold: Int32Array.from(fold),
});

const SCORES: ScoreValues = {
  informationCoefficient: 0.07,
  rankInformationCoefficient: 0.05,
  auc: 0.52,
  logLoss: 0.68977,
  brier: 0.24832,
  hitRate: 0.5403,
};

function evidenceOf(constant: Partial<ScoreValues>, rest: Partial<BaseRateEvidence> = {}): BaseRateEvidence {
  const values = { ...SCORES, informationCoefficient: null, rankInformationCoefficient: null, ...constant };
  const scores = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, reason: null }]));
  return { constant: scores as unknown as BaseRateEvidence['constant'], silentFolds: [], folds: 8, ...rest };
}

describe('a constant that knows each fold’s training rate', () => {
  it('is scored row by row with the rate of the fold that predicted it: by hand', () => {
    const predictions = predictionsOf(f(0.6, 0.5, 0.4, 0.7), [0, 0, 1, 1], [1, 0, 1, 1]);
    const { constant, silentFolds, folds } = baseRateEvidence(predictions, (fold) => [0.6, 0.45][fold], false);
    expect(constant!.brier.value).toBeCloseTo((0.16 + 0.36 + 2 * 0.55 ** 2) / 4, 14);
    expect(constant!.logLoss.value).toBeCloseTo(-(Math.log(0.6) + Math.log(0.4) + 2 * Math.log(0.45)) / 4, 14);
    expect(constant!.hitRate.value).toBe(0.25);
    expect([silentFolds, folds]).toEqual([[], 2]);
    expect(baseRateEvidence(predictions, (fold) => [0.6][fold], false).constant).toBeNull();
  });

  it('sees folds whose model says the same of every row, but for the side that it takes', () => {
    const y = [1, 0, 1, 1, 0, 1];
    const silent = (sided: boolean, ...probability: number[]): readonly number[] =>
      baseRateEvidence(predictionsOf(f(...probability), [0, 0, 0, 4, 4, 4], y), () => 0.5, sided).silentFolds;
    expect(silent(false, 0.6, 0.6, 0.6, 0.1, 0.2, 0.3)).toEqual([0]);
    expect(silent(false, 0.6, 0.4, 0.5, 0.1, 0.1, 0.1)).toEqual([4]);
    expect(silent(true, 0.6, 0.4, 0.5, 0.1, 0.2, 0.9)).toEqual([0]);
  });

  it('makes a headline of every measure in which the model is no better', () => {
    expect(baseRateHeadline(SCORES, evidenceOf({ logLoss: 0.7, brier: 0.25, hitRate: 0.52 }))).toBeNull();
    expect(baseRateHeadline(SCORES, evidenceOf({ logLoss: 0.68882, brier: 0.24783, hitRate: 0.5467 }))).toBe(
      'The model is no better than a constant that knows each fold’s training rate: log loss 0.6898 against 0.6888, ' +
        'Brier score 0.2483 against 0.2478, hit rate 54.0 % against 54.7 %.',
    );
    expect(baseRateHeadline(SCORES, evidenceOf({ logLoss: 0.689769, brier: 0.25, hitRate: 0.5403 }))).toBe(
      'In log loss 0.689770 against 0.689769, hit rate 54.0 % against 54.0 % the model is no better than a ' +
        'constant that knows each fold’s training rate; it is in Brier score 0.2483 against 0.2500.',
    );
  });

  it('makes a headline of a model that learnt nothing', () => {
    const better = { logLoss: 0.7, brier: 0.25, hitRate: 0.5 };
    expect(baseRateHeadline(SCORES, evidenceOf(better, { silentFolds: [0, 3], folds: 4 }))).toBe(
      'The model learnt nothing in 2 of 4 folds (1, 4): there it says the same of every row.',
    );
    expect(baseRateHeadline(SCORES, evidenceOf(better, { silentFolds: [0], folds: 1, constant: null }))).toBe(
      'The model learnt nothing: it says the same of every row.',
    );
  });
});

describe('an experiment beside its base rates', () => {
  const calendar = calendarNamed('us-equities');
  const bars = (correlation: number) => [plantedBars({ symbol: 'MADE', bars: 700, seed: 21, correlation })];
  const experimentOf = (strength: number): Experiment =>
    experimentSchema.parse({
      name: 'rates',
      universe: ['MADE'],
      features: ['return(1)', 'closelocation()'],
      splits: { trainBars: 300, testBars: 150, window: 'sliding' },
      estimators: [{ name: 'linear', kind: 'logistic-regression', l1Ratio: 1, strength }],
      ensemble: { innerFolds: 2 },
      signals: { buyAbove: 0.51, sellBelow: 0.49 },
    });
  const run = async (correlation: number, strength: number) => {
    const options = { experiment: experimentOf(strength), bars: bars(correlation), calendar };
    const made = await runInMemory(options);
    return { made, options, result: judgeInMemory(made, options) };
  };

  it('counts the training rows of each fold, and is silent where the model is better', async () => {
    const { made, options, result } = await run(0.6, 0.001);
    const { dataset, predictions } = made;
    const rates = foldsOf(dataset, options.experiment.splits).map(({ trainRows }) => {
      const ups = trainRows.reduce((sum, row) => sum + dataset.y[row]!, 0);
      return ups / trainRows.length;
    });
    expect(new Set(rates).size).toBeGreaterThan(1);
    const probability = Float64Array.from(predictions.fold, (fold) => rates[fold]!);
    const { logLoss, brier, hitRate } = scoreValues(scorePredictions({ ...predictions, probability }).scores);
    expect(result.outOfSample!.constant).toMatchObject({ logLoss, brier, hitRate, auc: 0.5 });
    expect(result.outOfSample!.headline).toBeUndefined();
    expect(result.reasons[0]).toMatch(/^Net out-of-sample return|^The excess/);
  });

  it('says first that a model learnt nothing, whatever the verdict', async () => {
    const { result } = await run(0, 10);
    expect(result.reasons[0]).toMatch(/^The model learnt nothing: it says the same of every row\. /);
    expect(result.reasons[0]).toContain('no better than a constant');
    expect(result.outOfSample!.headline).toBe(result.reasons[0]);
  });
});

describe('the first line', () => {
  const example = runExample({ bars: 600, randomRuns: 3 });
  const report = exampleReport(example);
  const text = 'The model is no better than a constant';
  const baseRate = evidenceOf({ logLoss: 0.1, brier: 0.01, hitRate: 0.99 });
  const result: BacktestResult = backtestResult({
    evaluation: example.evaluation,
    history: historyOf([example.evaluation.record]),
    experiment: 'example-daily',
    strategy: { name: 'ensemble', parameters: {} },
    random: createRandom(7),
    walkForward: { ...example.walkForward, baseRate },
  });

  it('of terminal and report is the headline, and the verdict keeps its own words', async () => {
    const terminal = terminalText({ ...report, result }, { color: false, reportPath: null, model: null });
    expect(terminal.split('\n')[0]).toContain(text);
    expect(terminal).toMatch(/constant, training rate +n\/a +n\/a +0\.520 +0\.1000 +0\.0100 +99\.0 %/);
    const page = await renderReport({ ...report, result });
    expect(page.indexOf(text)).toBeLessThan(page.indexOf('class="word"'));
    expect(page).toContain('constant 0.1000');
    const [headline, judged] = result.reasons;
    expect(headline).toContain(text);
    expect(page.split(judged!.slice(0, 40))).toHaveLength(2);
  });
});
