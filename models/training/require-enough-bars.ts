import { computeFeatures } from '../../features/feature-matrix.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import type { CheckedBars } from '../experiment/checked-experiment.ts';
import { experimentWindow } from '../registry/experiment-window.ts';
import { foldsOf } from '../splits/folds-of.ts';
import { buildDataset } from './build-dataset.ts';

/**
 * Bars of which the first can have no features and the last no label: with so many the folds of any experiment are
 * there, if its splits have room for as many rows again.
 */
const PLENTY = 2;

const PERIOD_DAYS = { week: 7, month: 31, quarter: 92, year: 366 } as const;

/** Whether the bars are so many that nobody has to count. */
function isPlenty({ experiment: { splits, labels }, set, bars }: CheckedBars): boolean {
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
  if (foldsOf(dataset, experiment.splits).length > 0) return;
  const times = Math.max(...bars.map(({ length }) => length));
  throw new InputError(
    `${experiment.name}: ${times} bars leave ${dataset.rows} rows with features and a label, too few for a single fold.`,
    'Take more data, or smaller splits.trainBars and splits.testBars.',
  );
}
