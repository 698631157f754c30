import type { BarColumns } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import type { Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { SessionActions } from '../../trading/engine/corporate-actions.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import type { ProtectionRule } from '../../trading/risk/protection.ts';
import type { SizingRule } from '../../trading/risk/sizing.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import type { Strategy } from '../../trading/strategies/strategy.ts';
import { baselineRunner, runBaselines } from '../judgement/baselines.ts';
import { evaluate, type Evaluation } from '../judgement/evaluation.ts';
import { backtestResult, type BacktestResult } from '../judgement/result.ts';
import { fileInstrument } from '../../pipelines/sources/files/file-instrument.ts';
import { historyOf } from '../judgement/trial-history.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';

/** A rule strategy over bars of a file: everything the command line may say. */
export interface RuleBacktestOptions {
  readonly bars: readonly BarColumns[];
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
  /** Smallest quantity step; by default the instrument's: 1, or 1e-8 for coins. */
  readonly lot?: number | undefined;
  readonly seed: number;
  /** Splits and dividends, one list per series; none by default. */
  readonly actions?: SessionActions | undefined;
  readonly onProgress?: (bars: number) => void;
}

/** The session of a rule strategy: also what `bench backtest` runs. InputError for an unknown strategy or parameter. */
function ruleSessionOptions(options: RuleBacktestOptions): HistoricalSessionOptions {
  return {
    bars: options.bars,
    instruments: options.bars.map(({ symbol }) =>
      fileInstrument(symbol, { calendar: options.calendar.name, lot: options.lot }),
    ),
    strategy:
      typeof options.strategy === 'string'
        ? createRuleStrategy(options.strategy, options.parameters)
        : options.strategy,
    sizing: options.sizing,
    limits: options.limits,
    signals: { longShort: options.longShort },
    broker: simulatedBroker(options.costs),
    protection: options.protection,
    capital: options.capital,
    dayOf: marketDays(options.calendar).dayOf,
    actions: options.actions,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  };
}

/**
 * A rule strategy over a file, without a database: session, baselines, statistics and verdict as one result document.
 * One trial, as nothing is known of others. Pure: equal options give an equal document.
 */
export function ruleBacktest(options: RuleBacktestOptions): { result: BacktestResult; evaluation: Evaluation } {
  const plan = ruleSessionOptions(options);
  const session = runHistoricalSession(plan);
  const random = createRandom(options.seed);
  const run = baselineRunner(plan);
  const baselines = runBaselines({ session, bars: options.bars, run, random: random.fork('baselines') });
  const evaluation = evaluate(session, baselines, marketDays(options.calendar, options.bars));
  const result = backtestResult({
    evaluation,
    history: historyOf([evaluation.record]),
    experiment: null,
    strategy: { name: plan.strategy.name, parameters: plan.strategy.parameters },
    random: random.fork('statistics'),
    costs: options.costs,
    protection: options.protection,
  });
  return { result, evaluation };
}
