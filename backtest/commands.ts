import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../infra/command.ts';
import { InputError } from '../infra/errors.ts';
import { calendarNamed } from '../pipelines/calendars/calendar-named.ts';
import type { CalendarName } from '../pipelines/calendars/calendar.ts';
import { readBarsFile } from '../pipelines/sources/bars-file.ts';
import { registerBenchCommand } from './bench/commands.ts';
import type { ReportInput } from './report-input.ts';
import { ruleBacktest } from './rule-backtest.ts';
import { runExperiment, type ExperimentRun } from './run-experiment.ts';
import { serveReport } from './serve-report.ts';
import { parseAssignments, parseNumber, parseSize, resolveLimits } from './session-options.ts';
import { terminalText } from './terminal.ts';

interface ExperimentOptions {
  readonly bars?: string[];
  readonly calendar?: string;
  readonly fresh?: boolean;
  readonly serve?: boolean;
  readonly once?: boolean;
  readonly port?: string;
}

interface RuleOptions extends ExperimentOptions {
  readonly strategy?: string;
  readonly set: string[];
  readonly size: string;
  readonly longShort?: boolean;
  readonly limits?: string;
  readonly limit: string[];
  readonly fill: string;
  readonly capital: string;
  readonly feeBps: string;
  readonly slippageBps: string;
  readonly lot: string;
  readonly seed: string;
}

const collect = (value: string, before: string[]): string[] => [...before, value];

/** Registers `run`, `train`, `walk-forward`, `backtest` and `bench`. */
export function registerBacktestCommands(program: Command): void {
  const run = addCommand(program, 'run <experiment>', 'ingest, materialise, train, walk forward, report: the main job');
  addExperimentOptions(run);
  run.option('--serve', 'serve the report on loopback until Ctrl-C');
  run.option('--once', 'end when the report is written');
  run.option('--port <N>', 'serve on this port (default: the first free one from 4380)');
  bindAction(run, runCommand);

  const train = addCommand(program, 'train <experiment>', 'train an experiment and register its model');
  addExperimentOptions(train);
  bindAction<ExperimentOptions>(train, async (context, options, experiment) => {
    const { trained, prepared } = await runOf(context, options, experiment!);
    const value = {
      experiment: prepared.experiment.name,
      training: trained.trainingHash,
      folds: trained.folds.length,
      trainedNow: trained.trainedNow,
    };
    return { value, text: () => `${value.experiment}: ${value.folds} folds and the final model are trained` };
  });

  const walkForward = addCommand(
    program,
    'walk-forward <experiment>',
    'train fold by fold and trade what each predicts',
  );
  addExperimentOptions(walkForward);
  bindAction<ExperimentOptions>(walkForward, async (context, options, experiment) =>
    outputOf(await runOf(context, options, experiment!)),
  );

  registerBacktest(program);
  registerBenchCommand(program);
}

function addExperimentOptions(command: Command): void {
  command.option('--bars <FILE>', 'bars that replace the data of the experiment (repeatable)', collect, []);
  command.option('--calendar <NAME>', 'calendar of those bars: none, us-equities, crypto', 'none');
  command.option('--fresh', 'compute everything again from bars');
}

function registerBacktest(program: Command): void {
  const backtest = addCommand(program, 'backtest [experiment]', 'an experiment, or a rule strategy over a bars file');
  addExperimentOptions(backtest);
  backtest
    .option('--strategy <NAME>', 'a rule strategy (with --bars)')
    .option('--set <key=value>', 'a parameter of the strategy (repeatable)', collect, [])
    .option('--size <SIZE>', 'all-in, fraction=x or units=n', 'all-in')
    .option('--long-short', 'SELL may open a short position')
    .option('--limits <SET>', 'standard, unbounded or a YAML file', undefined)
    .option('--limit <name=value>', 'one risk limit; null switches it off (repeatable)', collect, [])
    .option('--fill <WHEN>', 'next-open or next-close', 'next-open')
    .option('--capital <X>', 'initial capital', '100000')
    .option('--fee-bps <X>', 'fee in basis points of the notional', '0')
    .option('--slippage-bps <X>', 'slippage in basis points of the price', '0')
    .option('--lot <X>', 'smallest quantity step', '1')
    .option('--seed <N>', 'seed of the baselines and the bootstrap', '7');
  bindAction<RuleOptions>(backtest, async (context, options, experiment) => {
    const named = experiment !== undefined && experiment !== '';
    if (options.strategy === undefined) {
      if (!named)
        throw new InputError('Nothing to backtest.', 'Name an experiment, or give --bars FILE --strategy NAME.');
      return outputOf(await runOf(context, options, experiment));
    }
    if (named) throw new InputError('An experiment has no --strategy.', 'Leave one of the two out.');
    return ruleOutput(context, options, options.strategy);
  });
}

async function ruleOutput(context: CommandContext, options: RuleOptions, strategy: string): Promise<CommandOutput> {
  if (options.bars === undefined || options.bars.length === 0) {
    throw new InputError(`--strategy ${strategy} needs bars.`, 'Give --bars FILE.');
  }
  if (options.fill !== 'next-open' && options.fill !== 'next-close') {
    throw new InputError(`--fill ${options.fill} is not known.`, 'Use next-open or next-close.');
  }
  const calendar = calendarNamed(options.calendar ?? 'none');
  const costs = {
    feeBps: parseNumber(options.feeBps, '--fee-bps', 0),
    slippage: { kind: 'fixed' as const, bps: parseNumber(options.slippageBps, '--slippage-bps', 0) },
    fill: options.fill as 'next-open' | 'next-close',
  };
  const parameters = parseAssignments(options.set, '--set');
  const settings = {
    calendar,
    strategy,
    parameters,
    sizing: parseSize(options.size),
    longShort: options.longShort ?? false,
    limits: resolveLimits(options.limits, options.limit),
    costs,
    capital: positive(options.capital, '--capital'),
    lot: positive(options.lot, '--lot'),
    seed: parseNumber(options.seed, '--seed'),
  };
  const bars = await readBarsFile(options.bars, { calendar });
  const stage = context.progress.stage(
    `backtest ${strategy}`,
    bars.reduce((sum, { length }) => sum + length, 0),
  );
  const { result, evaluation } = ruleBacktest({ ...settings, bars });
  stage.done();
  const report: ReportInput = {
    title: strategy,
    description: '',
    result,
    evaluation,
    data: {
      title: options.bars.join(', '),
      statement: 'Bars of a file.',
      url: null,
      simulated: false,
      timeframe: 'bars',
    },
    costs,
    currency: 'USD',
    source: `backtest --bars ${options.bars.join(' --bars ')} --strategy ${strategy}`,
    identification: [],
    writtenAtMs: null,
  };
  return { value: result, text: () => terminalText(report, { color: hasColor(), reportPath: null, model: null }) };
}

function positive(text: string, option: string): number {
  const value = parseNumber(text, option, 0);
  if (value === 0) throw new InputError(`${option} ${text} is not above 0.`, 'Correct the value.');
  return value;
}

async function runOf(context: CommandContext, options: ExperimentOptions, experiment: string): Promise<ExperimentRun> {
  const barsFiles = options.bars === undefined || options.bars.length === 0 ? undefined : options.bars;
  const barsCalendar = barsFiles === undefined ? undefined : calendarNamed(options.calendar ?? 'none').name;
  return runExperiment(context, {
    experiment,
    barsFiles,
    barsCalendar: barsCalendar as CalendarName | undefined,
    fresh: options.fresh ?? false,
  });
}

function outputOf(run: ExperimentRun): CommandOutput {
  return { value: run.result, text: () => textOf(run) };
}

function textOf(run: ExperimentRun): string {
  const { name } = run.prepared.experiment;
  return terminalText(run.report, {
    color: hasColor(),
    reportPath: run.reportPath,
    model: `${name} (signalbox models show ${name})`,
  });
}

const hasColor = (): boolean => process.stdout.isTTY === true;

async function runCommand(
  context: CommandContext,
  options: ExperimentOptions,
  experiment: string,
): Promise<CommandOutput | undefined> {
  const port = options.port === undefined ? null : parseNumber(options.port, '--port', 1);
  const run = await runOf(context, options, experiment);
  if (options.serve !== true || options.once === true) return outputOf(run);
  context.print(textOf(run));
  const served = await serveReport(run.reportPath, port);
  context.print(`The report is at ${served.url} until Ctrl-C.`);
  if (!context.signal.aborted) {
    await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }));
  }
  await served.close();
  return context.json ? { value: run.result, text: () => '' } : undefined;
}
