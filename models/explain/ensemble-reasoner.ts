import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { sideOf } from '../ensemble/primary-side.ts';
import { explainedSide } from './explain-side.ts';
import { rowCarrier, shareOf, sideColumnIn, type CarriedRow, type MemberSampling } from './row-carrier.ts';
import { LargestMoves, levelOf, REASONS, reasonsText } from './top-reasons.ts';

/**
 * The words of `topReasons(explanation)` for each row without the explanations: of a panel's millions of rows, objects
 * for every feature of each took half of the time.
 */
export function ensembleReasoner(
  ensemble: EnsembleModel,
  sampling: MemberSampling,
): (windows: Float64Array, rows: number) => string[] {
  const { members, featureNames } = ensemble;
  const sideColumn = sideColumnIn(ensemble);
  const carryRows = rowCarrier(ensemble, sampling);
  const told = ({ row, scaled, own, slopes, contributions }: CarriedRow): string => {
    const side = sideColumn === null ? null : explainedSide(featureNames[sideColumn]!, row[sideColumn]!);
    const sign = side === null ? 1 : sideOf(side.value);
    const moved = new LargestMoves(REASONS);
    for (let j = 0; j < contributions.length; j++) moved.offer(sign * contributions[j]!, j);
    own.forEach((member, m) => {
      if (member.method === 'undivided') moved.offer(sign * shareOf(member, slopes[m]!), featureNames.length + m);
    });
    const nameOf = (at: number): string =>
      at < featureNames.length
        ? `${featureNames[at]} ${levelOf({ distance: scaled[at]! })}`
        : `${members[at - featureNames.length]!.name} as a whole`;
    return reasonsText(side, moved.list(nameOf));
  };
  return (windows, rows) => {
    const reasons: string[] = [];
    carryRows(windows, rows, (carried) => reasons.push(told(carried)));
    return reasons;
  };
}
