import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../experiment/experiment.ts';
import { trainingIdentity } from './training-identity.ts';

const PLAIN = { name: 'taught', universe: ['AAA'], features: ['return(1)', 'rsi(14)'] };

const identity = (changes: object = {}): string =>
  trainingIdentity(
    {
      experiment: experimentSchema.parse({ ...PLAIN, ...changes }),
      ...{ dataHash: 'd', featureSetHash: 'f', series: [] },
    },
    'none',
  );

describe('the identity of a training', () => {
  it.each<[string, object]>([
    ['its name', { name: 'other' }],
    ['labels', { labels: { horizonBars: 3 } }],
    ['splits', { splits: { kind: 'walk-forward', trainBars: 300, testBars: 60 } }],
    ['estimators', { estimators: [{ name: 'linear', kind: 'logistic-regression' }] }],
    ['the ensemble', { ensemble: { innerFolds: 3 } }],
    ['the seed', { seed: 8 }],
    ['features that are chosen', { selection: { pairs: 3 } }],
    ['how they are chosen', { selection: { pairs: 4 } }],
    ['features that are reduced', { reduction: { pca: { components: 2 } } }],
  ])('is another one where %s differs: what was learned before is not taken for it', (_what, changes) => {
    expect(identity(changes)).not.toBe(identity());
  });

  it('tells ways to choose and to reduce features apart', () => {
    expect(identity({ selection: { pairs: 3 } })).not.toBe(identity({ selection: { pairs: 4 } }));
    expect(identity({ reduction: { pca: { components: 2 } } })).not.toBe(
      identity({ reduction: { pca: { components: 3 } } }),
    );
  });

  it.each<[string, object]>([
    ['costs', { costs: { feeBps: 9 } }],
    ['capital', { capital: 5 }],
    ['intervals, which are made of what was predicted', { intervals: { level: 0.8 } }],
  ])('is the same where %s differ', (_what, changes) => {
    expect(identity(changes)).toBe(identity());
  });
});
