import { describe, expect, it } from 'vitest';
import { comparePlan, planWords } from './compare-plan.ts';
import { plannedName } from './follow-plan.ts';
import { measureOf } from './plan-measures.ts';
import type { RegisteredPlan } from './plan-schema.ts';

const registered: RegisteredPlan = {
  id: 4,
  experimentName: 'one',
  registeredAt: new Date(Date.UTC(2026, 2, 4, 5, 6)),
  experimentHash: 'e1',
  dataHash: 'a'.repeat(64),
  plan: {
    experiment: 'one',
    hypothesis: 'Momentum pays.',
    measure: 'excessSharpe',
    minimumEffect: 0.4,
    maxTrials: 20,
  },
  experiment: { name: 'one', features: ['rsi(14)', 'roc(5)'], splits: { trainBars: 300 }, search: { trials: 3 } },
  trialsSeen: 0,
};
const done = { experiment: registered.experiment, dataHash: registered.dataHash, trials: 20, value: 0.4, plans: 1 };

describe('comparePlan', () => {
  it('finds nothing where all was done as planned, whatever the name and the size of a search', () => {
    const experiment = { ...registered.experiment, name: 'one.other', search: { trials: 20 } };
    const section = comparePlan(registered, { ...done, experiment, chosenBy: 'excessSharpe' });
    expect(section).toMatchObject({ departures: [], reached: true, trials: 20 });
    expect(planWords(section)).toEqual([
      'plan 4 of 2026-03-04 05:06 UTC: excessSharpe 0.400 reaches the 0.400 that it asked for, ' +
        'in 20 of at most 20 trials; all was done as planned.',
    ]);
  });

  it('names more trials, other data, another measure, other features and splits', () => {
    const experiment = { ...registered.experiment, features: ['roc(5)', 'adx(14)'], splits: { trainBars: 300, x: 1 } };
    const section = comparePlan(registered, {
      ...done,
      experiment,
      dataHash: 'b'.repeat(64),
      trials: 21,
      chosenBy: 'auc',
      value: null,
    });
    expect(section.departures).toEqual([
      { what: 'trials', planned: 'at most 20', done: '21' },
      { what: 'data', planned: 'aaaaaaaaaaaa', done: 'bbbbbbbbbbbb' },
      { what: 'measure', planned: 'excessSharpe', done: 'chosen by auc' },
      { what: 'features', planned: 'rsi(14)', done: 'adx(14)' },
      { what: 'splits.x', planned: 'absent', done: '1' },
    ]);
    expect(section.reached).toBeNull();
    expect(planWords(section)[0]).toContain('there is no excessSharpe');
    expect(planWords(section)).toHaveLength(6);
  });

  it('goes by the name of the experiment itself', () => {
    expect(['a-b', 'a-b.csv-1', 'a-b-set-0123abcd', 'a-b-set-up'].map(plannedName)).toEqual([
      'a-b',
      'a-b',
      'a-b',
      'a-b-set-up',
    ]);
  });
});

it('takes measures a year, and none where there is no benchmark', () => {
  const returns = Float64Array.of(0.01, 0.03, 0.02, 0.02);
  const scores = { auc: 0.6, informationCoefficient: 0.1 } as Parameters<typeof measureOf>[1]['scores'];
  const of = { returns, excessReturns: new Float64Array(0), scores, periodsPerYear: 4 };
  expect(measureOf('sharpe', of)).toBeCloseTo((2 * 0.02) / Math.sqrt(0.0002 / 3), 9);
  expect(measureOf('excessReturn', { ...of, excessReturns: returns })).toBeCloseTo(0.08, 12);
  expect([measureOf('excessSharpe', of), measureOf('excessReturn', of)]).toEqual([null, null]);
  expect(measureOf('auc', of)).toBe(0.6);
});
