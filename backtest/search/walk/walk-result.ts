import { createRandom } from '../../../infra/random.ts';
import { marketDays } from '../../../pipelines/calendars/market-days.ts';
import type { Costs } from '../../../trading/brokers/simulated/cost-model.ts';
import type { SessionResult } from '../../../trading/session-result.ts';
import { runHistoricalSession } from '../../../trading/sessions/historical-session.ts';
import { baselineRunner, runBaselines } from '../../judgement/baselines.ts';
import { analyse, type Analysis } from '../../analysis/analyse.ts';
import { evaluate, type Evaluation } from '../../judgement/evaluation.ts';
import { backtestResult, type BacktestResult } from '../../judgement/result.ts';
import type { TrialHistory } from '../../judgement/trial-history.ts';
import { mean } from '../../statistics/moments.ts';
import { isoTime } from '../../statistics/performance.ts';
import type { ParameterAxis } from '../rules/parameter-axes.ts';
import type { SearchOfRules } from '../rules/rule-search.ts';
import type { RuleParameters } from '../rules/rule-trial.ts';
import { chosenStability, type ChosenStability } from './chosen-stability.ts';
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
  /** By parameter: how much the windows agree on its value. */
  readonly stability: readonly ChosenStability[];
}

export type WalkResult = BacktestResult & { readonly walkForward: WalkSection };

/** The session over all tests, measured and beside its baselines. @param session of `plan`, where it was run already */
export function evaluateTests(
  { plan, calendar }: WalkedTests,
  seed: number,
  session: SessionResult = runHistoricalSession(plan),
): Evaluation {
  const random = createRandom(seed).fork('baselines');
  const market = marketDays(calendar, plan.bars);
  const baselines = runBaselines({ session, bars: plan.bars, market, run: baselineRunner(plan), random });
  return evaluate(session, baselines, market);
}

/** The same session taken apart. */
export function analyseTests({ plan }: WalkedTests, evaluation: Evaluation, { seed, costs }: WalkCosts): Analysis {
  const random = createRandom(seed).fork('analysis');
  return analyse({ evaluation, plan, costs, random });
}

interface WalkCosts {
  readonly seed: number;
  readonly costs: Partial<Costs>;
}

interface Walked {
  readonly folds: readonly WalkedFold[];
  readonly tests: WalkedTests;
  readonly search: SearchOfRules;
  /** What was searched in each window. */
  readonly axes: readonly ParameterAxis[];
}

/** Puts the document together. `history` is of everything ever tried on the data, this walk included. */
export function walkResult(
  { folds, tests, search, axes }: Walked,
  measured: { evaluation: Evaluation; analysis: Analysis; history: TrialHistory; costs: Partial<Costs> },
): WalkResult {
  const result = backtestResult({
    ...{ ...measured, experiment: null, protection: tests.plan.protection },
    strategy: { name: tests.plan.strategy.name, parameters: {} },
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
  const stability = chosenStability(
    axes,
    rows.map(({ parameters }) => parameters),
  );
  return { ...result, reasons, walkForward: { method, objective, constraints, folds: rows, efficiency, stability } };
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
