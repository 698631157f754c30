import type { CrossFeature } from '../kernel.ts';
import { ROUNDING } from '../rounding.ts';

function standardiseInPlace(values: Float64Array, count: number): void {
  let mean = 0;
  for (let i = 0; i < count; i++) mean += values[i]!;
  mean /= count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) * (values[i]! - mean);
  const deviation = Math.sqrt(squares / count);
  const flat = !(deviation > Math.abs(mean) * ROUNDING);
  for (let i = 0; i < count; i++) values[i] = flat ? 0 : (values[i]! - mean) / deviation;
}

export const crossZScore: CrossFeature = {
  name: 'crosszscore',
  version: 1,
  source:
    '(x - mean) / population standard deviation among the symbols of the universe that have a value at that time; 0 where all are equal.',
  inputs: 'cross',
  parameters: [],
  warmUp: () => 0,
  combine: (values, count) => standardiseInPlace(values, count),
};
