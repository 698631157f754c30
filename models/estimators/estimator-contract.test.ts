import { compileOwnFile } from '../../infra/own-files/compile-own-file.ts';
import { estimatorContract } from './estimator-contract.ts';
import type { ContractOptions } from './estimator-contract.ts';
import { expect, it } from 'vitest';
import { ESTIMATOR_KINDS, estimatorOf } from './registry.ts';

const nearestMeans = compileOwnFile('models/estimators/own/example/nearest-means.ts', 'estimator');

const CASES: Readonly<Record<string, ContractOptions>> = {
  'random-forest': { quick: { trees: 20, maxDepth: 6 }, aucMin: 0.85 },
  'gradient-boosting': { quick: { rounds: 60, learningRate: 0.1, maxDepth: 3 }, aucMin: 0.85 },
  'ml-random-forest': { quick: { trees: 15, rowsPerTree: 120, featureFraction: 0.7 }, aucMin: 0.8, priorWithin: 0.5 },
  'logistic-regression': { quick: {}, aucMin: 0.88 },
  'ridge-regression': { quick: {}, aucMin: 0.88 },
  file: { quick: { code: nearestMeans, parameters: { softness: 1 } }, least: { code: nearestMeans }, aucMin: 0.85 },
  'dense-network': {
    quick: { layers: [8], epochs: 12, batchSize: 64, learningRate: 0.02, backend: 'wasm' },
    aucMin: 0.85,
  },
  'lstm-network': {
    quick: { window: 4, units: 6, epochs: 12, batchSize: 64, learningRate: 0.03, dropout: 0, backend: 'wasm' },
    aucMin: 0.85,
  },
  'temporal-convolution': {
    quick: { levels: 2, channels: 6, epochs: 12, batchSize: 64, learningRate: 0.02, dropout: 0, backend: 'wasm' },
    aucMin: 0.85,
  },
  'transformer-encoder': {
    quick: {
      window: 4,
      units: 8,
      hidden: 8,
      epochs: 12,
      batchSize: 64,
      learningRate: 0.02,
      dropout: 0,
      backend: 'wasm',
    },
    aucMin: 0.85,
  },
};

it('covers every kind that learns', () => {
  const learning = ESTIMATOR_KINDS.filter((kind) => estimatorOf(kind).learns !== false);
  expect(Object.keys(CASES).sort()).toEqual([...learning].sort());
});

for (const [kind, options] of Object.entries(CASES)) estimatorContract(estimatorOf(kind), options);

it('names the nearest kind for an unknown one', () => {
  expect(() => estimatorOf('random-florest')).toThrow(/nearest: "random-forest"/);
});
