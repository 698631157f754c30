import { basename, dirname } from 'node:path';
import type { CommandContext } from '../../infra/command.ts';
import { changedExperiment } from '../../models/experiment/changed-experiment.ts';
import { backtestExperiment, walkForwardExperiment } from '../run/experiment-backtests.ts';
import { changesOf, type ExperimentRequest } from './experiment-request.ts';

/**
 * What was asked for, as `backtest EXPERIMENT --json` or `walk-forward EXPERIMENT --json` has it, and the id of the run
 * that is kept of it. @throws InputError for an experiment that there is not, or that cannot be so
 */
export async function requestedExperiment(
  context: CommandContext,
  asked: ExperimentRequest,
): Promise<{ readonly result: object; readonly run: string }> {
  const experiment = await changedExperiment(asked.experiment, changesOf(asked), context.config.dataDir);
  const does = asked.command === 'backtest' ? backtestExperiment : walkForwardExperiment;
  const { value, reportPath } = await does(context, {}, experiment);
  return { result: value as object, run: basename(dirname(reportPath)) };
}
