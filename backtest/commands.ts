import { TRUST_ACTIONS } from '../pipelines/commands/trust-actions.ts';
import type { Command, Option } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../infra/command.ts';
import { InputError } from '../infra/errors.ts';
import {
  addExperimentOptions,
  collect,
  type ExperimentOptions,
  type ResearchOptions,
  type RuleOptions,
} from './command-options.ts';
import { registerBenchCommand } from './bench/commands.ts';
import { INTRABAR_ORDERS } from '../trading/brokers/simulated/resting-orders.ts';
import { addMonteCarloOptions } from './run/monte-carlo-options.ts';
import type { AskedSession, StrategyResearchOptions } from './research/strategies/strategy-commands.ts';
import type { ReportOptions } from './report/comparison/report-command.ts';
import type { VerifyOptions } from './research/verify/verify-command.ts';
import type { OptimizeOptions } from './search/optimize-command.ts';
import type { WalkCommandOptions } from './search/walk/walk-command.ts';
import type { RuleSearchOptions } from './search/rules/rule-search-options.ts';
import { RULE_METHODS, RULE_OBJECTIVES } from '../models/search/rule-search-schema.ts';
import { registerSupervisionCommands } from './schedule/supervision-commands.ts';
import { registerPromotionCommands } from './promotion/commands.ts';
import { registerWorkerCommand } from './schedule/worker-command.ts';
import { registerResultCommands } from './results/commands.ts';
import { registerFeaturesCommand } from './results/features-command.ts';
import { registerPlanCommands } from './plan/commands.ts';
import { registerPortfolioCommand } from './portfolio/commands.ts';
import { registerProveCommand } from './proofs/commands.ts';
import { registerVolatilityCommand } from './volatility/commands.ts';

/** What commands do is loaded when one runs: charts, queue and server take seconds of a slow machine. */
const experimentCommands = () => import('./run/experiment-commands.ts');

/**
 * Registers `train`, `walk-forward`, `optimize`, `backtest`, `report`, `runs`, `trades`, `equity`,
 * `predictions`, `features`, `lookahead`, `warmup`, `verify`, `portfolio`, `volatility`, `bench`, `prove`, `monitor`,
 * `schedule`, `worker`, `models promote`, `models rollback`, `plan register` and `plan show`.
 */
export function registerBacktestCommands(program: Command): void {
  const train = addCommand(program, 'train <experiment>', 'train an experiment and register its model');
  addExperimentOptions(train);
  train.option('--set <key=value>', 'a key of the experiment, for this run under a name of its own', collect, []);
  bindAction<ExperimentOptions & Changes>(train, async (context, options, experiment) =>
    (await experimentCommands()).trainCommand(context, options, await changed(context, options, experiment!)),
  );

  registerWalkForward(program);
  registerOptimize(program);

  registerBacktest(program);
  registerReport(program);
  registerResultCommands(program);
  registerFeaturesCommand(program);
  registerResearch(program);
  registerVerify(program);
  registerPortfolioCommand(program);
  registerBenchCommand(program);
  registerProveCommand(program);
  registerSupervisionCommands(program);
  registerWorkerCommand(program);
  registerPromotionCommands(program);
  registerVolatilityCommand(program);
  registerPlanCommands(program);
}

interface Changes {
  readonly set: readonly string[];
}

/** What is asked for, with the keys of `--set` changed. */
async function changed({ config }: CommandContext, { set }: Changes, experiment: string): Promise<string> {
  const { changedExperiment } = await import('../models/experiment/changed-experiment.ts');
  return changedExperiment(experiment, set, config.dataDir);
}

const isOfRules = async (experiment: string): Promise<boolean> =>
  (await import('../models/experiment/load-experiment.ts')).isOfRules(experiment);

function registerOptimize(program: Command): void {
  const optimize = addCommand(
    program,
    'optimize [experiment]',
    'search parameters of an experiment (its model, or its rules), or of a rule strategy over a bars file; every trial counts against the result',
  );
  addExperimentOptions(optimize);
  const known = [...optimize.options];
  optimize
    .option('--trials <N>', 'configurations to try (default: search.trials; 100 for rules)')
    .option('--method <NAME>', `of what is learned random, halving or tpe; of rules ${RULE_METHODS.join(', ')}`);
  const write = optimize.createOption('--write <FILE>', 'write the experiment with the chosen parameters');
  optimize.addOption(write);
  const both = [...known, ...optimize.options];
  addRuleOptions(optimize);
  addSearchOptions(optimize);
  optimize.option('--heat-map <X,Y>', 'two searched parameters to draw (default: the first two)');
  bindAction<OptimizeOptions & RuleSearchOptions>(optimize, async (context, options, experiment) => {
    if (namesRule(optimize, experiment, { known: both, experimentOnly: [write] })) {
      const { ruleSearchCommand } = await import('./search/rules/rule-search-command.ts');
      return ruleSearchCommand(context, options, options.strategy!);
    }
    const asked = await changed(context, options, experiment!);
    if (await isOfRules(asked)) {
      const { searchExperimentCommand } = await import('./search/rule-experiments/search-experiment-command.ts');
      return searchExperimentCommand(context, options, asked);
    }
    return (await import('./search/optimize-command.ts')).optimizeCommand(context, options, asked);
  });
}

function registerWalkForward(program: Command): void {
  const walkForward = addCommand(
    program,
    'walk-forward [experiment]',
    'train fold by fold and trade what each predicts; or choose the parameters of a rule strategy window by window',
  );
  addExperimentOptions(walkForward);
  const known = [...walkForward.options];
  addRuleOptions(walkForward);
  addSearchOptions(walkForward);
  walkForward
    .option('--method <NAME>', `of a rule strategy: ${RULE_METHODS.join(', ')} (default: grid)`)
    .option('--trials <N>', 'configurations that a window tries, but for a grid (default: 100)')
    .option('--train-bars <N>', 'bars on which parameters are chosen')
    .option('--test-bars <N>', 'bars after them that are traded with those')
    .option('--anchored', 'training begins at the first bar of all');
  bindAction<ExperimentOptions & WalkCommandOptions>(walkForward, async (context, options, experiment) => {
    if (namesRule(walkForward, experiment, { known })) {
      const { walkCommand } = await import('./search/walk/walk-command.ts');
      return walkCommand(context, options, options.strategy!);
    }
    const asked = await changed(context, options, experiment!);
    return (await import('./run/experiment-backtests.ts')).walkForwardExperiment(context, options, asked);
  });
}

/** Options of a search of rules. */
function addSearchOptions(command: Command): void {
  command
    .option(
      '--range <name=RANGE>',
      'values of a parameter: from:to:step or a,b,c, or its name for what a file declares (repeatable)',
      collect,
      [],
    )
    .option('--objective <NAME>', `what is made large: ${RULE_OBJECTIVES.join(', ')}`, RULE_OBJECTIVES[0])
    .option('--constraint <name=value>', 'a bound of what may be chosen, as maxDrawdown=0.2 (repeatable)', collect, [])
    .option('--seed <N>', 'seed of the proposals and the bootstrap', '7');
}

/**
 * Whether a command is about a rule strategy over a file and not an experiment. InputError where it is about both or
 * neither, and for options that would do nothing.
 */
function namesRule(
  command: Command,
  experiment: string | undefined,
  { known, experimentOnly = [] }: { known: readonly Option[]; experimentOnly?: readonly Option[] },
): boolean {
  const named = experiment !== undefined && experiment !== '';
  const hasRule = command.getOptionValue('strategy') !== undefined;
  if (named && hasRule) throw new InputError('An experiment has no --strategy.', 'Leave one of the two out.');
  if (!named && !hasRule) {
    throw new InputError(`Nothing to ${command.name()}.`, 'Name an experiment, or give --bars FILE --strategy NAME.');
  }
  if (named) refuseRuleOptions(command, known);
  const idle = experimentOnly.find((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  if (hasRule && idle !== undefined) {
    throw new InputError(`${idle.long} would do nothing: a rule strategy is no experiment.`, 'Leave it out.');
  }
  return hasRule;
}

function registerReport(program: Command): void {
  const report = addCommand(
    program,
    'report <runs...>',
    'compare runs side by side; the first is what others must beat',
  );
  report.option('--out <FILE>', 'write the comparison as one HTML file');
  bindAction<ReportOptions>(report, async (context, options, ...runs) =>
    (await import('./report/comparison/report-command.ts')).reportCommand(context, options, runs),
  );
}

function registerResearch(program: Command): void {
  const lookahead = addCommand(
    program,
    'lookahead [experiment]',
    'change the bars after random times and see whether anything decided before changes; audit the fills of a strategy',
  );
  addExperimentOptions(lookahead);
  lookahead.option('--cuts <N>', 'times to change from (default: 3 of an experiment that trains, 20 of a strategy)');
  lookahead.option('--seed <N>', 'seed of those times', '1');
  registerHunt(lookahead, {
    ofExperiment: async (...asked) => (await researchCommands()).lookAheadCommand(...asked),
    ofStrategy: async (...asked) => (await strategyResearch()).strategyLookAhead(...asked),
  });
  const warmup = addCommand(
    program,
    'warmup [experiment]',
    'find features, or answers of a strategy, that depend on where history starts',
  );
  addExperimentOptions(warmup);
  registerHunt(warmup, {
    ofExperiment: async (...asked) => (await researchCommands()).warmUpCommand(...asked),
    ofStrategy: async (_, __, asked) => (await strategyResearch()).strategyWarmUpCommand(asked),
  });
}

function registerVerify(program: Command): void {
  const verify = addCommand(
    program,
    'verify <file>',
    'hold a TypeScript file of your own against the contract of its kind: strategy, feature, estimator, sizer or costs',
  );
  verify.option('--set <key=value>', 'a parameter of the file', collect, []);
  bindAction<VerifyOptions>(verify, async (context, options, file) =>
    (await import('./research/verify/verify-command.ts')).verifyCommand(context, options, file!),
  );
}

const researchCommands = () => import('./research/research-commands.ts');
const strategyResearch = () => import('./research/strategies/strategy-commands.ts');

interface Hunts {
  ofExperiment(context: CommandContext, options: ResearchOptions, name: string): Promise<CommandOutput>;
  ofStrategy(context: CommandContext, options: ResearchOptions, asked: AskedSession): Promise<CommandOutput>;
}

/** A hunt in what an experiment learns, in the strategy that it names, or in a strategy over a bars file. */
function registerHunt(command: Command, { ofExperiment, ofStrategy }: Hunts): void {
  const known = [...command.options];
  addRuleOptions(command);
  command.option('--deadline <SECONDS>', 'longest that one decision of a file may take (default: 10)');
  bindAction<StrategyResearchOptions>(command, async (context, options, experiment) => {
    if (namesRule(command, experiment, { known })) {
      const asked = await (await strategyResearch()).askedByOptions(options, options.strategy!);
      return ofStrategy(context, options, asked);
    }
    const { experimentPath } = await import('../models/experiment/experiment-names.ts');
    const path = experimentPath(await changed(context, options, experiment!));
    const { loadExperiment } = await import('../models/experiment/load-experiment.ts');
    if (loadExperiment(path).strategies === undefined) return ofExperiment(context, options, path);
    return ofStrategy(context, options, await (await strategyResearch()).askedByExperiment(context, options, path));
  });
}

/** InputError for options beside `known` that were given: they would do nothing for an experiment. */
function refuseRuleOptions(backtest: Command, known: readonly Option[]): void {
  // Keys of an experiment can be set for a run.
  const own = backtest.options.filter((option) => !known.includes(option) && option.long !== '--set');
  const idle = own.filter((option) => backtest.getOptionValueSource(option.attributeName()) === 'cli');
  if (idle.length === 0) return;
  throw new InputError(
    `${idle.map(({ long }) => long).join(', ')} would do nothing: an experiment says that itself.`,
    'Change it in the experiment (costs, protection, signals, sizing, limits, ...), or give --strategy NAME with --bars.',
  );
}

/** Options of a rule strategy over a bars file: what it is, and how it trades. */
function addRuleOptions(command: Command): void {
  command
    .option('--strategy <NAME>', 'a rule strategy, or a file of your own: ./mine.ts (with --bars)')
    .option(
      '--set <key=value>',
      'a parameter of the strategy, or a key of the experiment for this run: costs.feeBps=5 (repeatable)',
      collect,
      [],
    )
    .option('--size <SIZE>', 'all-in, fraction=x, units=n, risk=x (of equity, to the stop) or ./my-sizer.ts', 'all-in')
    .option('--long-short', 'SELL may open a short position')
    .option('--limits <SET>', 'standard, unbounded or a YAML file', undefined)
    .option(
      '--limit <name=value>',
      'one risk limit, also margin.initial=0.5; null switches it off (repeatable)',
      collect,
      [],
    )
    .option('--fill <WHEN>', 'next-open, next-close or (as no real order is) same-close', 'next-open')
    .option('--capital <X>', 'initial capital', '100000')
    .option('--fee-bps <X>', 'fee in basis points of the notional', '0')
    .option('--slippage-bps <X>', 'slippage in basis points of the price', '0')
    .option(
      '--cost <key=value>',
      'one of the costs of an experiment: halfSpreadBps, participation, latencyMs, slippage.kind, commission.perShare, ' +
        'file (./my-costs.ts, and parameters.NAME of it), ' +
        'commission.perOrderMin, commission.makerBps, ... (repeatable)',
      collect,
      [],
    )
    .option('--stop-loss <DISTANCE>', 'ends a position at a loss: 5%, 2atr (average true ranges) or 0.5 (price)')
    .option('--take-profit <DISTANCE>', 'ends a position at a profit, as far as that')
    .option('--trailing <DISTANCE>', 'a stop that follows the best price, as far from it')
    .option('--trailing-after <DISTANCE>', 'the trailing stop begins once the price has gone as far for the position')
    .option('--intrabar <ORDER>', `prices inside a bar: ${INTRABAR_ORDERS.join(' or ')}`, INTRABAR_ORDERS[0])
    .option('--fine <FILE>', 'finer bars, by which prices inside those of --bars go (repeatable)', collect, [])
    .option(
      '--stop-fill <HOW>',
      'a bar opens beyond a stop: gap fills at the open, exact at the stop, in-range at the stop if the bar comes back',
      'gap',
    )
    .option('--lot <X>', 'smallest quantity step (default: 1, for coins 1e-8)')
    .option(
      '--instruments <FILE>',
      'YAML table of what the venue takes: tick, lot, minimumNotional, band, enabled, ...',
    )
    .option(
      '--actions <FILE>',
      'CSV of splits and dividends of the bars: symbol, type, exDate, ratio or amount, knownAt',
    )
    .option(...TRUST_ACTIONS);
}

function registerBacktest(program: Command): void {
  const backtest = addCommand(program, 'backtest [experiment]', 'an experiment, or a rule strategy over a bars file');
  addExperimentOptions(backtest);
  addMonteCarloOptions(backtest);
  backtest.option('--deadline <SECONDS>', 'longest that one decision of a strategy file may take (default: 10)');
  const known = [...backtest.options];
  addRuleOptions(backtest);
  backtest
    .option('--report <FILE>', 'write the report of a rule strategy as one HTML file')
    .option('--seed <N>', 'seed of the baselines and the bootstrap', '7');
  bindAction<RuleOptions>(backtest, async (context, options, experiment) => {
    if (!namesRule(backtest, experiment, { known })) {
      const asked = await changed(context, options, experiment!);
      return (await import('./run/experiment-backtests.ts')).backtestExperiment(context, options, asked);
    }
    const { ruleCommand } = await import('./run/rule-command.ts');
    return ruleCommand(context, options, options.strategy!);
  });
}
