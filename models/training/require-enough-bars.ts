import { computeFeatures } from '../../features/feature-matrix.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import type { CheckedBars } from '../experiment/checked-experiment.ts';
import { experimentWindow } from '../registry/experiment-window.ts';
import type { Dataset } from '../dataset.ts';
import { seenRanges } from '../estimators/pretrained/trained-range.ts';
import { decisionTimesOf } from '../splits/fold.ts';
import { experimentFolds } from '../splits/experiment-folds.ts';
import { buildDataset } from './build-dataset.ts';

/**
 * Bars of which the first can have no features and the last no label: with so many the folds of any experiment are
 * there, if its splits have room for as many rows again.
 */
const PLENTY = 2;

const PERIOD_DAYS = { week: 7, month: 31, quarter: 92, year: 366 } as const;

/** Whether the bars are so many that nobody has to count. */
function isPlenty({ experiment: { splits, labels, estimators }, set, bars }: CheckedBars): boolean {
  // A member from elsewhere may have seen most of them.
  if (seenRanges(estimators).length > 0) return false;
  const longest = bars.reduce((best, one) => (one.length > best.length ? one : best));
  const spare = longest.length - PLENTY * (set.warmUpBars + labels.horizonBars + splits.embargoBars);
  if (splits.period === undefined) return spare > PLENTY * (splits.trainBars + splits.testBars);
  const asked = (splits.trainPeriods + splits.testPeriods + 1) * PERIOD_DAYS[splits.period] * DAY_MS;
  const span = longest.closeTimeMs[longest.length - 1]! - longest.openTimeMs[0]!;
  return span > PLENTY * asked && spare > longest.length / 2;
}

/**
 * Throws InputError where bars are too few for one fold of the experiment, before anything of them is stored. What has
 * plenty is not looked at; else features and labels are computed in memory as the training would have them, since only
 * they tell how many rows are left.
 */
export function requireEnoughBars(checked: CheckedBars): void {
  if (isPlenty(checked)) return;
  const { experiment, set, bars } = checked;
  const matrices = computeFeatures(set, bars);
  const { dataset } = buildDataset({ matrices, bars, experiment, window: experimentWindow(experiment) });
  let why = 'too few for a single fold';
  try {
    if (dataset.rows > 0 && experimentFolds(dataset, experiment).length > 0) return;
  } catch (error) {
    // What a member has seen says itself what to do.
    if (!(error instanceof InputError) || error.message.includes('trainedTo')) throw error;
    why = error.message;
  }
  throw tooFew(checked, dataset, why);
}

/** Names the bars that there are and, for splits by bars, how many there must be. */
function tooFew({ experiment, set, bars, from }: CheckedBars, dataset: Dataset, why: string): InputError {
  const { splits, labels } = experiment;
  const held = Math.max(...bars.map(({ length }) => length));
  const usable = dataset.rows === 0 ? 0 : decisionTimesOf(dataset).timeMs.length;
  const counted = `${from} holds ${held} bars, of which ${usable} have features and a label`;
  const isByBars = splits.kind === 'walk-forward' && splits.period === undefined;
  const lost = Math.max(held - usable, set.warmUpBars + labels.horizonBars);
  if (!isByBars || usable > splits.trainBars) {
    return new InputError(`${counted}: ${why}.`, 'Take more data, or smaller splits.');
  }
  const parts = `splits.trainBars ${splits.trainBars}, ${lost} without features or a label at the ends, and one to test`;
  return new InputError(
    `${counted}; ${experiment.name} needs at least ${splits.trainBars + lost + 1} bars: ${parts}.`,
    'Take more data, or lower splits.trainBars and splits.testBars.',
  );
}
