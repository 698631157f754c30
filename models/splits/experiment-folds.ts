import { InputError } from '../../infra/errors.ts';
import type { Dataset } from '../dataset.ts';
import { seenRanges } from '../estimators/pretrained/trained-range.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { Fold } from './fold.ts';
import { foldsOf } from './folds-of.ts';
import { isEvidence, seenRows, UNSEEN_BARS_MIN } from './seen-rows.ts';

type Split = Pick<Experiment, 'splits' | 'estimators'>;

/**
 * The folds of an experiment that are evidence, in order, counted anew: a walk-forward leaves out every window that
 * overlaps what a member has seen where it was trained, or that has too little after it to learn from.
 * @throws InputError when the data is too short for the splits, when no window is left, and for splits other than a
 * walk-forward when any window overlaps
 */
export function experimentFolds(dataset: Dataset, { splits, estimators }: Split): Fold[] {
  const folds = foldsOf(dataset, splits);
  const seen = seenRows(dataset, { splits, estimators });
  if (seen === null || folds.length === 0) return folds;
  const left = folds.filter((fold) => isEvidence(dataset, fold, seen));
  if (left.length === folds.length) return folds;
  const { name, trainedTo } = latestOf(estimators);
  const has = `estimators.${name} has seen all up to trainedTo ${trainedTo}`;
  if (splits.kind !== 'walk-forward') {
    throw new InputError(
      `${has}: ${folds.length - left.length} of ${folds.length} folds of ${splits.kind} overlap it, and are no evidence`,
      'Use splits.kind: walk-forward, which leaves them out, or take only data after trainedTo (data.from).',
    );
  }
  if (left.length === 0) {
    throw new InputError(
      `${has}: each of the ${folds.length} test windows overlaps it, or has fewer than ${UNSEEN_BARS_MIN} bars after it ` +
        'to learn from, so none is evidence',
      'Take more data after trainedTo (data.to), smaller splits.testBars, or a model that was trained on less.',
    );
  }
  return left.map((fold, index) => ({ ...fold, index }));
}

/** What is left out of the evidence of an experiment, in words for its results; none where all members learn here. */
export function leftOutWords({ estimators, splits }: Split): string[] {
  if (seenRanges(estimators).length === 0) return [];
  const { name, trainedTo } = latestOf(estimators);
  const [then, out] = [`up to then and ${splits.embargoBars} bars on`, 'are no evidence and are left out'];
  return [`${name} was trained elsewhere on data up to ${trainedTo}: windows tested ${then} ${out}`];
}

/** The member that has seen the most. */
function latestOf(estimators: Split['estimators']): { name: string; trainedTo: string } {
  return seenRanges(estimators).reduce((latest, one) => (one.toMs > latest.toMs ? one : latest));
}
