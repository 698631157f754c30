import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { fileActions } from '../../pipelines/adjustments/actions-of-universe.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { parseSymbols } from '../../pipelines/commands/command-options.ts';
import { dialectOf } from '../../pipelines/dialects/file-dialect.ts';
import { readTakenBars } from '../../pipelines/sources/files/bars-file.ts';
import { takenText, type Taken } from '../../pipelines/sources/files/taken.ts';
import { parseTimeframe } from '../../pipelines/timeframe.ts';
import { INTRABAR_ORDERS } from '../../trading/brokers/simulated/resting-orders.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import type { RuleOptions } from '../command-options.ts';
import type { ReportInput } from '../report/report-input.ts';
import { renderReport } from '../report/render-report.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import type { BarColumns } from '../../features/bar.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import type { SessionActions } from '../../trading/engine/corporate-actions.ts';
import { toldWords } from '../report/told-words.ts';
import { ruleBacktest } from './rule-backtest.ts';
import { parseMonteCarlo } from './monte-carlo-options.ts';
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
  createRuleStrategy(strategy, parameters);
  const settings = {
    calendar,
    strategy,
    parameters,
    sizing: parseSize(options.size),
    longShort: options.longShort ?? false,
    limits: resolveLimits(options.limits, options.limit),
    costs,
    protection: parseProtection(options),
    monteCarlo: parseMonteCarlo(options),
    capital: positive(options.capital, '--capital'),
    lot: options.lot === undefined ? undefined : positive(options.lot, '--lot'),
    seed: parseWhole(options.seed, '--seed'),
  };
  await requireOwnReport(options);
  const { bars, taken, actions } = await readBars(options, options.bars, calendar);
  const stage = context.progress.stage(
    `backtest ${strategy}`,
    bars.reduce((sum, { length }) => sum + length, 0),
  );
  const { result, evaluation, analysis } = ruleBacktest({ ...settings, bars, actions });
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
    analysis,
  };
  if (options.report !== undefined) await writeWholeFile(options.report, await renderReport(report));
  return {
    value: { ...result, ...toldWords(evaluation.session), taken },
    text: () => {
      const color = process.stdout.isTTY === true;
      return `${terminalText(report, { color, reportPath: options.report ?? null, model: null })}\n${takenText(taken)}`;
    },
  };
}

/** The report is never written over what it is made from. */
async function requireOwnReport({ report, bars = [], actions, limits, config }: RuleOptions): Promise<void> {
  await requireOwnOutput({ option: '--report', path: report }, [
    ...bars.map((path) => ({ option: '--bars', path })),
    { option: '--actions', path: actions },
    { option: '--limits', path: limits },
    { option: '--config', path: config },
  ]);
}

/** The bars of the files, what they were taken for, and the actions of theirs. */
async function readBars(
  options: RuleOptions,
  paths: readonly string[],
  calendar: Calendar,
): Promise<{ bars: readonly BarColumns[]; taken: Taken; actions: SessionActions | undefined }> {
  const symbols = options.symbol === undefined ? undefined : [parseSymbols(options.symbol)].flat();
  const timeframe = options.timeframe === undefined ? undefined : parseTimeframe(options.timeframe);
  const reading = { calendar, symbols, timeframe, dialect: dialectOf(options) };
  const { universe: bars, taken } = await readTakenBars(paths, reading);
  const adjusted = { calendar, mode: 'splits-and-dividends', timeframe: taken.timeframe } as const;
  const offered = await fileActions(options.actions, bars, { ...adjusted, trust: options.trustActions });
  return { bars, taken, actions: options.actions === undefined ? undefined : actionsFrom(offered, bars) };
}

function positive(text: string, option: string): number {
  const value = parseNumber(text, option, 0);
  if (value === 0) throw new InputError(`${option} ${text} is not above 0.`, 'Correct the value.');
  return value;
}
