import type { EnsembleExplanation, ExplainedMember } from './ensemble-explanation.ts';
import type { ExplainedPrediction } from './explain-prediction.ts';
import { sideText } from './explain-side.ts';
import { byContribution, levelOf, signed } from './top-reasons.ts';

const SHOWN = 10;
const SMALL = 0.0005;

const METHODS: Readonly<Record<ExplainedMember['method'], string>> = {
  'tree-shap': 'exact tree SHAP',
  linear: 'exact, linear',
  'sampled-shapley': 'sampled Shapley values',
  undivided: 'not divided among features',
};

function figure(value: number): string {
  if (Number.isNaN(value)) return 'missing';
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(3) : value.toPrecision(4);
}

/** The model, and where it stands to the row. */
function source({ model, fold, trainedOn }: ExplainedPrediction): string {
  if (fold !== null) return `${model}, by its model of fold ${fold}, which predicted this bar out of sample`;
  return trainedOn ? `${model}, which was trained on this very bar: no forecast` : model;
}

/** The primary side, and what the model says of it. */
function sideLines(explanation: EnsembleExplanation): string[] {
  const { side, probability } = explanation;
  if (side === undefined) return [];
  const words = `${sideText(side)} (${figure(side.value)})`;
  if (side.direction === 'none') return [`Here ${words}: the model has nothing to judge.`];
  const right = side.direction === 'long' ? probability : 1 - probability;
  return [`Here ${words}; the model learned how likely that is right and says ${right.toFixed(4)}.`];
}

/** An explanation in words: the forecast, what moved it, and what each member says. */
export function explanationText(prediction: ExplainedPrediction): string {
  const { explanation, symbol, timeMs } = prediction;
  const { probability, baseProbability, score, baseScore, members } = explanation;
  const ordered = byContribution(explanation);
  const shown = ordered.slice(0, SHOWN).filter(({ contribution }) => Math.abs(contribution) >= SMALL);
  const rest = ordered.slice(shown.length).reduce((sum, { contribution }) => sum + contribution, 0);
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  const lines = [
    `${symbol} at ${new Date(timeMs).toISOString()}: probability of up ${probability.toFixed(4)} by ${source(prediction)}.`,
    `Knowing nothing of the bar the model says ${baseProbability.toFixed(4)}; its features move the score from ` +
      `${signed(baseScore, 4)} to ${signed(score, 4)} (log-odds ${explanation.side === undefined ? 'above the base rate' : 'of up'}).`,
    ...sideLines(explanation),
    '',
    shown.length === 0 ? 'No feature moves it by as much as 0.001.' : 'What moves it, the largest first:',
    ...shown.map(
      (feature) =>
        `  ${signed(feature.contribution)}  ${feature.name.padEnd(width)}  ${figure(feature.value)} (${levelOf(feature)})`,
    ),
    ...(ordered.length > shown.length
      ? [`  ${signed(rest)}  the other ${ordered.length - shown.length} together`]
      : []),
    '',
    'Members:',
    ...members.map(
      ({ name, kind, probability: own, share, method }) =>
        `  ${signed(share)}  ${name} (${kind}) says ${own.toFixed(4)}; ${METHODS[method]}`,
    ),
  ];
  return lines.join('\n');
}

/** The same as data: features by size of contribution, NaN as null. */
export function explanationJson(prediction: ExplainedPrediction): Record<string, unknown> {
  const { explanation, timeMs, ...rest } = prediction;
  const { members, features: _features, ...figures } = explanation;
  const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    ...rest,
    time: new Date(timeMs).toISOString(),
    ...figures,
    features: byContribution(explanation).map((feature) => ({
      ...feature,
      value: orNull(feature.value),
      distance: orNull(feature.distance),
      level: levelOf(feature),
    })),
    members: members.map(({ contributions: _contributions, standardError, ...member }) => ({
      ...member,
      largestStandardError: standardError === null ? null : orNull(Math.max(...standardError)),
    })),
  };
}
