import type { WeightShape } from '../../initial-weights.ts';
import { transformerEncoderParamsSchema, type TransformerEncoderParams } from './transformer-params.ts';
import { sequenceEstimator } from '../sequence-network.ts';
import type { SequenceArchitecture } from '../sequence-architecture.ts';
import { TransformerForward } from './transformer-forward.ts';

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
  params: transformerEncoderParamsSchema,
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
 * Transformer encoder (Vaswani et al. 2017), normalised before each part (Xiong et al. 2020), with learned positions.
 * The last row's place in the last layer decides, so that this layer asks for that row alone.
 */
export const transformerEncoder = sequenceEstimator(transformerArchitecture);
