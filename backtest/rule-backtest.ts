import type { BarColumns } from '../features/bar.ts';
import { createRandom } from '../infra/random.ts';
import type { RiskLimits } from '../models/experiment.ts';
import type { Calendar } from '../pipelines/calendars/calendar.ts';
import type { Costs } from '../trading/cost-model.ts';
import { runHistoricalSession } from '../trading/historical-session.ts';
import type { SessionResult } from '../trading/session-result.ts';
import type { SizingRule } from '../trading/sizing.ts';
import { createRuleStrategy } from '../trading/strategies/rule-strategies.ts';
import type { Strategy } from '../trading/strategy.ts';
import { runBaselines, type BaselinePlan } from './baselines.ts';
import { evaluate } from './evaluation.ts';
import { backtestResult, type BacktestResult } from './result.ts';
import { fileInstrument, marketDays } from './session-options.ts';
import { historyOf } from './trial-history.ts';

/** A rule strategy over bars of a file: everything the command line may say. */
export interface RuleBacktestOptions {
  readonly bars: readonly BarColumns[];
  readonly calendar: Calendar;
  readonly strategy: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly sizing: SizingRule;
  readonly longShort: boolean;
  readonly limits: RiskLimits;
  readonly costs: Partial<Costs>;
  readonly capital: number;
  readonly lot: number;
  readonly seed: number;
  readonly onProgress?: (bars: number) => void;
}

/** Runs one plan over the options' bars, costs, limits and capital: the strategy itself and its baselines go through here. */
function runPlan(options: RuleBacktestOptions, plan: BaselinePlan, onProgress?: (bars: number) => void): SessionResult {
  return runHistoricalSession({
    bars: options.bars,
    instruments: options.bars.map(({ symbol }) => fileInstrument(symbol, options.lot)),
    strategy: plan.strategy,
    sizing: plan.sizing,
    limits: options.limits,
    signals: { longShort: plan.longShort },
    costs: options.costs,
    capital: options.capital,
    dayOf: marketDays(options.calendar).dayOf,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

/** The session alone, without baselines and statistics: what `bench backtest` measures. */
export function runRuleSession(options: RuleBacktestOptions): SessionResult {
  const strategy: Strategy = createRuleStrategy(options.strategy, options.parameters);
  const plan = { strategy, sizing: options.sizing, longShort: options.longShort };
  return runPlan(options, plan, options.onProgress);
}

/**
 * A rule strategy over a file, without a database: session, baselines, statistics and verdict as one result document. One
 * trial, as nothing is known of others. Pure: equal options give an equal document.
 */
export function ruleBacktest(options: RuleBacktestOptions): BacktestResult {
  const strategy = createRuleStrategy(options.strategy, options.parameters);
  const session = runRuleSession(options);
  const random = createRandom(options.seed);
  const baselines = runBaselines({
    session,
    bars: options.bars,
    run: (plan) => runPlan(options, plan),
    random: random.fork('baselines'),
  });
  const evaluation = evaluate(session, baselines, marketDays(options.calendar));
  return backtestResult({
    evaluation,
    history: historyOf([evaluation.record]),
    experiment: null,
    strategy: { name: strategy.name, parameters: strategy.parameters },
    random: random.fork('statistics'),
  });
}
