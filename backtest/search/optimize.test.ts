import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import { experimentSchema } from '../../models/experiment/experiment.ts';
import { TEST_RUNG, WHOLE_WINDOW, type JournalRow } from '../../models/search/search-store.ts';
import { foldsOf } from '../../models/splits/folds-of.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { corruptAfter } from '../research/look-ahead.ts';
import { planInMemory, searchInMemory, type MemorySearchOptions } from './memory-search.ts';
import { optimizeResult, recordsOf, type OptimizeResult } from './optimize-result.ts';
import { historyOf, type TrialRecord } from '../judgement/trial-history.ts';

const calendar = calendarNamed('us-equities');
const SYMBOL = 'MADE';

function optionsOf(search: object, bars: readonly BarColumns[], sections: object = {}): MemorySearchOptions {
  const experiment = experimentSchema.parse({
    name: 'search',
    universe: [SYMBOL],
    features: ['return(1)', 'closelocation()', 'zscore(close,20)'],
    splits: { trainBars: 300, testBars: 150 },
    estimators: [{ name: 'linear', kind: 'logistic-regression', strength: 0.1 }],
    ensemble: { innerFolds: 2 },
    signals: { buyAbove: 0.51, sellBelow: 0.49 },
    sizing: { fraction: 0.1 },
    ...sections,
    search: { objective: 'netSharpe', ...search },
  });
  return { experiment, bars, calendar };
}

/** A whole search without queue or database. */
const search = (settings: object, bars: readonly BarColumns[], sections = {}): ReturnType<typeof searchInMemory> =>
  searchInMemory(optionsOf(settings, bars, sections));

const STRENGTHS = { 'estimators.linear.strength': { log: [0.001, 10] } };
const THRESHOLDS = { 'signals.buyAbove': { float: [0.5, 0.54] }, 'signals.sellBelow': { float: [0.46, 0.5] } };

describe('a nested search', () => {
  const bars = [plantedBars({ symbol: SYMBOL, bars: 700, seed: 21, correlation: 0.25 })];

  // Barriers are touched long before the returns over the horizon are known, which both of these look at.
  const labels = { kind: 'triple-barrier', horizonBars: 20, upper: 1, lower: 1 };
  const forest = { name: 'forest', kind: 'random-forest', trees: 5 };
  const objectives = { 'estimators.forest.objective': { choice: ['classification', 'regression'] } };
  it.each([
    ['labels and prices', { space: STRENGTHS }, {}],
    ['returns that trials are compared by', { space: STRENGTHS, objective: 'informationCoefficient' }, { labels }],
    ['returns that some trials learn', { space: objectives, objective: 'auc' }, { labels, estimators: [forest] }],
  ])('lets no window see a bar after its training rows: %s', async (_, searched, sections) => {
    const settings = { trials: 2, ...searched };
    const whole = await search(settings, bars, sections);
    const { plan, data } = planInMemory(optionsOf(settings, bars, sections));
    const folds = foldsOf(data.dataset, plan.experiment.splits);
    const cutMs = folds[1]!.ranges.test.fromMs;
    const other = await search(settings, corruptAfter(bars, cutMs - 1, createRandom(3)), sections);
    const inWindow = ({ journal }: { journal: readonly JournalRow[] }, window: number): unknown[] =>
      journal.filter((row) => row.window === window && row.rung !== TEST_RUNG);
    expect(inWindow(other, 0)).toEqual(inWindow(whole, 0));
    expect(inWindow(other, 1)).toEqual(inWindow(whole, 1));
    // The comparison can fail: later windows did see the corrupted bars.
    expect(inWindow(other, 2)).not.toEqual(inWindow(whole, 2));
    expect(inWindow(other, WHOLE_WINDOW)).not.toEqual(inWindow(whole, WHOLE_WINDOW));
  });

  it('tests what each window chose on rows after it, with rationed resources cut and combinations that cannot be passed over', async () => {
    const space = { ...STRENGTHS, 'signals.buyAbove': { float: [0.45, 0.6] } };
    const result = await search({ method: 'halving', trials: 6, halving: { eta: 2, from: 0.5 }, space }, bars);
    const { journal, folds, ranking } = result;
    const invalid = journal.filter(({ parameters }) => Number(parameters['signals.buyAbove']) < 0.49);
    expect(invalid.length).toBeGreaterThan(0);
    expect(new Set(invalid.map((row) => row.result.reason))).toEqual(new Set(['sellBelow must not exceed buyAbove']));
    const rungs = (rung: number): JournalRow[] =>
      journal.filter((row) => row.window === WHOLE_WINDOW && row.rung === rung && row.result.evidence !== null);
    expect(rungs(0)[0]!.result.evidence!.rows / rungs(1)[0]!.result.evidence!.rows).toBeCloseTo(0.5, 1);
    expect(ranking).toHaveLength(3);
    expect(folds.map(({ fold }) => fold)).toEqual([1, 2, 3]);
    for (const { fold, parameters } of folds) {
      const test = journal.find((row) => row.window === fold - 1 && row.rung === TEST_RUNG)!;
      expect(test.parameters).toEqual(parameters);
      expect(test.result.predictions!.symbol.length).toBeGreaterThan(70);
    }
    const scores = journal.filter(({ rung, result: { evidence } }) => rung !== TEST_RUNG && evidence !== null).length;
    expect(result.counted).toBe(
      `6 trials asked of halving in each of 3 training windows and on all rows: ${scores} scores ` +
        `(${invalid.length} more had none) of ${result.trials} different configurations, each a trial. ` +
        `With the record of the search itself, ${result.trials + 1} count against the result.`,
    );
    expect(result.trials).toBe(6 - new Set(invalid.map(({ trial }) => trial)).size);
  });

  it('counts what other experiments tried on the same bars against its best trial too', async () => {
    const settings = { trials: 3, space: STRENGTHS };
    const { journal } = await search(settings, bars);
    const { plan, data } = planInMemory(optionsOf(settings, bars));
    const finished = { hash: 'search', plan, journal };
    const records = recordsOf(finished, data);
    const random = createRandom('others');
    const others = Array.from({ length: 4 }, () => {
      const { timeMs } = records.trials[0]!;
      const returns = timeMs.map(() => 0.01 * random.normal());
      return { timeMs, returns, excessReturns: returns };
    });
    const judged = (before: readonly TrialRecord[]): OptimizeResult =>
      optimizeResult(finished, records, { data, history: historyOf([...before, ...records.trials]) });
    const { optimistic: alone } = judged([]);
    const { optimistic: beside, counted } = judged(others);
    expect(alone.reasons.join()).toContain(`best of ${records.trials.length} trials on this data`);
    expect(counted).toContain(`itself and 4 tried before on this data, ${records.trials.length + 4} count`);
    expect(beside.reasons.join()).toContain(`best of ${records.trials.length + 4} trials on this data`);
    expect(beside.deflatedSharpe).toBeLessThan(alone.deflatedSharpe!);
  });

  it('finds what was planted: no penalty so strong that nothing is left, and an honest score beside the flattering one', async () => {
    const strong = [plantedBars({ symbol: SYMBOL, bars: 900, seed: 4, correlation: 0.3 })];
    const { parameters, honest, optimistic } = await search({ trials: 6, space: STRENGTHS }, strong);
    expect(Number(parameters['estimators.linear.strength'])).toBeLessThan(1);
    expect(honest.sharpe).toBeGreaterThan(0.5);
    expect(optimistic.days).toBeGreaterThan(honest.days);
  });
});

describe('the best of 50 trials on pure noise', () => {
  it('looks good where it was chosen and is no evidence', async () => {
    const bars = [plantedBars({ symbol: SYMBOL, bars: 620, seed: 3, correlation: 0 })];
    const { trials, ranking, optimistic, honest, ...result } = await search(
      { trials: 50, seed: 3, space: { ...STRENGTHS, ...THRESHOLDS } },
      bars,
    );
    expect([trials, ranking.length]).toEqual([50, 50]);
    // Alone it would be called likely to be skill: 0.75. Beside the 49 others it is what luck shows.
    expect(optimistic.probabilisticSharpe).toBeGreaterThan(0.7);
    expect(optimistic.deflatedSharpe).toBeLessThan(optimistic.probabilisticSharpe! - 0.15);
    expect([optimistic.verdict, honest.verdict]).not.toContain('evidence');
    expect(result.probabilityOfOverfitting).toBeGreaterThan(0.2);
    expect(result.superiorAbility).toMatchObject({ trials: 50, periods: optimistic.days });
    expect(result.superiorAbility!.consistent).toBeGreaterThan(0.05);
    expect(result.reasons.join()).toContain('The best of 50 trials');
  });
});
