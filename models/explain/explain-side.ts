import { probabilityOfUp, scoreOfUp, sideOf } from '../ensemble/primary-side.ts';
import type { EnsembleExplanation, ExplainedFeature, ExplainedMember, ExplainedSide } from './ensemble-explanation.ts';

function memberOfUp(member: ExplainedMember, side: number): ExplainedMember {
  const turned = (output: number): number =>
    member.unit === 'probability' ? probabilityOfUp(output, side) : side * output;
  return {
    ...member,
    base: turned(member.base),
    value: turned(member.value),
    contributions: member.contributions.map((one) => side * one),
    probability: probabilityOfUp(member.probability, side),
    share: side * member.share,
  };
}

/**
 * What moved the learned probability, that the primary side is right, as what moved the probability of up: the same
 * where the side is long, with every sign changed where it is short, nothing where there is none. `baseLogit` are the
 * log-odds of the side being right over the training rows, which scores of up contain.
 */
export function explanationOfUp(
  learned: EnsembleExplanation,
  { name, value }: Pick<ExplainedFeature, 'name' | 'value'>,
  baseLogit: number,
): EnsembleExplanation {
  const side = sideOf(value);
  return {
    probability: probabilityOfUp(learned.probability, side),
    baseProbability: probabilityOfUp(learned.baseProbability, side),
    score: scoreOfUp(learned.score, baseLogit, side),
    baseScore: scoreOfUp(learned.baseScore, baseLogit, side),
    features: learned.features.map((feature) => ({ ...feature, contribution: side * feature.contribution })),
    members: learned.members.map((member) => memberOfUp(member, side)),
    side: explainedSide(name, value),
  };
}

/** The side that a primary model's feature takes. */
export function explainedSide(feature: string, value: number): ExplainedSide {
  const side = sideOf(value);
  return { feature, value, direction: side === 0 ? 'none' : side > 0 ? 'long' : 'short' };
}

/** The primary side in words; empty for models that have none. */
export function sideText(side: ExplainedSide | null): string {
  if (side === null) return '';
  return side.direction === 'none'
    ? `the primary takes no side by ${side.feature}`
    : `the primary side is ${side.direction} by ${side.feature}`;
}
