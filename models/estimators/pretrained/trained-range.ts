import { momentMs } from '../../moment.ts';
import type { TimeRange } from '../../splits/fold.ts';
import { PRETRAINED, pretrainedParams } from './pretrained-params.ts';

/** What a model from elsewhere has seen, both ends included; a day alone is taken whole. */
export interface SeenRange extends TimeRange {
  /** The member's name. */
  readonly name: string;
  readonly trainedTo: string;
}

/** The declared ranges of an experiment's members that were trained elsewhere. */
export function seenRanges(
  estimators: readonly { readonly name: string; readonly kind: string; readonly [key: string]: unknown }[],
): SeenRange[] {
  return estimators.flatMap(({ name, kind, ...given }) => {
    if (kind !== PRETRAINED) return [];
    const { trainedFrom, trainedTo } = pretrainedParams.parse(given);
    return [{ name, trainedTo, fromMs: momentMs(trainedFrom), toMs: momentMs(trainedTo, true) }];
  });
}
