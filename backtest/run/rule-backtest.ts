import type { BarColumns } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import { asTabled, type InstrumentTable } from '../../models/experiment/instruments-schema.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import type { Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { SessionActions } from '../../trading/engine/corporate-actions.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import type { ProtectionRule } from '../../trading/risk/protection.ts';
import type { SizingRule } from '../../trading/risk/sizing.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import { analyse, type Analysis } from '../analysis/analyse.ts';
import type { MonteCarloSettings } from '../statistics/monte-carlo.ts';
import type { Strategy } from '../../trading/strategies/strategy.ts';
import { baselineRunner, runBaselines } from '../judgement/baselines.ts';
import { evaluate, type Evaluation } from '../judgement/evaluation.ts';
import { backtestResult, type BacktestResult } from '../judgement/result.ts';
import { fileInstrument } from '../../pipelines/sources/files/file-instrument.ts';
import { historyOf } from '../judgement/trial-history.ts';
import { extendedHours, regularOf } from '../../pipelines/calendars/extended-hours.ts';
import { endsDayOf, marketDays } from '../../pipelines/calendars/market-days.ts';
import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';

/** A rule strategy over bars of a file: everything the command line may say. */
export interface RuleBacktestOptions {
  readonly bars: readonly BarColumns[];
  /** Finer bars of each series, by which prices inside its bars are known; none by default. */
  readonly fine?: readonly (BarColumns | undefined)[] | undefined;
  readonly calendar: Calendar;
  /** A name of a rule strategy with its parameters, or the strategy itself. */
  readonly strategy: string | Strategy;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly sizing: SizingRule;
  readonly longShort: boolean;
  readonly limits: RiskLimits;
  readonly costs: Partial<Costs>;
  readonly protection?: ProtectionRule | undefined;
  readonly capital: number;
  /** What the venue takes, by symbol; whatever is on the grid by default. */
  readonly instruments?: InstrumentTable | undefined;
  /** Smallest quantity step; by default the instrument's: 1, or 1e-8 for coins. */
  readonly lot?: number | undefined;
  readonly seed: number;
  /** Splits and dividends, one list per series; none by default. */
  readonly actions?: SessionActions | undefined;
  /** What a user asks to be drawn; the usual paths by default. */
  readonly monteCarlo?: Partial<MonteCarloSettings> | undefined;
  readonly onProgress?: (bars: number) => void;
}

/** How a rule strategy trades, whatever its name and parameters. */
export type RuleSession = Omit<RuleBacktestOptions, 'strategy' | 'parameters' | 'seed'>;

/** The session of a strategy over bars of a file: what `backtest` runs, and every trial of a search. */
export function ruleSessionOptions(options: RuleSession, strategy: Strategy): HistoricalSessionOptions {
  return {
    bars: options.bars,
    fine: options.fine,
    instruments: asTabled(
      options.bars.map(({ symbol }) => fileInstrument(symbol, { calendar: options.calendar.name, lot: options.lot })),
      options.instruments,
    ),
    strategy,
    sizing: options.sizing,
    limits: options.limits,
    signals: { longShort: options.longShort },
    broker: simulatedBroker(options.costs),
    protection: options.protection,
    financing: options.costs.financing,
    capital: options.capital,
    dayOf: marketDays(options.calendar).dayOf,
    endsDay: endsDayOf(regularOf(options.calendar)),
    extended: extendedHours(options.calendar),
    actions: options.actions,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  };
}

/**
 * A rule strategy over a file, without a database: session, baselines, statistics and verdict as one result document.
 * One trial, as nothing is known of others. Pure: equal options give an equal document.
 */
export function ruleBacktest(options: RuleBacktestOptions): {
  result: BacktestResult;
  evaluation: Evaluation;
  analysis: Analysis;
} {
  const { strategy } = options;
  const decides = typeof strategy === 'string' ? createRuleStrategy(strategy, options.parameters) : strategy;
  const plan = ruleSessionOptions(options, decides);
  const session = runHistoricalSession(plan);
  const random = createRandom(options.seed);
  const run = baselineRunner(plan);
  const { bars } = options;
  const market = marketDays(options.calendar, bars);
  const baselines = runBaselines({ session, bars, market, run, random: random.fork('baselines') });
  const evaluation = evaluate(session, baselines, market);
  const { costs, monteCarlo } = options;
  const analysis = analyse({ evaluation, plan, costs, random: random.fork('analysis'), monteCarlo });
  const result = backtestResult({
    evaluation,
    history: historyOf([evaluation.record]),
    experiment: null,
    strategy: { name: plan.strategy.name, parameters: plan.strategy.parameters },
    random: random.fork('statistics'),
    costs,
    protection: options.protection,
    analysis,
  });
  return { result, evaluation, analysis };
}
