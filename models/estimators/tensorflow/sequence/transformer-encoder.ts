import { z } from 'zod';
import type { WeightShape } from '../initial-weights.ts';
import { trainingShape } from '../network-settings.ts';
import { sequenceEstimator } from './sequence-network.ts';
import type { SequenceArchitecture } from './sequence-network.ts';
import { TransformerForward } from './transformer-forward.ts';

const params = z
  .strictObject({
    /** Rows of a symbol that are read, the predicted one last. */
    window: z.int().min(2).max(256).default(16),
    /** Width of a row inside the network. */
    units: z.int().min(1).max(256).default(16),
    heads: z.int().min(1).max(16).default(2),
    /** Encoder layers, each attention and a rectified layer. */
    layers: z.int().min(1).max(6).default(1),
    /** Units of the rectified layer. */
    hidden: z.int().min(1).max(1024).default(32),
    ...trainingShape,
  })
  .refine(({ units, heads }) => units % heads === 0, {
    message: 'units must be a multiple of heads',
    path: ['heads'],
  });

export type TransformerEncoderParams = z.infer<typeof params>;

/** Weights before those of the layers, and of each layer, in the order of `weights`. */
export const EMBEDDING_WEIGHTS = 3;
export const LAYER_WEIGHTS = 12;

function layerWeights(layer: number, units: number, hidden: number): WeightShape[] {
  const zeros = (name: string, size: number): WeightShape => ({
    name: `${name}-${layer}`,
    shape: [size],
    start: 'zeros',
  });
  const ones = (name: string): WeightShape => ({ name: `${name}-${layer}`, shape: [units], start: 'ones' });
  const matrix = (name: string, rows: number, columns: number): WeightShape => ({
    name: `${name}-${layer}`,
    shape: [rows, columns],
    start: 'glorot',
  });
  return [
    ones('attention-scale'),
    zeros('attention-shift', units),
    matrix('query-key-value', units, 3 * units),
    zeros('query-key-value-bias', 3 * units),
    matrix('joined', units, units),
    zeros('joined-bias', units),
    ones('hidden-scale'),
    zeros('hidden-shift', units),
    matrix('hidden', units, hidden),
    zeros('hidden-bias', hidden),
    matrix('back', hidden, units),
    zeros('back-bias', units),
  ];
}

export const transformerArchitecture: SequenceArchitecture<TransformerEncoderParams> = {
  kind: 'transformer-encoder',
  formatVersion: 1,
  params,
  window: ({ window }) => window,
  weights: (width, { window, units, layers, hidden }) => [
    { name: 'embedding', shape: [width, units], start: 'glorot' },
    { name: 'embedding-bias', shape: [units], start: 'zeros' },
    { name: 'position', shape: [window, units], start: 'small' },
    ...Array.from({ length: layers }, (_, layer) => layerWeights(layer, units, hidden)).flat(),
    { name: 'output-scale', shape: [units], start: 'ones' },
    { name: 'output-shift', shape: [units], start: 'zeros' },
    { name: 'output-kernel', shape: [units, 1], start: 'glorot' },
    { name: 'output-bias', shape: [1], start: 'zeros' },
  ],
  forward: (width, settings, weights) => new TransformerForward(width, settings, weights),
  graph: async () => (await import('./transformer-graph.ts')).transformerGraph,
};

/**
 * Transformer encoder (Vaswani et al. 2017), normalised before each part (Xiong et al. 2020), with learned positions. The last
 * row's place in the last layer decides, so that this layer asks for that row alone.
 */
export const transformerEncoder = sequenceEstimator(transformerArchitecture);
