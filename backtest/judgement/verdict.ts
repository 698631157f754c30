import type { Random } from '../../infra/random.ts';
import { bootstrapMean, type Interval } from '../statistics/bootstrap.ts';
import { mean } from '../statistics/moments.ts';
import { dayCount, decimal, percent, plural, probability } from '../number-format.ts';
import {
  deflatedSharpe,
  expectedMaximumSharpe,
  minimumTrackRecordLength,
  probabilisticSharpe,
  sharpeEvidence,
  type TrialSpread,
} from '../statistics/significance.ts';

export type Verdict = 'evidence' | 'weak' | 'none';

/** The thresholds of the contract. */
const CONFIDENCE = 0.95;
const TRADES_MIN = 30;

export interface VerdictInput {
  /**
   * Net out-of-sample return of each trading day less that of buy-and-hold of the same average exposure on that day.
   */
  readonly excessReturns: Float64Array;
  /** Ledger entries. */
  readonly trades: number;
  /** Trials on this data with the spread of their unannualised excess Sharpe ratios. */
  readonly spread: TrialSpread;
  readonly periodsPerYear: 252 | 365;
  /**
   * Why this record could not have been traded in real time (`foresightOf`): it is then no evidence, whatever its
   * figures. Null or absent otherwise.
   */
  readonly foresight?: string | null;
  /** Drives the bootstrap: the same seed gives the same interval. */
  readonly random: Random;
}

/** What the excess return looks like; null where it cannot be computed (`reasons` of the verdict then say why). */
export interface ExcessEvidence {
  readonly days: number;
  /** Mean daily excess return x periods per year. */
  readonly annualReturn: number | null;
  /** Annualised. */
  readonly sharpe: number | null;
  readonly probabilisticSharpe: number | null;
  readonly deflatedSharpe: number | null;
  /** The annualised Sharpe ratio that luck alone would show in the best of the trials. */
  readonly luckySharpe: number | null;
  /** 95 % interval of `annualReturn`. */
  readonly interval: Interval | null;
  readonly minimumTrackRecordLength: number | null;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** One sentence per condition, with the numbers; the first says what was judged. */
  readonly reasons: readonly string[];
  readonly excess: ExcessEvidence;
}

/**
 * Judges the net out-of-sample return in excess of buy-and-hold of the same average exposure. `evidence`: deflated
 * Sharpe ratio at least 0.95, lower end of the 95 % block-bootstrap interval above 0, at least 30 trades, record at
 * least as long as its minimum. `weak`: probabilistic Sharpe ratio at least 0.95. Otherwise `none`. A record with
 * foresight is never `evidence`.
 */
export function judge(input: VerdictInput): Judgement {
  const excess = measureExcess(input);
  const { excessReturns, trades, spread, foresight = null } = input;
  const unforeseen: Condition[] = foresight === null ? [] : [{ met: false, text: foresight }];
  const days = excessReturns.length;
  if (excess.sharpe === null || excess.probabilisticSharpe === null || excess.deflatedSharpe === null) {
    const why =
      days < 3
        ? `there ${days === 1 ? 'is' : 'are'} ${plural(days, 'daily excess return')}, and at least three are needed`
        : excess.sharpe === null
          ? 'the daily excess returns do not vary (a strategy that only holds is its own benchmark)'
          : 'the daily excess returns are too skewed for the error of their Sharpe ratio to be known';
    return {
      verdict: 'none',
      reasons: [
        `The excess over buy-and-hold of the same average exposure cannot be judged: ${why}.`,
        ...unforeseen.map(sentence),
      ],
      excess,
    };
  }
  const minimum = excess.minimumTrackRecordLength;
  const conditions: Condition[] = [
    deflatedCondition(excess.deflatedSharpe, excess.luckySharpe!, spread.trials),
    intervalCondition(excess.interval),
    {
      met: trades >= TRADES_MIN,
      text: `${plural(trades, 'trade')}; at least ${TRADES_MIN} are required`,
    },
    {
      met: minimum !== null && days >= minimum,
      text:
        minimum === null
          ? `no record would be long enough, because the excess return is not positive`
          : `${dayCount(days)} of record; at least ${dayCount(Math.ceil(minimum))} are required for a ratio like this`,
    },
    ...unforeseen,
  ];
  const verdict = conditions.every(({ met }) => met)
    ? 'evidence'
    : excess.probabilisticSharpe >= CONFIDENCE
      ? 'weak'
      : 'none';
  const judged =
    `Net out-of-sample return in excess of buy-and-hold of the same average exposure: ${percent(excess.annualReturn!)} a year, ` +
    `Sharpe ratio ${decimal(excess.sharpe)}, probability that the true ratio is above 0 (probabilistic Sharpe ratio) ` +
    `${probability(excess.probabilisticSharpe)}${verdict === 'none' ? `, below ${CONFIDENCE}` : ''}.`;
  return { verdict, reasons: [judged, ...conditions.map(sentence)], excess };
}

interface Condition {
  readonly met: boolean;
  readonly text: string;
}

const sentence = ({ met, text }: Condition): string => `${met ? 'Met' : 'Not met'}: ${text}.`;

function deflatedCondition(deflated: number, lucky: number, trials: number): Condition {
  const against =
    trials <= 1
      ? 'against 0, because this is the only trial on this data'
      : `against the Sharpe ratio of ${decimal(lucky)} that the best of ${trials} trials on this data would show by luck`;
  return {
    met: deflated >= CONFIDENCE,
    text: `deflated Sharpe ratio ${probability(deflated)} ${against}; at least ${CONFIDENCE} is required`,
  };
}

function intervalCondition(interval: Interval | null): Condition {
  if (interval === null) return { met: false, text: 'no bootstrap interval could be computed' };
  return {
    met: interval.low > 0,
    text:
      `95 % block-bootstrap interval of the excess return ${percent(interval.low)} to ${percent(interval.high)} a year ` +
      `(mean block ${decimal(interval.blockLength, 1)} days); its lower end must be above 0`,
  };
}

function measureExcess({ excessReturns, spread, periodsPerYear, random }: VerdictInput): ExcessEvidence {
  const days = excessReturns.length;
  const evidence = sharpeEvidence(excessReturns);
  const annualReturn = days === 0 ? null : mean(excessReturns) * periodsPerYear;
  const scale = Math.sqrt(periodsPerYear);
  if (evidence === null) {
    return {
      days,
      annualReturn,
      sharpe: null,
      probabilisticSharpe: null,
      deflatedSharpe: null,
      luckySharpe: null,
      interval: null,
      minimumTrackRecordLength: null,
    };
  }
  const daily = bootstrapMean(excessReturns, { random });
  return {
    days,
    annualReturn,
    sharpe: evidence.sharpe * scale,
    probabilisticSharpe: finiteOrNull(probabilisticSharpe(evidence)),
    deflatedSharpe: finiteOrNull(deflatedSharpe(evidence, spread)),
    luckySharpe: expectedMaximumSharpe(spread) * scale,
    interval: daily && { ...daily, low: daily.low * periodsPerYear, high: daily.high * periodsPerYear },
    minimumTrackRecordLength: minimumTrackRecordLength(evidence),
  };
}

/** The estimator's variance can come out negative for extreme skew; the ratio is then unknown, not certain. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
