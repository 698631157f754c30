import type { Random } from '../../infra/random.ts';
import { quantile, resampleBars } from '../../models/scores/block-bootstrap.ts';
import { mean } from './moments.ts';

/** An interval that holds a statistic with the stated level, and how it was found. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** 0.95: the share of resamples between the ends. */
  readonly level: number;
  readonly samples: number;
  /** Mean block length, in observations. */
  readonly blockLength: number;
}

export interface BootstrapOptions {
  readonly random: Random;
  /** Mean block length; the automatic choice for the series when absent. */
  readonly blockLength?: number;
  /** Resamples; 2,000 leave a simulation error of about 0.5 % of level at each end. */
  readonly samples?: number;
  readonly level?: number;
}

const DEFAULT_SAMPLES = 2_000;

/**
 * Percentile interval of the mean of a series ordered in time, by the stationary bootstrap (Politis and Romano, JASA
 * 89(428), 1994); null with fewer than two values.
 */
export function bootstrapMean(values: Float64Array, options: BootstrapOptions): Interval | null {
  const { random, blockLength = automaticBlockLength(values), samples = DEFAULT_SAMPLES, level = 0.95 } = options;
  if (values.length < 2) return null;
  const means = Float64Array.from({ length: samples }, () => {
    const counts = resampleBars(values.length, { random, blockBars: blockLength });
    let sum = 0;
    for (let i = 0; i < counts.length; i++) sum += counts[i]! * values[i]!;
    return sum / values.length;
  }).sort();
  const tail = (1 - level) / 2;
  return { low: quantile(means, tail), high: quantile(means, 1 - tail), level, samples, blockLength };
}

/**
 * Mean block length of the stationary bootstrap that minimises the error of the variance of the mean: Politis and
 * White, "Automatic Block-Length Selection for the Dependent Bootstrap", Econometric Reviews 23(1), 2004, with the
 * correction by Patton, Politis and White (2009). At least 1, at most min(3 sqrt(n), n / 3).
 */
export function automaticBlockLength(values: ArrayLike<number>): number {
  const n = values.length;
  const most = Math.max(1, Math.ceil(Math.min(3 * Math.sqrt(n), n / 3)));
  const correlations = autocovariances(
    values,
    Math.min(n - 1, Math.ceil(Math.sqrt(n)) + Math.max(5, Math.ceil(Math.log10(n)))),
  );
  const variance = correlations[0]!;
  if (!(variance > 0)) return 1;
  const bandwidth = Math.min(2 * significantLag(correlations, n), correlations.length - 1);
  let weighted = 0;
  let spectrum = variance;
  for (let lag = 1; lag <= bandwidth; lag++) {
    const share = lag / bandwidth;
    const window = share <= 0.5 ? 1 : 2 * (1 - share);
    weighted += 2 * window * lag * correlations[lag]!;
    spectrum += 2 * window * correlations[lag]!;
  }
  const length = ((2 * weighted * weighted) / (2 * spectrum * spectrum)) ** (1 / 3) * n ** (1 / 3);
  return Number.isFinite(length) ? Math.min(most, Math.max(1, length)) : 1;
}

function autocovariances(values: ArrayLike<number>, lags: number): Float64Array {
  const centre = mean(values);
  return Float64Array.from({ length: lags + 1 }, (_, lag) => {
    let sum = 0;
    for (let i = lag; i < values.length; i++) sum += (values[i]! - centre) * (values[i - lag]! - centre);
    return sum / values.length;
  });
}

/**
 * The lag after which K_n autocorrelations in a row are inside 2 sqrt(log10(n) / n); the last significant one if there
 * is none.
 */
function significantLag(covariances: Float64Array, n: number): number {
  const run = Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))));
  const bound = 2 * Math.sqrt(Math.log10(n) / n) * covariances[0]!;
  let quiet = 0;
  let last = 0;
  for (let lag = 1; lag < covariances.length; lag++) {
    if (Math.abs(covariances[lag]!) >= bound) {
      quiet = 0;
      last = lag;
    } else if (++quiet === run) break;
  }
  return Math.max(1, last);
}
