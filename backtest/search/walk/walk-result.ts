import { createRandom } from '../../../infra/random.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { marketDays } from '../../../pipelines/calendars/market-days.ts';
import { runHistoricalSession } from '../../../trading/sessions/historical-session.ts';
import { baselineRunner, runBaselines } from '../../judgement/baselines.ts';
import type { HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import { analyse, type Analysis } from '../../analysis/analyse.ts';
import { evaluate, type Evaluation } from '../../judgement/evaluation.ts';
import { backtestResult, type BacktestResult } from '../../judgement/result.ts';
import type { TrialHistory } from '../../judgement/trial-history.ts';
import { ruleSessionOptions } from '../../run/rule-backtest.ts';
import { mean } from '../../statistics/moments.ts';
import { isoTime } from '../../statistics/performance.ts';
import type { SearchOfRules } from '../rules/rule-search.ts';
import type { RuleParameters } from '../rules/trials-on-thread.ts';
import type { TradedRules } from '../rules/rule-trial.ts';
import type { WalkedFold, WalkedTests } from './walk-rules.ts';

interface Span {
  readonly from: string;
  readonly to: string;
}

/** A window of the document: closes, from the first to the last. */
export interface WalkFoldRow {
  /** From 1. */
  readonly fold: number;
  readonly train: Span;
  readonly test: Span;
  /** What was chosen; null where no trial met the constraints, and the test was sat out. */
  readonly parameters: RuleParameters | null;
  readonly trials: number;
  /** The objective where it was chosen, and over the test by itself, from flat. */
  readonly inSample: number | null;
  readonly outOfSample: number | null;
  readonly trades: number;
  readonly totalReturn: number;
}

/** What `walk-forward --strategy --json` adds to the document of `backtest --json`. */
export interface WalkSection {
  readonly method: SearchOfRules['method'];
  readonly objective: SearchOfRules['objective'];
  readonly constraints: SearchOfRules['constraints'];
  readonly folds: readonly WalkFoldRow[];
  /** Mean objective out of sample over that in sample, of the folds that have both: Pardo's efficiency. */
  readonly efficiency: number | null;
}

export type WalkResult = BacktestResult & { readonly walkForward: WalkSection };

/** The session over all tests, measured and beside its baselines. */
export function evaluateTests(tests: WalkedTests, seed: number): Evaluation {
  const { rules } = tests;
  const calendar = calendarNamed(rules.calendar);
  const options = sessionOf(tests);
  const session = runHistoricalSession(options);
  const random = createRandom(seed).fork('baselines');
  const market = marketDays(calendar, rules.bars);
  const baselines = runBaselines({ session, bars: rules.bars, market, run: baselineRunner(options), random });
  return evaluate(session, baselines, market);
}

/** The same session taken apart. */
export function analyseTests(tests: WalkedTests, evaluation: Evaluation, seed: number): Analysis {
  const random = createRandom(seed).fork('analysis');
  return analyse({ evaluation, plan: sessionOf(tests), costs: tests.rules.costs, random });
}

function sessionOf({ rules, strategy }: WalkedTests): HistoricalSessionOptions {
  return ruleSessionOptions({ ...rules, calendar: calendarNamed(rules.calendar) }, strategy);
}

/** Puts the document together. `history` is of everything ever tried on the data, this walk included. */
export function walkResult(
  { folds, tests, search }: { folds: readonly WalkedFold[]; tests: WalkedTests; search: SearchOfRules },
  measured: { evaluation: Evaluation; analysis: Analysis; history: TrialHistory; rules: TradedRules },
): WalkResult {
  const { rules, ...rest } = measured;
  const result = backtestResult({
    ...{ ...rest, experiment: null, costs: rules.costs, protection: rules.protection },
    strategy: { name: tests.strategy.name, parameters: {} },
    random: createRandom(search.seed).fork('statistics'),
  });
  const rows = folds.map((fold, at) => rowOf(fold, at, { tests, search }));
  const both = rows.filter(({ inSample, outOfSample }) => inSample !== null && outOfSample !== null);
  const inside = both.length === 0 ? 0 : mean(both.map(({ inSample }) => inSample!));
  const efficiency = inside > 0 ? mean(both.map(({ outOfSample }) => outOfSample!)) / inside : null;
  const { method, objective, constraints } = search;
  const sat = rows.filter(({ parameters }) => parameters === null).map(({ fold }) => fold);
  const reasons = [
    ...result.reasons,
    ...(sat.length === 0 ? [] : [`walkForward: no trial met the constraints in fold ${sat.join(', ')}: sat out.`]),
    ...(efficiency === null ? [`efficiency: the mean ${objective} in sample is not above 0.`] : []),
  ];
  return { ...result, reasons, walkForward: { method, objective, constraints, folds: rows, efficiency } };
}

function rowOf(
  { window, best, parameters, tried }: WalkedFold,
  at: number,
  { tests, search }: { tests: WalkedTests; search: SearchOfRules },
): WalkFoldRow {
  const figures = tests.apart[at]?.figures;
  return {
    fold: at + 1,
    train: { from: isoTime(window.trainFromMs), to: isoTime(window.trainToMs) },
    test: { from: isoTime(window.testFromMs), to: isoTime(window.testToMs) },
    parameters,
    trials: tried.length,
    inSample: best?.worth ?? null,
    outOfSample: figures?.[search.objective] ?? null,
    trades: figures?.trades ?? 0,
    totalReturn: figures?.totalReturn ?? 0,
  };
}
