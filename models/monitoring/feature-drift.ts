import type { Dataset } from '../dataset.ts';
import { kolmogorovSmirnov, stabilityIndex } from './distribution-shift.ts';
import { columnsOf, everyNth, largestRatio, type TrainingReference, type WindowSpread } from './training-reference.ts';
import { decisionTimesOf } from '../splits/fold.ts';

/** One feature's newest window beside the training rows. */
interface DriftedFeature {
  readonly name: string;
  readonly stabilityIndex: number;
  readonly kolmogorovSmirnov: number;
  /** The two in units of what is typical between training windows; null without training windows. */
  readonly stabilityRatio: number | null;
  readonly kolmogorovRatio: number | null;
}

/** The newest window beside the training rows. */
export interface FeatureDrift {
  readonly bars: number;
  readonly rows: number;
  /** Worst first. */
  readonly features: readonly DriftedFeature[];
  /** The largest ratio of each measure and the limit it must not pass; null with `reason`. */
  readonly worst: { readonly stability: Judged; readonly kolmogorov: Judged } | null;
  readonly reason: string | null;
  readonly alarm: boolean;
}

export interface Judged {
  readonly ratio: number;
  readonly limit: number;
}

type Rows = Pick<Dataset, 'x' | 'rows' | 'width' | 'featureNames' | 'decisionTimeMs'>;

/**
 * Compares the newest `reference.windowBars` bars of `rows` (ascending) with the training rows by population stability
 * index and Kolmogorov-Smirnov distance of every feature and of the distance from the training centre. An alarm means
 * that the worst feature is farther off than the worst of a training window is with probability 1 - `falseAlarmRate`:
 * the largest of many ratios follows a Gumbel law (Gumbel 1958), fitted by moments to the training windows; each of the
 * two measures takes half of the rate.
 */
export function featureDrift(reference: TrainingReference, rows: Rows, falseAlarmRate: number): FeatureDrift {
  const { timeMs, firstRow } = decisionTimesOf(rows);
  const bars = Math.min(timeMs.length, reference.windowBars);
  const window = everyNth(firstRow[timeMs.length - bars]!, rows.rows);
  const columns = [...columnsOf(rows, reference.novelty)];
  const measured = reference.features.map((feature, f) => {
    const values = Float64Array.from(window, (row) => columns[f]!.values[row]!);
    return { stability: stabilityIndex(feature, values), kolmogorov: kolmogorovSmirnov(feature, values) };
  });
  const { kolmogorovSmirnov: kolmogorov, stabilityIndex: stability } = reference;
  const features = reference.features.map(({ name }, f) => ({
    name,
    stabilityIndex: measured[f]!.stability,
    kolmogorovSmirnov: measured[f]!.kolmogorov,
    stabilityRatio: ratioOf(measured[f]!.stability, stability, f),
    kolmogorovRatio: ratioOf(measured[f]!.kolmogorov, kolmogorov, f),
  }));
  features.sort((a, b) => severity(b) - severity(a));
  const shown = { bars, rows: window.length, features };
  if (bars < reference.windowBars) {
    return { ...shown, worst: null, reason: `${bars} new bars; a window has ${reference.windowBars}`, alarm: false };
  }
  if (stability === null || kolmogorov === null) {
    const reason = 'the training range is too short to know how much its windows differ';
    return { ...shown, worst: null, reason, alarm: false };
  }
  const judge = (spread: WindowSpread, values: readonly number[]): Judged => ({
    ratio: largestRatio(values, spread.typical),
    limit: gumbelQuantile(spread, 1 - falseAlarmRate / 2),
  });
  const worst = {
    stability: judge(
      stability,
      measured.map((one) => one.stability),
    ),
    kolmogorov: judge(
      kolmogorov,
      measured.map((one) => one.kolmogorov),
    ),
  };
  const alarm = worst.stability.ratio > worst.stability.limit || worst.kolmogorov.ratio > worst.kolmogorov.limit;
  return { ...shown, worst, reason: null, alarm };
}

const severity = ({ stabilityRatio, kolmogorovRatio, kolmogorovSmirnov: distance }: DriftedFeature): number =>
  Math.max(stabilityRatio ?? 0, kolmogorovRatio ?? 0, distance / 1000);

function ratioOf(value: number, spread: WindowSpread | null, feature: number): number | null {
  const typical = spread?.typical[feature] ?? 0;
  return typical > 0 ? value / typical : null;
}

const EULER_MASCHERONI = 0.5772156649015329;

/** Quantile of the Gumbel law with the mean and deviation of the training windows' largest ratios. */
function gumbelQuantile({ meanLargest, deviation }: WindowSpread, share: number): number {
  const scale = (deviation * Math.sqrt(6)) / Math.PI;
  return meanLargest - EULER_MASCHERONI * scale - scale * Math.log(-Math.log(share));
}
