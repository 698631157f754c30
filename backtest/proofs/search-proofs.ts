import { learnedSearch } from '../../models/search/apply-parameters.ts';
import { createRandom, type Random } from '../../infra/random.ts';
import { experimentSchema, type Experiment } from '../../models/experiment/experiment.ts';
import { loadExperiment } from '../../models/experiment/load-experiment.ts';
import { TEST_RUNG, WHOLE_WINDOW, type JournalRow } from '../../models/search/search-store.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { searchInMemory } from '../search/memory-search.ts';
import { chosenIn } from '../search/optimize.ts';
import { superiorAbility } from '../statistics/superior-ability.ts';
import type { TrialSpread } from '../statistics/significance.ts';
import { judge, type Verdict } from '../judgement/verdict.ts';
import { meanOf, share, type CaseContext, type CaseFigures, type Proof } from './proof.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';

const calendar = calendarNamed('us-equities');
const SYMBOL = 'MADE';
const TRIALS = 50;
const BARS = 1_500;
const NOISE_SERIES = 200;
/**
 * One series in this many holds an effect, the first among them: a search that never finds anything would be no proof.
 */
const PLANTED_EVERY = 21;
const PLANTED = 0.25;

/** At most five in a hundred may be reported as evidence by chance. */
const FALSE_SHARE_MAX = 0.05;
const FOUND_SHARE_MIN = 0.8;

/**
 * What the trials of a search choose among: penalty, depth and leaves of the two members that train fastest, and when
 * to trade. Two outer folds, and the default's labels and rules. Nothing is paid for trading: costs would eat the luck
 * that is to be seen through.
 */
function searchedExperiment(seed: number): Experiment {
  const { estimators: _estimators, ...rest } = loadExperiment('default');
  return experimentSchema.parse({
    ...rest,
    universe: [SYMBOL],
    features: ['return(1)', 'return(5)', 'closelocation()', 'rsi(14)', 'zscore(close,20)', 'roc(10)'],
    splits: { trainBars: 500, testBars: 500, embargoBars: 5 },
    estimators: [
      { name: 'linear', kind: 'logistic-regression', l1Ratio: 1 },
      { name: 'forest', kind: 'random-forest', trees: 4 },
    ],
    ensemble: { kind: 'weighted', calibration: 'none', innerFolds: 2 },
    costs: { feeBps: 0, halfSpreadBps: 0, slippage: { kind: 'fixed', bps: 0 }, fill: 'next-open' },
    search: {
      trials: TRIALS,
      seed,
      objective: 'netSharpe',
      space: {
        'estimators.linear.strength': { log: [0.001, 0.03] },
        'estimators.forest.maxDepth': { int: [1, 4] },
        'estimators.forest.minLeafRows': { int: [20, 200] },
        'signals.buyAbove': { float: [0.5, 0.51] },
        'signals.sellBelow': { float: [0.49, 0.5] },
      },
    },
  });
}

/**
 * The verdict on the best trial as if its record had been a walk-forward's, beside the other trials that `spread` tells
 * of.
 */
function verdictOn({ search }: Experiment, journal: readonly JournalRow[], spread: TrialSpread): Verdict {
  const whole = journal.filter(({ window, rung }) => window === WHOLE_WINDOW && rung !== TEST_RUNG);
  const { excessReturns, trades } = (chosenIn(learnedSearch(search!), whole, WHOLE_WINDOW) as JournalRow).result
    .evidence!;
  const { periodsPerYear } = marketDays(calendar);
  const random = createRandom(search!.seed).fork('verdict');
  return judge({ excessReturns: Float64Array.from(excessReturns), trades, spread, periodsPerYear, random }).verdict;
}

/** If nobody knew of the others. */
const ALONE: TrialSpread = { trials: 1, sharpeDeviation: 0 };

async function searchCase({ random, index }: CaseContext): Promise<CaseFigures> {
  const seed = random.integer(2_147_483_647);
  const planted = index % PLANTED_EVERY === 0;
  const experiment = searchedExperiment(seed);
  const bars = [plantedBars({ bars: BARS, seed, correlation: planted ? PLANTED : 0, symbol: SYMBOL })];
  const { optimistic, honest, journal, history, ...result } = await searchInMemory({ experiment, bars, calendar });
  const alone = verdictOn(experiment, journal, ALONE);
  const deflated = verdictOn(experiment, journal, history.excessSpread);
  return {
    seed,
    planted,
    trials: result.trials,
    distinct: new Set(result.ranking.map(({ sharpe }) => sharpe)).size,
    sharpe: optimistic.sharpe ?? 0,
    honestSharpe: honest.sharpe ?? 0,
    shown: optimistic.verdict === 'evidence',
    honest: honest.verdict === 'evidence',
    deflated: deflated === 'evidence',
    alone: alone === 'evidence',
    verdicts: `${alone} alone, ${deflated} deflated, ${optimistic.verdict} shown, ${honest.verdict} honest`,
  };
}

function conclude(cases: readonly CaseFigures[]): ReturnType<Proof['conclude']> {
  const noise = cases.filter(({ planted }) => planted === false);
  const planted = cases.filter((figures) => figures.planted === true);
  const isSearched = cases.every(({ trials }) => trials === TRIALS);
  const holds =
    isSearched &&
    // What a user is shown of the best trial: never evidence, as it was chosen on the rows that it is shown on.
    share(cases, 'shown') === 0 &&
    share(noise, 'deflated') <= FALSE_SHARE_MAX &&
    share(noise, 'honest') <= FALSE_SHARE_MAX &&
    share(planted, 'deflated') >= FOUND_SHARE_MIN &&
    share(planted, 'honest') >= FOUND_SHARE_MIN;
  return {
    holds,
    figures: {
      noiseSeries: noise.length,
      shownAsEvidence: share(cases, 'shown'),
      noiseEvidenceDeflated: share(noise, 'deflated'),
      noiseEvidenceHonest: share(noise, 'honest'),
      noiseEvidenceWithoutDeflation: share(noise, 'alone'),
      noiseSharpe: meanOf(noise, 'sharpe'),
      noiseSharpeHonest: meanOf(noise, 'honestSharpe'),
      distinctTrials: meanOf(noise, 'distinct'),
      plantedSeries: planted.length,
      plantedEvidenceDeflated: share(planted, 'deflated'),
      plantedEvidenceHonest: share(planted, 'honest'),
      plantedSharpe: meanOf(planted, 'sharpe'),
    },
  };
}

/** Trials and days of a set of worthless ones. */
const SET_TRIALS = 20;
const SET_DAYS = 500;
/** Daily returns depend on the day before, and trials on each other, as those of one search do. */
const PERSISTENCE = 0.05;
const SHARED = 0.5;
const P_VALUES = ['realityCheck', 'lower', 'consistent', 'upper'] as const;

/** Worthless trials: their returns in excess of the benchmark have mean 0. */
function worthless(random: Random): Float64Array[] {
  const shared = Float64Array.from({ length: SET_DAYS }, () => random.normal());
  return Array.from({ length: SET_TRIALS }, () => {
    let last = 0;
    return shared.map((common) => {
      const noise = SHARED * common + Math.sqrt(1 - SHARED * SHARED) * random.normal();
      return (last = PERSISTENCE * last + 0.01 * noise);
    });
  });
}

/** The largest distance between the shares of `values` and those of a uniform distribution (Kolmogorov-Smirnov). */
function distanceFromUniform(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce(
    (most, value, at) => Math.max(most, (at + 1) / sorted.length - value, value - at / sorted.length),
    0,
  );
}

const columnOf = (cases: readonly CaseFigures[], name: string): number[] =>
  cases.map((figures) => Number(figures[name]));

/** Proofs about searches: what is left of the best of many trials. */
export const SEARCH_PROOFS: readonly Proof[] = [
  {
    name: 'noise-search',
    shows: `the best of ${TRIALS} trials on 200 pure-noise series is reported as evidence in at most 5 %, and on 10 planted ones in most`,
    count: NOISE_SERIES + NOISE_SERIES / (PLANTED_EVERY - 1),
    run: searchCase,
    conclude,
  },
  {
    name: 'reality-check',
    shows: 'p-values of the reality check and of superior ability are uniform where 20 trials are worthless',
    count: 1_000,
    run: async ({ random }) => {
      const found = superiorAbility(worthless(random.fork('trials')), { random, samples: 500 })!;
      return Object.fromEntries(P_VALUES.map((name) => [name, found[name]]));
    },
    conclude: (cases) => {
      const figures = Object.fromEntries(
        (['realityCheck', 'consistent', 'upper'] as const).flatMap((name) => {
          const values = columnOf(cases, name);
          const small = values.filter((value) => value <= 0.05).length / values.length;
          return [
            [`${name}Distance`, distanceFromUniform(values)],
            [`${name}Below5Percent`, small],
          ];
        }),
      );
      // The bound of a uniform sample at 1 %, and what 500 days of dependent returns add to it.
      const bound = 1.63 / Math.sqrt(cases.length) + 0.03;
      // 2.6 standard errors of a share of 5 %, beside what dependent returns may add.
      const shareError = 2.6 * Math.sqrt(0.0475 / cases.length);
      const holds = Object.entries(figures).every(([name, value]) =>
        name.endsWith('Distance') ? value <= bound : Math.abs(value - 0.05) <= 0.02 + shareError,
      );
      return { holds: holds && cases.length > 0, figures: { panels: cases.length, ...figures, bound } };
    },
  },
];
