import { DAY_MS } from '../../../features/timeframe.ts';
import type { Random } from '../../../infra/random.ts';
import { DEFAULT_INTERVALS } from '../../../models/intervals/intervals-schema.ts';
import { measuredCoverage } from '../../../models/intervals/measured-coverage.ts';
import type { IntervalInput } from '../../../models/intervals/return-intervals.ts';
import { meanOf, type CaseFigures, type Proof } from '../proof.ts';

const ROWS = 1_500;
/** Correlation of a score with the return that follows. */
const SKILL = 0.1;
const DEVIATION = 0.01;

/** How the returns of a series come about: each a kind that plain intervals fail on, but the first. */
const KINDS: Readonly<Record<string, (random: Random) => () => number>> = {
  independent: (random) => () => DEVIATION * random.normal(),
  /** First order, coefficient 0.6. */
  autocorrelated: (random) => {
    let last = 0;
    return () => (last = 0.6 * last + 0.8 * DEVIATION * random.normal());
  },
  /** GARCH(1,1), alpha 0.1, beta 0.88. */
  heteroskedastic: (random) => {
    let [variance, last] = [DEVIATION ** 2, 0];
    return () => {
      variance = 0.02 * DEVIATION ** 2 + 0.1 * last ** 2 + 0.88 * variance;
      return (last = Math.sqrt(variance) * random.normal());
    };
  },
  /** From the middle on three times as wild, and falling by a deviation of before. */
  broken: (random) => {
    let row = 0;
    return () => (row++ < ROWS / 2 ? DEVIATION * random.normal() : DEVIATION * (3 * random.normal() - 1));
  },
};

/** Kinds of made-up series, in the order of the cases. */
export const SERIES_KINDS: readonly string[] = Object.keys(KINDS);

/** Predictions of some skill over a made-up series of a kind. */
export function madeUpPredictions(kind: string, random: Random): IntervalInput & { readonly fold: Int32Array } {
  const next = KINDS[kind]!(random.fork('returns'));
  const noise = random.fork('scores');
  const realisedReturn = Float64Array.from({ length: ROWS }, next);
  const score = realisedReturn.map((value) => SKILL * (value / DEVIATION) + noise.normal());
  return {
    score,
    realisedReturn,
    decisionTimeMs: Float64Array.from({ length: ROWS }, (_, row) => row * DAY_MS),
    symbol: Array.from({ length: ROWS }, () => 'MADE'),
    fold: new Int32Array(ROWS),
  };
}

/** How far the mean coverage may be from its level. */
const MISS_MAX = 0.02;

/** That intervals hold what they say, on series whose law is known. */
export const CONFORMAL_PROOF: Proof = {
  name: 'conformal',
  shows:
    'intervals of predictions cover within two points of their level on 200 series: independent, autocorrelated, ' +
    'heteroskedastic and broken',
  count: 200,
  run: async ({ random, index }) => {
    const kind = SERIES_KINDS[index % SERIES_KINDS.length]!;
    const settings = { ...DEFAULT_INTERVALS, horizonBars: 1, random: random.fork('resamples') };
    const { level, coverage, interval, rows, meanWidth } = measuredCoverage(madeUpPredictions(kind, random), settings);
    return {
      kind,
      rows,
      coverage: coverage!,
      levelInInterval: interval![0] <= level && level <= interval![1],
      meanWidth: meanWidth!,
    };
  },
  conclude: (cases) => {
    const { level } = DEFAULT_INTERVALS;
    const byKind = SERIES_KINDS.flatMap((kind): [string, number][] => {
      const own = cases.filter((one) => one['kind'] === kind);
      return own.length === 0 ? [] : [[kind, meanOf(own, 'coverage')]];
    });
    const isNear = (coverage: number): boolean => Math.abs(coverage - level) <= MISS_MAX;
    const figures: CaseFigures = {
      series: cases.length,
      level,
      coverage: meanOf(cases, 'coverage'),
      least: Math.min(...cases.map((one) => Number(one['coverage']))),
      ...Object.fromEntries(byKind),
    };
    return { holds: isNear(Number(figures['coverage'])) && byKind.every(([, one]) => isNear(one)), figures };
  },
};
