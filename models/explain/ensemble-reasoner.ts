import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { sideOf } from '../ensemble/primary-side.ts';
import { explainedSide } from './explain-side.ts';
import { rowCarrier, shareOf, sideColumnIn, type CarriedRow, type MemberSampling } from './row-carrier.ts';
import { LargestMoves, levelOf, REASONS, reasonsText } from './top-reasons.ts';

/** Numbers that `ensembleReasoner` tells of a row. */
export function movesOfRow({ featureNames, members }: Pick<EnsembleModel, 'featureNames' | 'members'>): number {
  return featureNames.length + members.length + 1;
}

/**
 * The words of `topReasons(explanation)` for each row without the explanations: of a panel's millions of rows, objects
 * for every feature of each took half of the time. `hear` is told what each feature, each member as a whole, and
 * last what is known without the row adds to its log-odds: together they are those of the combination.
 */
export function ensembleReasoner(
  ensemble: EnsembleModel,
  sampling: MemberSampling,
): (windows: Float64Array, rows: number, hear?: (moves: Float64Array) => void) => string[] {
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
  const movesOf = ({ row, own, slopes, contributions, absent }: CarriedRow): Float64Array => {
    const sign = sideColumn === null ? 1 : sideOf(row[sideColumn]!);
    const moves = new Float64Array(movesOfRow(ensemble));
    moves[moves.length - 1] = sign * absent;
    for (let j = 0; j < contributions.length; j++) moves[j] = sign * contributions[j]!;
    for (let m = 0; m < own.length; m++) {
      if (own[m]!.method === 'undivided') moves[featureNames.length + m] = sign * shareOf(own[m]!, slopes[m]!);
    }
    return moves;
  };
  return (windows, rows, hear) => {
    const reasons: string[] = [];
    carryRows(windows, rows, (carried) => {
      reasons.push(told(carried));
      hear?.(movesOf(carried));
    });
    return reasons;
  };
}
