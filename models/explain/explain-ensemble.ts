import type { EnsembleExplanation } from './ensemble-explanation.ts';
import { calibrate } from '../ensemble/calibration.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { probabilityIn } from './explain-member.ts';
import { explanationOfUp } from './explain-side.ts';
import { rowCarrier, shareOf, sideColumnIn, type CarriedRow, type MemberSampling } from './row-carrier.ts';

/**
 * Explains predictions of an ensemble. Each member is explained in its own unit (exactly for trees and linear models,
 * sampled for others, and named so), and its contributions are carried through tempering and combination by the slopes
 * between what the model says of nothing and of the row, so that all contributions (of features, and of members that
 * stay undivided) add up to the score exactly. What a model with a primary side learned is told as of up. Takes
 * unscaled windows, `rows * window * width`.
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
