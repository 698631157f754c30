import type { CommandContext } from '../../infra/command.ts';
import { isOfRules, loadExperiment } from '../../models/experiment/load-experiment.ts';
import type { ExperimentOptions, RuleOptions } from '../command-options.ts';
import type { KeptOutput } from '../report/keep-report.ts';
import { walkForwardCommand } from './experiment-commands.ts';

/** `backtest EXPERIMENT`: of rules, or of an ensemble on its out-of-fold predictions. @throws InputError */
export async function backtestExperiment(
  context: CommandContext,
  options: ExperimentOptions & Pick<RuleOptions, 'deadline'>,
  experiment: string,
): Promise<KeptOutput> {
  if (loadExperiment(experiment).strategies !== undefined) {
    return (await import('./rules-command.ts')).rulesCommand(context, options, experiment);
  }
  if (options.deadline !== undefined) throw (await import('../../trading/sessions/rules-experiment.ts')).noFile();
  return walkForwardCommand(context, options, experiment);
}

/** `walk-forward EXPERIMENT`: fold by fold, or of rules whose parameters each window chooses. @throws InputError */
export async function walkForwardExperiment(
  context: CommandContext,
  options: ExperimentOptions,
  experiment: string,
): Promise<KeptOutput> {
  if (isOfRules(experiment)) {
    const { walkExperimentCommand } = await import('../search/rule-experiments/walk-experiment-command.ts');
    return walkExperimentCommand(context, options, experiment);
  }
  return walkForwardCommand(context, options, experiment);
}
