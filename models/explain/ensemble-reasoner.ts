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
    for (let m = 0; m < own.length; m++) {
      if (own[m]!.method !== 'undivided') continue;
      moved.offer(sign * shareOf(own[m]!, slopes[m]!), featureNames.length + m);
    }
    // Given as it is: under a name it would be defined anew for each row.
    const text = moved.list((at) =>
      at < featureNames.length
        ? `${featureNames[at]} ${levelOf({ distance: scaled[at]! })}`
        : `${members[at - featureNames.length]!.name} as a whole`,
    );
    return reasonsText(side, text);
  };
  return (windows, rows) => {
    const reasons: string[] = [];
    carryRows(windows, rows, (carried) => reasons.push(told(carried)));
    return reasons;
  };
}
