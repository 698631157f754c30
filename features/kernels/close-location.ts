import type { BarFeature } from '../kernel.ts';

export const closeLocation: BarFeature = {
  name: 'closelocation',
  version: 1,
  source:
    'Close location value of Marc Chaikin: ((close - low) - (high - close)) / (high - low), in [-1, 1]; 0 in a bar without range.',
  inputs: 'bar',
  parameters: [],
  warmUp: () => 0,
  create: () => ({
    next: ({ high, low, close }) => (high > low ? (close - low - (high - close)) / (high - low) : 0),
  }),
};
