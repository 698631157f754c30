import type { z } from 'zod';
import { InputError } from '../../infra/errors.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { costsSchema } from '../../models/experiment/costs-schema.ts';
import { NAMED_LIMITS, riskLimitsSchema, type RiskLimits } from '../../models/experiment/experiment.ts';
import type { CalendarName } from '../../pipelines/calendars/calendar.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import type { ProtectionRule } from '../../trading/risk/protection.ts';
import type { SizingRule } from '../../trading/risk/sizing.ts';
import type { OwnStrategy } from '../../trading/strategies/own/own-strategy.ts';
import type { Strategy } from '../../trading/strategies/strategy.ts';
import type { BacktestResult } from '../judgement/result.ts';
import { ruleBacktest } from '../run/rule-backtest.ts';
import { strategyOf } from '../run/strategy-option.ts';
import { listed, timeframeOf, type Bars } from './input-bars.ts';

export interface BacktestOptions {
  /** Of its strategy. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** What messages and the result call a strategy of your own. Default: `own`. */
  readonly name?: string;
  /** Hours of the market: `us-equities`, `us-equities-extended`, `crypto` or `none`. Default: `none`. */
  readonly calendar?: CalendarName;
  /** What the account begins with. Default: 100,000. */
  readonly capital?: number;
  /** How large a position is asked for. Default: all of the equity. */
  readonly sizing?: SizingRule;
  /** `standard`, `unbounded`, or limits by key. Default: `unbounded`. */
  readonly limits?: 'standard' | 'unbounded' | z.input<typeof riskLimitsSchema>;
  /** As `costs` of an experiment. Default: those of an experiment that says nothing. */
  readonly costs?: z.input<typeof costsSchema>;
  readonly protection?: ProtectionRule;
  /** SELL may open a short position. Default: false. */
  readonly longShort?: boolean;
  /** Of baselines and of the bootstrap. Default: 7. */
  readonly seed?: number;
  /** A file for the report, one page of HTML. */
  readonly report?: string;
}

/**
 * Trades a strategy over bars by the engine that trades live: the figures, the verdict and its reasons, as `backtest
 * --json` has them. The run counts as the only trial.
 * @param strategy a rule by its name (`signalbox strategies`), a TypeScript file, or one that your program has made
 * @throws InputError that names what is wrong
 */
export async function backtest(
  strategy: string | OwnStrategy,
  bars: Bars,
  options: BacktestOptions = {},
): Promise<BacktestResult> {
  const all = listed(bars);
  const { parameters = {}, report, calendar = 'none', capital = 100_000, seed = 7 } = options;
  if (!(capital > 0 && capital < Infinity)) {
    throw new InputError(`capital ${capital} is no amount above 0.`, 'Give a number such as 100000.');
  }
  if (report !== undefined) await requireOwnOutput({ option: 'report', path: report }, []);
  const decides = await strategyFrom(strategy, { ...options, parameters });
  const costs = checked('costs', costsSchema, options.costs ?? {});
  const { result, evaluation, analysis } = ruleBacktest({
    bars: all,
    calendar: calendarNamed(calendar),
    strategy: decides,
    parameters,
    sizing: options.sizing ?? { kind: 'all-in' },
    longShort: options.longShort ?? false,
    limits: limitsFrom(options.limits ?? 'unbounded'),
    costs,
    protection: options.protection,
    capital,
    seed,
  });
  if (report === undefined) return result;
  const { renderReport } = await import('../report/render-report.ts');
  const symbols = all.map(({ symbol }) => symbol).join(', ');
  const page = await renderReport({
    title: decides.name,
    description: '',
    result,
    evaluation,
    data: { title: symbols, statement: 'Bars of a program.', url: null, simulated: false, timeframe: timeframeOf(all) },
    costs,
    currency: 'USD',
    source: `backtest('${decides.name}', bars)`,
    identification: [],
    writtenAtMs: null,
    analysis,
  });
  await writeWholeFile(report, page);
  return result;
}

async function strategyFrom(
  strategy: string | OwnStrategy,
  { name = 'own', parameters = {} }: Pick<BacktestOptions, 'name' | 'parameters'>,
): Promise<Strategy> {
  if (typeof strategy === 'string') return strategyOf(strategy, parameters);
  const { strategyOfObject } = await import('../../trading/strategies/own/load-own-strategy.ts');
  return strategyOfObject(name, strategy, parameters);
}

function limitsFrom(given: NonNullable<BacktestOptions['limits']>): RiskLimits {
  return typeof given === 'string' ? NAMED_LIMITS[given] : checked('limits', riskLimitsSchema, given);
}

function checked<Schema extends z.ZodType>(key: string, schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new InputError(`${[key, ...path].join('.')}: ${message}`, 'Correct the value.');
}
