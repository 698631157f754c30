import { calibrate } from '../ensemble/calibration.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { probabilityIn, type MemberExplanation } from './explain-member.ts';
import { explanationOfUp, type ExplainedSide } from './explain-side.ts';
import { rowCarrier, shareOf, sideColumnIn, type CarriedRow, type MemberSampling } from './row-carrier.ts';

export interface ExplainedFeature {
  readonly name: string;
  /** The feature as it was, unscaled; NaN when it was missing. */
  readonly value: number;
  /** How many spreads of the training rows it stood from their median: at most 6. */
  readonly distance: number;
  /** What it adds to the score. */
  readonly contribution: number;
}

export interface ExplainedMember extends MemberExplanation {
  readonly name: string;
  readonly kind: string;
  readonly probability: number;
  /** What the member as a whole adds to the score. */
  readonly share: number;
}

/** One prediction of an ensemble taken apart. */
export interface EnsembleExplanation {
  /** Calibrated probability of up, and the one that the model gives when nothing is known. */
  readonly probability: number;
  readonly baseProbability: number;
  /** Scores are log-odds above those of the training base rate; `score` is `baseScore` plus all contributions and undivided members. */
  readonly score: number;
  readonly baseScore: number;
  /** In the order of the model's features. */
  readonly features: readonly ExplainedFeature[];
  readonly members: readonly ExplainedMember[];
  /** The primary side of a model that learned whether that side is right; what is told above is of up all the same. */
  readonly side?: ExplainedSide;
}

/**
 * Explains predictions of an ensemble. Each member is explained in its own unit (exactly for trees and linear models, sampled for others,
 * and named so), and its contributions are carried through tempering and combination by the slopes between what the model says of nothing and
 * of the row, so that all contributions (of features, and of members that stay undivided) add up to the score exactly. What a model
 * with a primary side learned is told as of up. Takes unscaled windows, `rows * window * width`.
 */
export function ensembleExplainer(
  ensemble: EnsembleModel,
  sampling: MemberSampling,
): (windows: Float64Array, rows: number) => EnsembleExplanation[] {
  const { serialised, members, featureNames } = ensemble;
  const { baseLogit, calibration } = serialised;
  const sideColumn = sideColumnIn(ensemble);
  const carryRows = rowCarrier(ensemble, sampling);
  const explained = ({ row, scaled, own, slopes, absent, present, contributions }: CarriedRow): EnsembleExplanation => {
    const learned: EnsembleExplanation = {
      probability: calibrate(calibration, present - baseLogit),
      baseProbability: calibrate(calibration, absent - baseLogit),
      score: present - baseLogit,
      baseScore: absent - baseLogit,
      features: featureNames.map((name, j) => ({
        name,
        value: row[j]!,
        distance: scaled[j]!,
        contribution: contributions[j]!,
      })),
      members: own.map((member, m) => ({
        ...member,
        name: members[m]!.name,
        kind: members[m]!.model.kind,
        probability: probabilityIn(member.unit, member.value),
        share: shareOf(member, slopes[m]!),
      })),
    };
    return sideColumn === null ? learned : explanationOfUp(learned, learned.features[sideColumn]!, baseLogit);
  };
  return (windows, rows) => {
    const explanations: EnsembleExplanation[] = [];
    carryRows(windows, rows, (carried) => explanations.push(explained(carried)));
    return explanations;
  };
}
