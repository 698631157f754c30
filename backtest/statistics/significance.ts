import { kurtosis, mean, sampleDeviation, skewness, varies } from './moments.ts';
import { normalCdf, normalQuantile } from './normal-distribution.ts';

const EULER_MASCHERONI = 0.5772156649015329;

/** What the significance of a Sharpe ratio depends on; everything per period, nothing annualised. */
export interface SharpeEvidence {
  /** Mean over sample deviation of the period returns. */
  readonly sharpe: number;
  /** Number of period returns. */
  readonly periods: number;
  readonly skew: number;
  /** Not in excess: 3 for a normal distribution. */
  readonly kurtosis: number;
}

/** Measures `returns` (simple, per period); null when there are fewer than three or they do not vary. */
export function sharpeEvidence(returns: ArrayLike<number>): SharpeEvidence | null {
  if (returns.length < 3 || !varies(returns)) return null;
  return {
    sharpe: mean(returns) / sampleDeviation(returns),
    periods: returns.length,
    skew: skewness(returns),
    kurtosis: kurtosis(returns),
  };
}

/** Variance factor of the estimated Sharpe ratio under non-normal returns (Mertens 2002), before division by T - 1. */
function varianceFactor({ sharpe, skew, kurtosis: tail }: SharpeEvidence): number {
  return 1 - skew * sharpe + ((tail - 1) / 4) * sharpe * sharpe;
}

/**
 * Probabilistic Sharpe ratio: the probability that the true ratio exceeds `target` (per period). Bailey and Lopez de
 * Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), 2012. NaN if the factor is not positive.
 */
export function probabilisticSharpe(evidence: SharpeEvidence, target = 0): number {
  const deviation = Math.sqrt(varianceFactor(evidence));
  return normalCdf(((evidence.sharpe - target) * Math.sqrt(evidence.periods - 1)) / deviation);
}

/**
 * Expected maximum of `trials` independent standard normal deviates; 0 for one trial.
 * Bailey and Lopez de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5), 2014.
 */
export function expectedMaximum(trials: number): number {
  if (trials <= 1) return 0;
  return (
    (1 - EULER_MASCHERONI) * normalQuantile(1 - 1 / trials) +
    EULER_MASCHERONI * normalQuantile(1 - 1 / (trials * Math.E))
  );
}

/** How many trials there were and how far their unannualised Sharpe ratios were spread. */
export interface TrialSpread {
  readonly trials: number;
  /** Sample deviation of the trials' unannualised Sharpe ratios; without effect for one trial. */
  readonly sharpeDeviation: number;
}

/** The Sharpe ratio, per period, that the best of so many worthless trials is expected to show: 0 for one trial. */
export function expectedMaximumSharpe({ trials, sharpeDeviation }: TrialSpread): number {
  return trials <= 1 ? 0 : sharpeDeviation * expectedMaximum(trials);
}

/** Deflated Sharpe ratio (2014): the probabilistic one against the expected maximum over the trials. */
export function deflatedSharpe(evidence: SharpeEvidence, spread: TrialSpread): number {
  return probabilisticSharpe(evidence, expectedMaximumSharpe(spread));
}

/**
 * Minimum track record length in periods: how many returns a ratio like this needs until it exceeds `target` at
 * `confidence`. Null when the ratio does not exceed the target: no length would do. Same paper as the probabilistic
 * ratio.
 */
export function minimumTrackRecordLength(evidence: SharpeEvidence, target = 0, confidence = 0.95): number | null {
  if (!(evidence.sharpe > target)) return null;
  return 1 + varianceFactor(evidence) * (normalQuantile(confidence) / (evidence.sharpe - target)) ** 2;
}

/**
 * Minimum backtest length in years: below it, the best of `trials` worthless strategies is expected to reach
 * `annualSharpe` in sample. Bailey, Borwein, Lopez de Prado and Zhu, "Pseudo-Mathematics and Financial Charlatanism",
 * 2014.
 */
export function minimumBacktestLength(trials: number, annualSharpe: number): number {
  return (expectedMaximum(trials) / annualSharpe) ** 2;
}
