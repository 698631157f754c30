import { InputError } from '../../infra/errors.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { LOGIT_EDGE } from '../ensemble/logit.ts';
import { CLIP } from '../ensemble/scaler.ts';
import type { SerialisedEnsemble } from '../ensemble/serialised-ensemble.ts';
import { OnnxGraph } from './onnx-graph.ts';
import { addClip, addMember } from './onnx-members.ts';

/** An ensemble as a file of ONNX. */
export interface EnsembleOnnx {
  readonly bytes: Uint8Array;
  /** Columns of its input `features`: unscaled, 64 bits, NaN where one is missing. */
  readonly featureNames: readonly string[];
  /** Outputs, each a column of 64 bits: each member's probability by its name, and `probability` of up. */
  readonly outputs: readonly string[];
  /** Why there is no output `probability`; null where there is one. */
  readonly withoutProbability: string | null;
}

/** The whole as it predicts. */
const WHOLE = 'probability';

/**
 * Writes an ensemble with its scaler: what it says equals what is said here to 1e-6. Calculations are in 64 bits but
 * for the sums of trees, which the operator of ONNX gives in 32.
 * @throws InputError naming a member that is not written
 */
export function ensembleOnnx(name: string, ensemble: EnsembleModel): EnsembleOnnx {
  const { serialised, members, featureNames } = ensemble;
  const { center, factor } = serialised.scaler;
  if (members.some((member) => member.name === WHOLE)) {
    throw new InputError(`a member is called ${WHOLE}, which is the output of all together`, 'Give it another name.');
  }
  const graph = new OnnxGraph();
  const features = graph.input('features', featureNames.length);
  const centred = graph.add('Sub', [features, graph.constant(center, [center.length])]);
  const spread = graph.add('Mul', [centred, graph.constant(factor, [factor.length])]);
  const scaled = addColumns(graph, addClip(graph, spread, CLIP), serialised);
  const said = members.map((member) => addMember(graph, scaled, member.name, member.model));
  said.forEach((value, m) => graph.output(members[m]!.name, value));
  const withoutProbability = missingWhole(serialised);
  if (withoutProbability === null) graph.output(WHOLE, addWhole(graph, said, serialised));
  const outputs = [...members.map((member) => member.name), ...(withoutProbability === null ? [WHOLE] : [])];
  const notes = { features: JSON.stringify(featureNames), checksum: serialised.checksum };
  return { bytes: graph.encode(name, notes), featureNames, outputs, withoutProbability };
}

/** The columns that members look at. */
function addColumns(graph: OnnxGraph, scaled: string, { columns }: SerialisedEnsemble): string {
  if (columns === undefined) return scaled;
  return graph.add('Gather', [scaled, graph.integers(columns)], { axis: { integer: 1 } });
}

function missingWhole({ combiner, calibration, sideFeature }: SerialisedEnsemble): string | null {
  if (combiner.kind === 'regime') return 'ensemble.kind regime is not written';
  if (calibration.kind === 'isotonic') return 'ensemble.calibration isotonic is not written';
  return sideFeature === undefined ? null : 'labels.meta is not written';
}

/** As `logit`. */
function addLogit(graph: OnnxGraph, probability: string): string {
  const held = graph.add('Max', [
    graph.constant([LOGIT_EDGE]),
    graph.add('Min', [probability, graph.constant([1 - LOGIT_EDGE])]),
  ]);
  const other = graph.add('Sub', [graph.constant([1]), held]);
  return graph.add('Log', [graph.add('Div', [held, other])]);
}

/** `slope x value + intercept` of a column. */
function addLine(graph: OnnxGraph, value: string, slope: number, intercept: number): string {
  return graph.add('Add', [graph.add('Mul', [value, graph.constant([slope])]), graph.constant([intercept])]);
}

/** Tempered, combined and calibrated, as `loadEnsemble` does it. */
function addWhole(graph: OnnxGraph, said: readonly string[], serialised: SerialisedEnsemble): string {
  const { combiner, calibration, memberSlopes, baseLogit } = serialised;
  const weights =
    combiner.kind === 'weighted' ? combiner.weights : combiner.kind === 'stacked' ? combiner.coefficients : [];
  const isStacked = combiner.kind === 'stacked';
  const terms = said.map((value, m) => {
    const slope = memberSlopes[m]!;
    const tempered = graph.add('Sigmoid', [
      addLine(graph, addLogit(graph, value), slope, baseLogit - slope * baseLogit),
    ]);
    return graph.add('Mul', [isStacked ? addLogit(graph, tempered) : tempered, graph.constant([weights[m]!])]);
  });
  let sum = terms.reduce((total, term) => graph.add('Add', [total, term]));
  if (isStacked) sum = graph.add('Sigmoid', [graph.add('Add', [sum, graph.constant([combiner.intercept])])]);
  const score = graph.add('Sub', [addLogit(graph, sum), graph.constant([baseLogit])]);
  if (calibration.kind === 'isotonic') throw new InputError('isotonic calibration is not written');
  const slope = calibration.kind === 'sigmoid' ? calibration.slope : 1;
  return graph.add('Sigmoid', [addLine(graph, score, slope, calibration.intercept)]);
}
