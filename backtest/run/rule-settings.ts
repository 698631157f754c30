import type { BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { parseYamlFile } from '../../infra/files/yaml-file.ts';
import { requireShortBars } from '../../models/experiment/execution/extended-hours.ts';
import { instrumentsSchema } from '../../models/experiment/instruments-schema.ts';
import { fileActions } from '../../pipelines/adjustments/actions-of-universe.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { parseSymbols } from '../../pipelines/commands/command-options.ts';
import { dialectOf } from '../../pipelines/dialects/file-dialect.ts';
import { readTakenBars } from '../../pipelines/sources/files/bars-file.ts';
import { takenText, type Taken } from '../../pipelines/sources/files/taken.ts';
import { parseTimeframe } from '../../pipelines/timeframe.ts';
import type { Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { SessionActions } from '../../trading/engine/corporate-actions.ts';
import { actionsFrom } from '../../trading/sessions/session-rules.ts';
import type { RuleOptions } from '../command-options.ts';
import type { ReportInput } from '../report/report-input.ts';
import { parseCosts } from './cost-options.ts';
import { readFineBars } from './fine-option.ts';
import { parseProtection } from './protection-options.ts';
import type { RuleSession } from './rule-backtest.ts';
import { parseNumber } from './number-options.ts';
import { parseSize, resolveLimits } from './session-options.ts';

/** The files of `--bars`. InputError without one. */
export function requireBars({ bars = [] }: RuleOptions, strategy: string): readonly string[] {
  if (bars.length > 0) return bars;
  throw new InputError(`--strategy ${strategy} needs bars.`, 'Give --bars FILE.');
}

/** How a rule strategy trades, by the options of the command line. InputError names the one that is wrong. */
export function ruleSettings(options: RuleOptions): Omit<RuleSession, 'bars' | 'actions' | 'fine'> & { costs: Costs } {
  const protection = parseProtection(options);
  return {
    calendar: calendarNamed(options.calendar ?? 'none'),
    sizing: parseSize(options.size, protection?.stopLoss ?? protection?.trailing),
    longShort: options.longShort ?? false,
    limits: resolveLimits(options.limits, options.limit),
    costs: parseCosts(options),
    protection,
    capital: positive(options.capital, '--capital'),
    instruments: options.instruments === undefined ? undefined : parseYamlFile(instrumentsSchema, options.instruments),
    lot: options.lot === undefined ? undefined : positive(options.lot, '--lot'),
  };
}

/** What files hold: bars with their splits and dividends, finer ones inside them, and what they were taken for. */
interface RuleBars extends Pick<RuleSession, 'fine'> {
  readonly bars: BarColumns[];
  readonly taken: Taken;
  readonly actions: SessionActions | undefined;
}

/** Reads the bars of the files and what goes with them. */
export async function readRuleBars(options: RuleOptions, files: readonly string[]): Promise<RuleBars> {
  const calendar = calendarNamed(options.calendar ?? 'none');
  const symbols = options.symbol === undefined ? undefined : [parseSymbols(options.symbol)].flat();
  const timeframe = options.timeframe === undefined ? undefined : parseTimeframe(options.timeframe);
  const reading = { calendar, symbols, timeframe, dialect: dialectOf(options) };
  const { universe: bars, taken } = await readTakenBars([...files], reading);
  requireShortBars(calendar, taken.timeframe, `${files.join(', ')}: `);
  const adjusted = { calendar, mode: 'splits-and-dividends', timeframe: taken.timeframe } as const;
  const offered = await fileActions(options.actions, bars, { ...adjusted, trust: options.trustActions });
  const fine = await readFineBars(options, bars, taken.timeframe);
  return { bars, taken, fine, actions: options.actions === undefined ? undefined : actionsFrom(offered, bars) };
}

/** What a report says of bars that files were read into. */
export function dataOfFiles(files: readonly string[], taken: Taken): ReportInput['data'] {
  const [title, statement] = [files.join(', '), takenText(taken)];
  return { title, statement, url: null, simulated: false, timeframe: taken.timeframe };
}

function positive(text: string, option: string): number {
  const value = parseNumber(text, option, 0);
  if (value === 0) throw new InputError(`${option} ${text} is not above 0.`, 'Correct the value.');
  return value;
}
