import type { Command } from 'commander';
import { InputError } from '../infra/errors.ts';
import type { BarsFiles } from '../models/experiment/checked-experiment.ts';
import { calendarNamed } from '../pipelines/calendars/calendar-named.ts';
import { parseSymbols } from '../pipelines/commands/command-options.ts';
import { parseTimeframe } from '../pipelines/timeframe.ts';
import type { MonteCarloOptions } from './run/monte-carlo-options.ts';
import { addDialectOptions, dialectOf, flagOf, type DialectOptions } from '../pipelines/dialects/file-dialect.ts';

/** Options of the commands that take an experiment. */
export interface ExperimentOptions extends DialectOptions, MonteCarloOptions {
  readonly columns?: string;
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly bars?: string[];
  readonly calendar?: string;
  readonly fresh?: boolean;
  readonly serve?: boolean;
  readonly once?: boolean;
  readonly port?: string;
}

/** Options of a rule strategy over a bars file. */
export interface RuleOptions extends ExperimentOptions {
  readonly strategy?: string;
  readonly deadline?: string;
  readonly set: string[];
  readonly size: string;
  readonly longShort?: boolean;
  readonly limits?: string;
  readonly limit: string[];
  readonly fill: string;
  readonly capital: string;
  readonly feeBps: string;
  readonly slippageBps: string;
  readonly cost: string[];
  readonly stopLoss?: string;
  readonly takeProfit?: string;
  readonly trailing?: string;
  readonly trailingAfter?: string;
  readonly intrabar: string;
  readonly stopFill: string;
  readonly lot?: string;
  readonly instruments?: string;
  readonly fine?: string[];
  readonly actions?: string;
  readonly trustActions?: boolean;
  readonly report?: string;
  readonly config?: string;
  readonly seed: string;
}

/** Options of `lookahead` and `warmup`. */
export interface ResearchOptions extends ExperimentOptions {
  readonly cuts?: string;
  readonly seed: string;
}

/** Reads a repeatable option into a list. */
export const collect = (value: string, before: string[]): string[] => [...before, value];

/** Adds the options that name bars files and say what these cannot. */
export function addBarsOptions(command: Command): void {
  command.option('--bars <FILE>', 'bars that replace the data of the experiment (repeatable)', collect, []);
  command.option(
    '--calendar <NAME>',
    'calendar of those bars: none, us-equities, us-equities-extended, us-equities-overnight, crypto',
    'none',
  );
  command.option('--symbol <LIST>', 'symbols of those bars, comma-separated (default: all that they hold)');
  command.option('--timeframe <SIZE>', 'their bar size (default: what their times imply)');
  addDialectOptions(command);
}

/** The bars files that replace the data of an experiment. Throws InputError for options that would do nothing. */
export function barsFilesOf(options: ExperimentOptions): BarsFiles {
  const dialect = dialectOf(options);
  const barsCalendar = calendarNamed(options.calendar ?? 'none').name;
  if (options.bars === undefined || options.bars.length === 0) {
    const idle = [
      ...(['symbol', 'timeframe'] as const).filter((name) => options[name] !== undefined),
      ...Object.keys(dialect ?? {}),
    ];
    if (idle.length === 0) return {};
    const flags = idle.map(flagOf).join(', ');
    throw new InputError(
      `Without --bars ${flags} would do nothing.`,
      'An experiment says it of its own file under data.',
    );
  }
  return {
    barsFiles: options.bars,
    barsCalendar,
    barsDialect: dialect,
    barsTimeframe: options.timeframe === undefined ? undefined : parseTimeframe(options.timeframe),
    barsSymbols: options.symbol === undefined ? undefined : [parseSymbols(options.symbol)].flat(),
  };
}

/** Adds the options of the commands that take an experiment. */
export function addExperimentOptions(command: Command): void {
  addBarsOptions(command);
  command.option('--fresh', 'compute everything again from bars');
}
