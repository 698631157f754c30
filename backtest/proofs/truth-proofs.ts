import { experimentSchema, type Experiment } from '../../models/experiment/experiment.ts';
import { loadExperiment } from '../../models/experiment/load-experiment.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars, type PlantedOptions } from '../../pipelines/sources/made-up/planted-bars.ts';
import { huntLookAhead } from '../research/look-ahead.ts';
import { judgeInMemory, runInMemory } from '../experiment/memory-experiment.ts';
import { meanOf, share, type CaseContext, type CaseFigures, type Proof } from './proof.ts';

const calendar = calendarNamed('us-equities');
const SYMBOL = 'MADE';

/**
 * What noise is judged by: the default's features, splits, labels, rules and costs, with the members that train
 * fastest.
 */
function lightExperiment(): Experiment {
  const { estimators: _estimators, ...rest } = loadExperiment('default');
  const estimators = [
    { name: 'linear', kind: 'logistic-regression', l1Ratio: 1, strength: 0.02 },
    { name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 3, minLeafRows: 80 },
  ];
  return experimentSchema.parse({ ...rest, universe: [SYMBOL], estimators });
}

async function judged(experiment: Experiment, made: Omit<PlantedOptions, 'symbol'>): Promise<CaseFigures> {
  const options = { experiment: { ...experiment, universe: [SYMBOL] as [string] }, calendar };
  const bars = [plantedBars({ ...made, symbol: SYMBOL })];
  const run = await runInMemory({ ...options, bars });
  const result = judgeInMemory(run, { ...options, bars });
  return {
    seed: made.seed,
    informationCoefficient: run.scores.scores.informationCoefficient.value ?? 0,
    evidence: result.verdict === 'evidence',
    verdict: result.verdict,
    trades: result.trades,
  };
}

const seedOf = ({ random }: CaseContext): number => random.integer(2_147_483_647);

/** At most five in a hundred may be reported as evidence by chance. */
const FALSE_SHARE_MAX = 0.05;
const PLANTED = 0.12;
const BARS = 5_100;

/** Proofs about verdicts, on made-up series whose truth is known. */
export const TRUTH_PROOFS: readonly Proof[] = [
  {
    name: 'noise',
    shows: 'of 200 pure-noise series at most 5 % are reported as evidence (light experiment: linear and small forest)',
    count: 200,
    run: (context) => judged(lightExperiment(), { bars: 3_000, seed: seedOf(context), correlation: 0 }),
    conclude: (cases) => ({
      holds: share(cases, 'evidence') <= FALSE_SHARE_MAX,
      figures: { series: cases.length, evidence: share(cases, 'evidence') },
    }),
  },
  {
    name: 'drift',
    shows: 'random walks with a strong upward drift (0.1 % a day) are not reported as evidence',
    count: 100,
    run: (context) => judged(lightExperiment(), { bars: 3_000, seed: seedOf(context), correlation: 0, drift: 0.001 }),
    conclude: (cases) => ({
      holds: share(cases, 'evidence') <= FALSE_SHARE_MAX,
      figures: { series: cases.length, evidence: share(cases, 'evidence') },
    }),
  },
  {
    name: 'planted',
    shows: 'the default experiment recovers two thirds of a planted correlation of 0.12 and reports evidence',
    count: 20,
    run: (context) => judged(loadExperiment('default'), { bars: BARS, seed: seedOf(context), correlation: PLANTED }),
    conclude: (cases) => ({
      holds: meanOf(cases, 'informationCoefficient') >= (2 / 3) * PLANTED && share(cases, 'evidence') >= 0.9,
      figures: {
        series: cases.length,
        meanInformationCoefficient: meanOf(cases, 'informationCoefficient'),
        smallest: Math.min(...cases.map(({ informationCoefficient }) => Number(informationCoefficient))),
        evidence: share(cases, 'evidence'),
      },
    }),
  },
  {
    name: 'look-ahead',
    shows: 'nothing decided up to a time changes when every later bar is corrupted, at random times',
    count: 100,
    run: async ({ random }) => {
      const seed = random.integer(2_147_483_647);
      const experiment = lightExperiment();
      const bars = [plantedBars({ bars: 2_300, seed, correlation: PLANTED, symbol: SYMBOL })];
      const report = await huntLookAhead({ experiment, bars, calendar }, { cuts: 1, random });
      return { seed, findings: report.findings.length, ...report.compared };
    },
    conclude: (cases) => {
      const findings = cases.reduce((sum, figures) => sum + Number(figures.findings), 0);
      const compared = cases.reduce((sum, figures) => sum + Number(figures.features) + Number(figures.predictions), 0);
      return { holds: findings === 0 && compared > 0, figures: { cuts: cases.length, findings, compared } };
    },
  },
];
