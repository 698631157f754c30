import { LstmForward } from './lstm-forward.ts';
import { lstmNetworkParamsSchema, type LstmNetworkParams } from './lstm-params.ts';
import { sequenceEstimator } from '../sequence-network.ts';
import type { SequenceArchitecture } from '../sequence-architecture.ts';

export const lstmArchitecture: SequenceArchitecture<LstmNetworkParams> = {
  kind: 'lstm-network',
  formatVersion: 1,
  params: lstmNetworkParamsSchema,
  window: ({ window }) => window,
  // Columns of the four gates in turn: input, forget, candidate, output.
  weights: (width, { units }) => [
    { name: 'kernel', shape: [width, 4 * units], start: 'glorot' },
    { name: 'recurrent', shape: [units, 4 * units], start: 'orthogonal' },
    { name: 'bias', shape: [4 * units], start: 'forget-bias' },
    { name: 'output-kernel', shape: [units, 1], start: 'glorot' },
    { name: 'output-bias', shape: [1], start: 'zeros' },
  ],
  forward: (width, { window, units }, weights) => new LstmForward({ width, window, units }, weights),
  graph: async () => (await import('./lstm-graph.ts')).lstmGraph,
};

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates) over the last rows; its last state
 * decides.
 */
export const lstmNetwork = sequenceEstimator(lstmArchitecture);
