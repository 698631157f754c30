import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { fileActions } from '../../pipelines/adjustments/actions-of-universe.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { parseSymbols } from '../../pipelines/commands/command-options.ts';
import { dialectOf } from '../../pipelines/dialects/file-dialect.ts';
import { readTakenBars } from '../../pipelines/sources/files/bars-file.ts';
import { takenText } from '../../pipelines/sources/files/taken.ts';
import { parseTimeframe } from '../../pipelines/timeframe.ts';
import { INTRABAR_ORDERS } from '../../trading/brokers/simulated/resting-orders.ts';
import { strategyOf } from './strategy-option.ts';
import type { RuleOptions } from '../command-options.ts';
import type { ReportInput } from '../report/report-input.ts';
import { toldWords } from '../report/told-words.ts';
import { ruleBacktest } from './rule-backtest.ts';
import { parseProtection } from './protection-options.ts';
import { oneOf, parseAssignments, parseNumber, parseSize, parseWhole, resolveLimits } from './session-options.ts';
import { terminalText } from './terminal.ts';
import { actionsFrom } from '../../trading/sessions/session-rules.ts';

/** `backtest --bars FILE --strategy NAME`: every option is checked before the file is read. */
export async function ruleCommand(
  context: CommandContext,
  options: RuleOptions,
  strategy: string,
): Promise<CommandOutput> {
  if (options.bars === undefined || options.bars.length === 0) {
    throw new InputError(`--strategy ${strategy} needs bars.`, 'Give --bars FILE.');
  }
  const calendar = calendarNamed(options.calendar ?? 'none');
  const costs = {
    feeBps: parseNumber(options.feeBps, '--fee-bps', 0),
    slippage: { kind: 'fixed' as const, bps: parseNumber(options.slippageBps, '--slippage-bps', 0) },
    fill: oneOf(options.fill, ['next-open', 'next-close'] as const, '--fill'),
    intrabar: oneOf(options.intrabar, INTRABAR_ORDERS, '--intrabar'),
    stopFill: oneOf(options.stopFill, ['gap', 'exact'] as const, '--stop-fill'),
  };
  const parameters = parseAssignments(options.set, '--set');
  const decides = await strategyOf(strategy, parameters, options.deadline);
  const settings = {
    calendar,
    strategy: decides,
    sizing: parseSize(options.size),
    longShort: options.longShort ?? false,
    limits: resolveLimits(options.limits, options.limit),
    costs,
    protection: parseProtection(options),
    capital: positive(options.capital, '--capital'),
    lot: options.lot === undefined ? undefined : positive(options.lot, '--lot'),
    seed: parseWhole(options.seed, '--seed'),
  };
  const symbols = options.symbol === undefined ? undefined : [parseSymbols(options.symbol)].flat();
  const timeframe = options.timeframe === undefined ? undefined : parseTimeframe(options.timeframe);
  const reading = { calendar, symbols, timeframe, dialect: dialectOf(options) };
  const { universe: bars, taken } = await readTakenBars(options.bars, reading);
  const adjusted = { calendar, mode: 'splits-and-dividends', timeframe: taken.timeframe } as const;
  const offered = await fileActions(options.actions, bars, { ...adjusted, trust: options.trustActions });
  const actions = options.actions === undefined ? undefined : actionsFrom(offered, bars);
  const stage = context.progress.stage(
    `backtest ${strategy}`,
    bars.reduce((sum, { length }) => sum + length, 0),
  );
  const { result, evaluation } = ruleBacktest({ ...settings, bars, actions });
  stage.done();
  const report: ReportInput = {
    title: strategy,
    description: '',
    result,
    evaluation,
    data: {
      title: options.bars.join(', '),
      statement: takenText(taken),
      url: null,
      simulated: false,
      timeframe: taken.timeframe,
    },
    costs,
    currency: 'USD',
    source: `backtest --bars ${options.bars.join(' --bars ')} --strategy ${strategy}`,
    identification: [],
    writtenAtMs: null,
  };
  return {
    value: { ...result, ...toldWords(evaluation.session), taken },
    text: () => {
      const color = process.stdout.isTTY === true;
      return `${terminalText(report, { color, reportPath: null, model: null })}\n${takenText(taken)}`;
    },
  };
}

function positive(text: string, option: string): number {
  const value = parseNumber(text, option, 0);
  if (value === 0) throw new InputError(`${option} ${text} is not above 0.`, 'Correct the value.');
  return value;
}
