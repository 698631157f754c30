import { createRandom } from '../../../infra/random.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import type { Calendar, CalendarName } from '../../../pipelines/calendars/calendar.ts';
import { marketDays } from '../../../pipelines/calendars/market-days.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import type { SessionResult } from '../../../trading/session-result.ts';
import type { Strategy } from '../../../trading/strategies/strategy.ts';
import { baselineRunner, runBaselines } from '../../judgement/baselines.ts';
import { evaluate } from '../../judgement/evaluation.ts';
import type { TrialRecord } from '../../judgement/trial-history.ts';
import { ruleSessionOptions, type RuleSession } from '../../run/rule-backtest.ts';
import type { Performance } from '../../statistics/performance.ts';

/** Values by parameter, as a rule strategy takes them; of an experiment by address. */
export type RuleParameters = Readonly<Record<string, number | string | boolean>>;

/** How the trials of a search trade: plain data, so that threads can be handed it. */
export interface TradedRules extends Omit<RuleSession, 'calendar' | 'onProgress'> {
  readonly calendar: CalendarName;
}

/** The figures of one trial that objectives and constraints are taken from, as `backtest --json` has them. */
export type TrialFigures = Pick<
  Performance,
  | 'finalEquity'
  | 'totalReturn'
  | 'cagr'
  | 'volatility'
  | 'sharpe'
  | 'sortino'
  | 'calmar'
  | 'maxDrawdown'
  | 'exposure'
  | 'turnover'
  | 'trades'
  | 'winRate'
  | 'profitFactor'
  | 'expectancy'
  | 'fees'
>;

/** What a set of parameters showed on some bars. */
export interface RuleTrial {
  readonly figures: TrialFigures;
  readonly record: TrialRecord;
  readonly journalHash: string;
}

/** The session of one set of parameters alone: from bars to equity, ledger and hash. */
export function tradeRule(rules: TradedRules, strategy: Strategy): SessionResult {
  return runHistoricalSession(ruleSessionOptions({ ...rules, calendar: calendarNamed(rules.calendar) }, strategy));
}

/**
 * Runs the session of one set of parameters and measures it as `backtest` does, beside buy-and-hold of the same average
 * exposure: what a trial stores. Random baselines are left out; nothing of a trial depends on them.
 */
export function runTrial(plan: HistoricalSessionOptions, calendar: Calendar): RuleTrial {
  const session = runHistoricalSession(plan);
  const random = createRandom(0);
  const { bars } = plan;
  const market = marketDays(calendar, bars);
  const baselines = runBaselines({ session, bars, market, run: baselineRunner(plan), random, randomRuns: 0 });
  const { measured, record } = evaluate(session, baselines, market);
  return { figures: figuresOf(measured.performance), record, journalHash: session.journalHash };
}

function figuresOf(performance: Performance): TrialFigures {
  const { finalEquity, totalReturn, cagr, volatility, sharpe, sortino, calmar } = performance;
  const { maxDrawdown, exposure, turnover, trades, winRate, profitFactor, expectancy, fees } = performance;
  const returns = { finalEquity, totalReturn, cagr, volatility, sharpe, sortino, calmar, maxDrawdown };
  return { ...returns, exposure, turnover, trades, winRate, profitFactor, expectancy, fees };
}
