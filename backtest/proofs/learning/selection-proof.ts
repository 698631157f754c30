import { experimentSchema, type Experiment } from '../../../models/experiment/experiment.ts';
import { experimentFolds } from '../../../models/splits/experiment-folds.ts';
import { trainFold } from '../../../models/training/fold/train-fold.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../../pipelines/sources/made-up/planted-bars.ts';
import { planInMemory, searchInMemory } from '../../search/memory-search.ts';
import { meanOf, share, type CaseFigures, type Proof } from '../proof.ts';

const calendar = calendarNamed('us-equities');
const SYMBOL = 'MADE';
/** The one feature that says something of the next bar. */
const TRUE_FEATURE = 'closelocation()';
const PLANTED = 0.25;
const BARS = 1_500;
const TRIALS = 4;
const FOUND_SHARE_MIN = 0.9;
const FALSE_SHARE_MAX = 0.05;
/** The true feature may come with some of the others: of twelve not half. */
const KEPT_MAX = 5;

/** Twelve features, one of them true, chosen among in every window; searched by penalty and threshold. */
function choosingExperiment(seed: number): Experiment {
  const others = ['rsi(14)', 'adx(14)', 'cci(20)', 'mfi(14)', 'atr(14)', 'roc(10)', 'stdev(20)', 'zscore(volume,20)'];
  return experimentSchema.parse({
    name: 'choosing',
    universe: [SYMBOL],
    features: [...others, 'cmf(20)', 'roc(3)', 'ulcer(14)', TRUE_FEATURE],
    splits: { trainBars: 500, testBars: 480 },
    estimators: [{ name: 'linear', kind: 'logistic-regression', l1Ratio: 0, strength: 0.01 }],
    ensemble: { innerFolds: 2 },
    selection: { pairs: 3 },
    search: {
      trials: TRIALS,
      folds: 2,
      seed,
      objective: 'netSharpe',
      space: { 'estimators.linear.strength': { log: [0.001, 0.1] }, 'signals.buyAbove': { float: [0.5, 0.53] } },
    },
  });
}

/** How often each window's choice holds the true feature, and how many it keeps. */
async function plantedCase(seed: number): Promise<CaseFigures> {
  const experiment = choosingExperiment(seed);
  const bars = [plantedBars({ bars: BARS, seed, correlation: PLANTED, symbol: SYMBOL })];
  const { data } = planInMemory({ experiment, bars, calendar });
  let [found, kept, folds] = [0, 0, 0];
  for (const fold of experimentFolds(data.dataset, experiment)) {
    const { selection } = await trainFold(data.dataset, fold, experiment, { threads: 1 });
    folds++;
    kept += selection!.kept.length;
    if (selection!.kept.includes(TRUE_FEATURE)) found++;
  }
  return { seed, planted: true, folds, found: found / folds, kept: kept / folds };
}

/** What a search over noise says of the best that it found. */
async function noiseCase(seed: number): Promise<CaseFigures> {
  const bars = [plantedBars({ bars: BARS, seed, correlation: 0, symbol: SYMBOL })];
  const { honest, optimistic } = await searchInMemory({ experiment: choosingExperiment(seed), bars, calendar });
  const evidence = honest.verdict === 'evidence' || optimistic.verdict === 'evidence';
  return { seed, planted: false, evidence, verdicts: `${optimistic.verdict} shown, ${honest.verdict} honest` };
}

/** That selection finds what there is, and makes nothing of noise. */
export const SELECTION_PROOF: Proof = {
  name: 'selection',
  shows: 'features chosen inside windows hold the one true of twelve in nine of ten; searches over noise find nothing',
  count: 40,
  run: ({ random, index }) => {
    const seed = random.integer(2_147_483_647);
    return index % 2 === 0 ? plantedCase(seed) : noiseCase(seed);
  },
  conclude: (cases) => {
    const planted = cases.filter((one) => one['planted'] === true);
    const noise = cases.filter((one) => one['planted'] === false);
    const figures = {
      plantedSeries: planted.length,
      found: meanOf(planted, 'found'),
      kept: meanOf(planted, 'kept'),
      noiseSeries: noise.length,
      noiseEvidence: share(noise, 'evidence'),
    };
    const { found, kept, noiseEvidence } = figures;
    return {
      holds: found >= FOUND_SHARE_MIN && kept <= KEPT_MAX && noiseEvidence <= FALSE_SHARE_MAX,
      figures,
    };
  },
};
