import type { WeightShape } from '../../initial-weights.ts';
import { temporalConvolutionParamsSchema, type TemporalConvolutionParams } from './temporal-convolution-params.ts';
import { sequenceEstimator } from '../sequence-network.ts';
import type { SequenceArchitecture } from '../sequence-architecture.ts';
import { ConvolutionForward } from './temporal-convolution-forward.ts';

export const temporalConvolutionArchitecture: SequenceArchitecture<TemporalConvolutionParams> = {
  kind: 'temporal-convolution',
  formatVersion: 1,
  params: temporalConvolutionParamsSchema,
  window: ({ kernelSize, levels }) => kernelSize ** levels,
  weights: (width, { kernelSize, levels, channels }) => [
    ...Array.from({ length: levels }, (_, level) =>
      levelWeights(level === 0 ? width : channels, kernelSize, channels, level),
    ).flat(),
    { name: 'output-kernel', shape: [channels, 1], start: 'glorot' },
    { name: 'output-bias', shape: [1], start: 'zeros' },
  ],
  forward: (width, settings, weights) => new ConvolutionForward(width, settings, weights),
  graph: async () => (await import('./temporal-convolution-graph.ts')).temporalConvolutionGraph,
};

/**
 * Kernel (oldest row first) and bias; and at the first level the matrix that brings the row itself to as many channels.
 */
function levelWeights(inputs: number, kernelSize: number, channels: number, level: number): WeightShape[] {
  const own: WeightShape[] = [
    { name: `kernel-${level}`, shape: [kernelSize * inputs, channels], start: 'glorot' },
    { name: `bias-${level}`, shape: [channels], start: 'zeros' },
  ];
  return level === 0 ? [...own, { name: 'residual', shape: [inputs, channels], start: 'glorot' }] : own;
}

/**
 * Causal convolutions of doubling reach with residual connections (van den Oord et al. 2016; Bai, Kolter and Koltun
 * 2018). A level's dilation is the reach of the level below, and only the last step's output is read, so that each
 * level is one matrix product over rows that do not overlap: nothing is computed that the last step does not use.
 */
export const temporalConvolution = sequenceEstimator(temporalConvolutionArchitecture);
