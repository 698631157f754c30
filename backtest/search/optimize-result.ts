import { createRandom } from '../../infra/random.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import { applyParameters } from '../../models/search/apply-parameters.ts';
import { bestFirst } from '../../models/search/done-trial.ts';
import { objectiveOf, type TrialEvidence } from '../../models/search/objective.ts';
import type { ObjectiveName, Parameters, SearchMethod } from '../../models/search/search-schema.ts';
import { scorePredictions } from '../../models/scores/prediction-scores.ts';
import { scoreValues } from '../../models/training/fold/fold-summary.ts';
import { TEST_RUNG, WHOLE_WINDOW, type JournalRow, type TestPredictions } from '../../models/search/search-store.ts';
import type { PredictionTable } from '../../trading/strategies/model-signals.ts';
import { foresightOf } from '../judgement/foresight.ts';
import { chosenIn, type FinishedSearch } from './optimize.ts';
import { evidenceOf, tradeTable, type TrialData } from './trial-evidence.ts';
import { historyOf, type TrialHistory, type TrialRecord } from '../judgement/trial-history.ts';
import { confidenceSet, type ConfidenceSet } from '../judgement/confidence-set.ts';
import { planWords, type PlanSection } from '../plan/compare-plan.ts';
import { superiorSection, type SuperiorSection } from '../judgement/superior-section.ts';
import type { Trial } from '../judgement/trial-store.ts';
import { judge, type Judgement } from '../judgement/verdict.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import type { Scorable } from '../../models/scores/score.ts';

/** A configuration in the ranking: scored on all rows, by the folds that were left out of its training. */
interface RankedTrial {
  readonly rank: number;
  readonly trial: number;
  readonly objective: number | null;
  /** Annualised Sharpe ratio of the excess return on those rows. */
  readonly sharpe: number | null;
  readonly parameters: Parameters;
}

/** A record judged as if it were a result: what luck may have had to do with it. */
export interface JudgedRecord {
  readonly objective: number | null;
  readonly days: number;
  readonly annualReturn: number | null;
  readonly sharpe: number | null;
  /** Probability that the true ratio is above 0, were this the only trial; `deflatedSharpe` knows the others. */
  readonly probabilisticSharpe: number | null;
  readonly deflatedSharpe: number | null;
  readonly verdict: Judgement['verdict'];
  readonly reasons: readonly string[];
}

/** The document that `optimize --json` prints. */
export interface OptimizeResult {
  readonly experiment: string;
  readonly search: string;
  readonly method: SearchMethod;
  readonly objective: ObjectiveName;
  /** Distinct configurations that were scored, and the jobs that took. */
  readonly trials: number;
  /** How the trials that were asked for became those that count, in words. */
  readonly counted: string;
  readonly jobs: number;
  /** What is best on all rows: to be used next. */
  readonly parameters: Parameters;
  readonly ranking: readonly RankedTrial[];
  /** What each outer training window chose, its score there, and on the test rows that it did not know. */
  readonly folds: readonly {
    /** From 1. */
    readonly fold: number;
    readonly parameters: Parameters;
    readonly inner: number | null;
    readonly outer: number | null;
  }[];
  /** The best trial on the rows it was chosen on: what a search always flatters. */
  readonly optimistic: JudgedRecord;
  /** The chosen of each window on the test rows after it: what the search as a whole is worth. */
  readonly honest: JudgedRecord;
  readonly probabilityOfOverfitting: number | null;
  readonly reasons: readonly string[];
  /** Whether the best configuration on all rows beats its benchmark by more than luck; null with a reason. */
  readonly superiorAbility: SuperiorSection | null;
  /** Where a plan was registered for the experiment: what became of it, and what was done otherwise. */
  readonly plan?: PlanSection;
  /** Configurations of the ranking that cannot be told from the best on all rows; null with a reason. */
  readonly confidenceSet: ConfidenceSet | null;
}

export interface SearchRecords {
  /** Everything that counts as a trial on the data, the search's own out-of-sample record last. */
  readonly trials: readonly Trial[];
  /** What each window's choice showed on its outer fold, in order, and all of it as one record. */
  readonly tests: readonly TrialEvidence[];
  readonly honest: TrialEvidence;
}

/**
 * The records of a finished search: one per distinct configuration (on all rows where it was tried there), and its own.
 */
export function recordsOf({ hash, plan, journal }: FinishedSearch, data: TrialData): SearchRecords {
  const { experiment } = plan;
  const { dataHash } = plan.data;
  const symbols = data.instruments.map(({ symbol }) => symbol);
  const byConfiguration = new Map<string, Trial>();
  // Windows grow with the fold, and all rows come last: the longest record of a configuration stays.
  const ordered = [...journal]
    .filter(({ rung, result }) => rung !== TEST_RUNG && result.evidence !== null)
    .sort((a, b) => orderOf(a) - orderOf(b) || a.rung - b.rung);
  for (const { parameters, result } of ordered) {
    const applied = experimentHash(applyParameters(experiment, parameters));
    const name = `${experiment.name} (trial of a search)`;
    const record = recordOf(result.evidence!);
    byConfiguration.set(applied, { ...record, dataHash, symbols, experimentHash: applied, experimentName: name });
  }
  const { tests, honest } = honestEvidence(plan.experiment, journal, data);
  const own = { dataHash, symbols, experimentHash: hash, experimentName: `${experiment.name} (search)` };
  return { trials: [...byConfiguration.values(), { ...recordOf(honest), ...own }], tests, honest };
}

const orderOf = ({ window }: JournalRow): number => (window === WHOLE_WINDOW ? Infinity : window);

function recordOf({ dayMs, returns, excessReturns }: TrialEvidence): TrialRecord {
  return {
    timeMs: Float64Array.from(dayMs),
    returns: Float64Array.from(returns),
    excessReturns: Float64Array.from(excessReturns),
  };
}

/**
 * Trades the test of each outer fold by everything that its window chose (thresholds and sizes may differ from fold to
 * fold), up to the first decision of the next, and puts the records one after the other.
 */
function honestEvidence(
  experiment: Experiment,
  journal: readonly JournalRow[],
  data: TrialData,
): Omit<SearchRecords, 'trials'> {
  const tests = journal.filter(({ rung }) => rung === TEST_RUNG).sort((a, b) => a.window - b.window);
  const predictions = tests.map(({ result }) => result.predictions!);
  const parts = tests.map(({ parameters }, at) => {
    const endMs = predictions[at + 1]?.decisionTimeMs[0] ?? Infinity;
    const applied = applyParameters(experiment, parameters);
    const { evaluation } = tradeTable(data, applied, { table: tableOf(predictions[at]!), endMs });
    return evidenceOf(scorableOf([predictions[at]!]), evaluation);
  });
  const honest = {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    scores: scoreValues(scorePredictions(scorableOf(predictions)).scores),
    dayMs: parts.flatMap(({ dayMs }) => dayMs),
    returns: parts.flatMap(({ returns }) => returns),
    excessReturns: parts.flatMap(({ excessReturns }) => excessReturns),
    trades: parts.reduce((sum, { trades }) => sum + trades, 0),
  };
  return { tests: parts, honest };
}

function tableOf(part: TestPredictions): PredictionTable {
  const each = (value: number): Float64Array => new Float64Array(part.symbol.length).fill(value);
  return {
    symbol: part.symbol,
    decisionTimeMs: Float64Array.from(part.decisionTimeMs),
    probability: Float64Array.from(part.probability),
    trainedToMs: each(part.trainedToMs),
    expiresAtMs: each(part.expiresAtMs),
  };
}

function scorableOf(parts: readonly TestPredictions[]): Scorable {
  const flat = (name: 'decisionTimeMs' | 'probability' | 'score' | 'y' | 'realisedReturn'): Float64Array =>
    Float64Array.from(parts.flatMap((part) => part[name]));
  return {
    score: flat('score'),
    probability: flat('probability'),
    y: flat('y'),
    realisedReturn: flat('realisedReturn'),
    decisionTimeMs: flat('decisionTimeMs'),
  };
}

/** Puts the document together. `history` is of everything ever tried on the data, this search included. */
export function optimizeResult(
  finished: FinishedSearch,
  { trials, tests, honest }: SearchRecords,
  { data, history, plan: followed }: { data: TrialData; history: TrialHistory; plan?: PlanSection | undefined },
): OptimizeResult {
  const { plan, journal, hash } = finished;
  const { search, experiment } = plan;
  const inWindow = (window: number): JournalRow[] =>
    journal.filter((row) => row.window === window && row.rung !== TEST_RUNG);
  const whole = inWindow(WHOLE_WINDOW);
  const lastRung = Math.max(...whole.map(({ rung }) => rung));
  const ranked = bestFirst(whole.filter(({ rung }) => rung === lastRung));
  const best = chosenIn(search, whole, WHOLE_WINDOW) as JournalRow;
  const records = ranked.flatMap(({ result: { evidence } }, at) =>
    evidence === null ? [] : [{ rank: at + 1, record: recordOf(evidence) }],
  );
  const own = historyOf(records.map(({ record }) => record));
  const superior = superiorSection(own.excess, createRandom(search.seed).fork('superior ability'));
  const alike = confidenceSet(records, createRandom(search.seed).fork('confidence set'));
  const { periodsPerYear } = marketDays(data.calendar, data.bars);
  // Trials of every experiment on this data had their chance to look good, not only those of this search.
  const judged = (evidence: TrialEvidence, foresight: string | null): JudgedRecord => {
    const random = createRandom(search.seed).fork('verdict');
    const excessReturns = Float64Array.from(evidence.excessReturns);
    const found = judge({
      excessReturns,
      trades: evidence.trades,
      spread: history.excessSpread,
      periodsPerYear,
      foresight,
      random,
    });
    const { days, annualReturn, sharpe, probabilisticSharpe, deflatedSharpe } = found.excess;
    const figures = { days, annualReturn, sharpe, probabilisticSharpe, deflatedSharpe };
    const objective = objectiveOf(search.objective, evidence);
    return { objective, ...figures, verdict: found.verdict, reasons: found.reasons };
  };
  return {
    experiment: experiment.name,
    search: hash,
    method: search.method,
    objective: search.objective,
    trials: trials.length - 1,
    counted: countedWords(finished, { distinct: trials.length - 1, all: history.trials }),
    jobs: journal.length,
    parameters: best.parameters,
    ranking: ranked.map(({ trial, objective, parameters, result }, at) => ({
      rank: at + 1,
      trial,
      objective,
      sharpe: result.evidence === null ? null : annualSharpe(result.evidence, periodsPerYear),
      parameters,
    })),
    folds: Array.from({ length: plan.folds }, (_, fold) => {
      const { parameters, objective: inner } = chosenIn(search, inWindow(fold), fold);
      return { fold: fold + 1, parameters, inner, outer: objectiveOf(search.objective, tests[fold]!) };
    }),
    optimistic: judged(best.result.evidence!, foresightOf({ kind: 'purged-k-fold' })),
    honest: judged(honest, foresightOf(experiment.splits)),
    probabilityOfOverfitting: own.probabilityOfOverfitting,
    reasons: reasonsOf({ own, superior, followed, alike }),
    superiorAbility: superior?.section ?? null,
    ...(followed === undefined ? {} : { plan: followed }),
    confidenceSet: alike?.section ?? null,
  };
}

function reasonsOf({
  own,
  superior,
  followed,
  alike,
}: {
  own: TrialHistory;
  superior: ReturnType<typeof superiorSection>;
  followed: PlanSection | undefined;
  alike: ReturnType<typeof confidenceSet>;
}): string[] {
  return [
    ...(own.reason === null ? [] : [`probabilityOfOverfitting: ${own.reason}`]),
    superior?.reason ?? 'superiorAbility: one configuration was scored, so none was chosen.',
    ...(followed === undefined ? [] : planWords(followed)),
    alike?.reason ?? 'confidenceSet: fewer than two configurations were scored.',
  ];
}

/**
 * Methods that learn propose other configurations in each window, so that a search tries more of them than it was asked
 * for, and whatever was tried on the data before counts as well.
 */
function countedWords({ plan, journal }: FinishedSearch, { distinct, all }: { distinct: number; all: number }): string {
  const tried = journal.filter(({ rung }) => rung !== TEST_RUNG);
  const scored = tried.filter(({ result }) => result.evidence !== null).length;
  const { trials: asked, method } = plan.search;
  const unscored = tried.length === scored ? '' : ` (${tried.length - scored} more had none)`;
  const before = all - distinct - 1;
  const earlier = before === 0 ? '' : ` and ${before} tried before on this data`;
  return (
    `${asked} trials asked of ${method} in each of ${plan.folds} training windows and on all rows: ${scored} scores${unscored} ` +
    `of ${distinct} different configurations, each a trial. With the record of the search itself${earlier}, ${all} count against the result.`
  );
}

function annualSharpe(evidence: TrialEvidence, periodsPerYear: number): number | null {
  const ratio = objectiveOf('netSharpe', evidence);
  return ratio === null ? null : ratio * Math.sqrt(periodsPerYear);
}
