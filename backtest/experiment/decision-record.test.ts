import { describe, expect, it } from 'vitest';
import { decisionRecord } from './decision-record.ts';

describe('what was known at a decision', () => {
  const dataset = {
    ...{ symbols: ['A', 'B'], symbolIndex: Int32Array.of(0, 1, 0), featureNames: ['rsi(14)', 'return(1)'], width: 2 },
    decisionTimeMs: Float64Array.of(1_000, 1_000, 2_000),
    x: Float64Array.of(30, 0.1, 40, 0.2, 50, NaN),
  };
  const predictions = {
    ...{ symbol: ['A', 'A', 'B'], fold: Int32Array.of(0, 3, 1), path: Int32Array.of(1, 0, 0) },
    decisionTimeMs: Float64Array.of(1_000, 1_000, 2_000),
    trainedToMs: Float64Array.of(0, Date.UTC(2020, 4, 1), -Infinity),
    probability: Float64Array.of(0.1, 0.6, 0.55),
  };
  const record = decisionRecord(dataset, predictions);

  it('is the row of features of that symbol and time', () => {
    const row = [
      ['rsi(14)', 40],
      ['return(1)', 0.2],
    ];
    expect(record.featuresOf('B', 1_000)).toEqual(row);
    expect(record.featuresOf('B', 2_000)).toBeNull();
    expect(record.featuresOf('A', 3_000)).toBeNull();
  });

  it('is the model of the first path that predicted from it', () => {
    expect(record.modelOf('A', 1_000)).toBe('ensemble of fold 4, trained to 2020-05-01, probability of up 0.6000');
    expect(record.modelOf('B', 2_000)).toBe('ensemble of fold 2, probability of up 0.5500');
    expect(record.modelOf('B', 1_000)).toBeNull();
  });
});
