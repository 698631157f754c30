import { InputError } from '../../../infra/errors.ts';
import { takeRows, withColumns, type Dataset } from '../../dataset.ts';
import { sideColumnOf, sidesOf } from '../../ensemble/primary-side.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { metaLabel } from '../../labels/meta-label.ts';

/** The rows that an ensemble learns from. */
export interface LearnedRows {
  /**
   * `y` and `realisedReturn` are what is learned: label and return, or whether the primary side was right and what was
   * earned on it.
   */
  readonly data: Dataset;
  /** The same rows with the label and the return themselves. */
  readonly market: Dataset;
  /** The primary side of each row, none of them 0; null where there is no primary model. */
  readonly sides: Int8Array | null;
}

/**
 * The rows of a training window that are learned from: all of them, or with `labels.meta` those that have a primary
 * side, each labelled by whether that side was right. InputError when too few have one for the ensemble's inner folds.
 */
export function learnedRows(train: Dataset, experiment: Experiment, where: string): LearnedRows {
  const { meta } = experiment.labels;
  if (meta === undefined) return { data: train, market: train, sides: null };
  const { rows, width } = train;
  const column = sideColumnOf(train.featureNames, meta.side);
  const all = sidesOf(train.x, { rows, width, column });
  const taken = Int32Array.from(all.keys()).filter((row) => all[row] !== 0);
  const least = 2 * experiment.ensemble.innerFolds;
  if (taken.length < least) {
    throw new InputError(
      `labels.meta.side: ${meta.side} takes a side in ${taken.length} of the ${rows} training rows of ${where}; at least ${least} are needed`,
      'Name a feature that is above or below zero more often, or take more data.',
    );
  }
  const sides = all.filter((side) => side !== 0);
  const market = takeRows(train, taken);
  const y = market.y.map((up, row) => metaLabel(up, sides[row]!));
  const realisedReturn = market.realisedReturn.map((value, row) => sides[row]! * value);
  return { data: withColumns(market, { y, realisedReturn }), market, sides };
}
