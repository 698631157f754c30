import { TRUST_ACTIONS } from '../pipelines/commands/trust-actions.ts';
import type { Command, Option } from 'commander';
import { addCommand, bindAction } from '../infra/command.ts';
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
import type { OptimizeOptions } from './search/optimize-command.ts';
import { registerSupervisionCommands } from './schedule/supervision-commands.ts';
import { registerPromotionCommands } from './promotion/commands.ts';
import { registerWorkerCommand } from './schedule/worker-command.ts';
import { registerProveCommand } from './proofs/commands.ts';

/** What commands do is loaded when one runs: charts, queue and server take seconds of a slow machine. */
const experimentCommands = () => import('./run/experiment-commands.ts');

/**
 * Registers `run`, `train`, `walk-forward`, `optimize`, `backtest`, `lookahead`, `warmup`, `bench`, `prove`, `monitor`,
 * `schedule`, `worker`, `models promote` and `models rollback`.
 */
export function registerBacktestCommands(program: Command): void {
  const run = addCommand(program, 'run <experiment>', 'ingest, materialise, train, walk forward, report: the main job');
  addExperimentOptions(run);
  run.option('--serve', 'serve the report on loopback until Ctrl-C');
  run.option('--once', 'end when the report is written');
  run.option('--port <N>', 'serve on this port (default: the first free one from 4380)');
  bindAction<ExperimentOptions>(run, async (context, options, experiment) =>
    (await experimentCommands()).runCommand(context, options, experiment!),
  );

  const train = addCommand(program, 'train <experiment>', 'train an experiment and register its model');
  addExperimentOptions(train);
  bindAction<ExperimentOptions>(train, async (context, options, experiment) =>
    (await experimentCommands()).trainCommand(context, options, experiment!),
  );

  const walkForward = addCommand(
    program,
    'walk-forward <experiment>',
    'train fold by fold and trade what each predicts',
  );
  addExperimentOptions(walkForward);
  bindAction<ExperimentOptions>(walkForward, async (context, options, experiment) =>
    (await experimentCommands()).walkForwardCommand(context, options, experiment!),
  );

  const optimize = addCommand(
    program,
    'optimize <experiment>',
    'search parameters inside training windows; every trial counts against the result',
  );
  addExperimentOptions(optimize);
  optimize
    .option('--trials <N>', 'configurations to try (default: search.trials)')
    .option('--method <NAME>', 'random, halving or tpe (default: search.method)')
    .option('--write <FILE>', 'write the experiment with the chosen parameters');
  bindAction<OptimizeOptions>(optimize, async (context, options, experiment) =>
    (await import('./search/optimize-command.ts')).optimizeCommand(context, options, experiment!),
  );

  registerBacktest(program);
  registerResearch(program);
  registerBenchCommand(program);
  registerProveCommand(program);
  registerSupervisionCommands(program);
  registerWorkerCommand(program);
  registerPromotionCommands(program);
}

function registerResearch(program: Command): void {
  const lookahead = addCommand(
    program,
    'lookahead <experiment>',
    'corrupt the bars after random times and see whether anything decided before changes',
  );
  addExperimentOptions(lookahead);
  lookahead.option('--cuts <N>', 'times to corrupt from', '3');
  lookahead.option('--seed <N>', 'seed of those times', '1');
  bindAction<ResearchOptions>(lookahead, async (context, options, experiment) =>
    (await import('./research/research-commands.ts')).lookAheadCommand(context, options, experiment!),
  );
  const warmup = addCommand(program, 'warmup <experiment>', 'find features that depend on where history starts');
  addExperimentOptions(warmup);
  bindAction<ResearchOptions>(warmup, async (context, options, experiment) =>
    (await import('./research/research-commands.ts')).warmUpCommand(context, options, experiment!),
  );
}

/** InputError for options beside `known` that were given: they would do nothing for an experiment. */
function refuseRuleOptions(backtest: Command, known: readonly Option[]): void {
  const own = backtest.options.filter((option) => !known.includes(option));
  const idle = own.filter((option) => backtest.getOptionValueSource(option.attributeName()) === 'cli');
  if (idle.length === 0) return;
  throw new InputError(
    `${idle.map(({ long }) => long).join(', ')} would do nothing: an experiment says that itself.`,
    'Change it in the experiment (costs, protection, signals, sizing, limits, ...), or give --strategy NAME with --bars.',
  );
}

function registerBacktest(program: Command): void {
  const backtest = addCommand(program, 'backtest [experiment]', 'an experiment, or a rule strategy over a bars file');
  addExperimentOptions(backtest);
  const known = [...backtest.options];
  backtest
    .option('--strategy <NAME>', 'a rule strategy, or a file of your own: ./mine.ts (with --bars)')
    .option('--deadline <SECONDS>', 'longest that one decision of a file may take (default: 10)')
    .option('--set <key=value>', 'a parameter of the strategy (repeatable)', collect, [])
    .option('--size <SIZE>', 'all-in, fraction=x or units=n', 'all-in')
    .option('--long-short', 'SELL may open a short position')
    .option('--limits <SET>', 'standard, unbounded or a YAML file', undefined)
    .option('--limit <name=value>', 'one risk limit; null switches it off (repeatable)', collect, [])
    .option('--fill <WHEN>', 'next-open or next-close', 'next-open')
    .option('--capital <X>', 'initial capital', '100000')
    .option('--fee-bps <X>', 'fee in basis points of the notional', '0')
    .option('--slippage-bps <X>', 'slippage in basis points of the price', '0')
    .option('--stop-loss <DISTANCE>', 'ends a position at a loss: 5%, 2atr (average true ranges) or 0.5 (price)')
    .option('--take-profit <DISTANCE>', 'ends a position at a profit, as far as that')
    .option('--trailing <DISTANCE>', 'a stop that follows the best price, as far from it')
    .option('--intrabar <ORDER>', `prices inside a bar: ${INTRABAR_ORDERS.join(' or ')}`, INTRABAR_ORDERS[0])
    .option('--stop-fill <HOW>', 'a bar opens beyond a stop: gap fills at the open, exact at the stop', 'gap')
    .option('--lot <X>', 'smallest quantity step (default: 1, for coins 1e-8)')
    .option(
      '--actions <FILE>',
      'CSV of splits and dividends of the bars: symbol, type, exDate, ratio or amount, knownAt',
    )
    .option(...TRUST_ACTIONS)
    .option('--seed <N>', 'seed of the baselines and the bootstrap', '7');
  bindAction<RuleOptions>(backtest, async (context, options, experiment) => {
    const named = experiment !== undefined && experiment !== '';
    if (options.strategy === undefined) {
      if (!named)
        throw new InputError('Nothing to backtest.', 'Name an experiment, or give --bars FILE --strategy NAME.');
      refuseRuleOptions(backtest, known);
      const { loadExperiment } = await import('../models/experiment/load-experiment.ts');
      if (loadExperiment(experiment).strategies !== undefined)
        return (await import('./run/rules-command.ts')).rulesCommand(context, options, experiment);
      return (await experimentCommands()).walkForwardCommand(context, options, experiment);
    }
    if (named) throw new InputError('An experiment has no --strategy.', 'Leave one of the two out.');
    const { ruleCommand } = await import('./run/rule-command.ts');
    return ruleCommand(context, options, options.strategy);
  });
}
