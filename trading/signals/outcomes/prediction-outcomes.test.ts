import { expect, it } from 'vitest';
import { experimentSchema } from '../../../models/experiment/experiment.ts';
import { sumOutcomes } from './prediction-outcomes.ts';

it('predictions add up by what the thresholds make of them; those of an open horizon are only counted', () => {
  const { signals } = experimentSchema.parse({ name: 'one', universe: ['AAA'] });
  const rows: [probability: number, y: number, realised: number][] = [
    [0.9, 1, 0.02],
    [0.8, 0, -0.01],
    [0.7, NaN, NaN],
    [0.51, 1, 0.03],
    [0.4, 0, -0.04],
    [0.56, NaN, NaN],
  ];
  const column = (at: number): Float64Array => Float64Array.from(rows, (row) => row[at]!);
  const sums = sumOutcomes({ probability: column(0), y: column(1), realisedReturn: column(2) }, signals);
  const none = { hitRate: null, meanReturn: null };
  expect(sums).toEqual([
    { action: 'BUY', strength: 'strong', predictions: 3, known: 2, hitRate: 0.5, meanReturn: 0.005 },
    { action: 'BUY', strength: 'moderate', predictions: 1, known: 0, ...none },
    { action: 'SELL', strength: 'moderate', predictions: 1, known: 1, hitRate: 1, meanReturn: 0.04 },
    { action: 'HOLD', strength: 'weak', predictions: 1, known: 1, hitRate: 1, meanReturn: 0.03 },
  ]);
});
