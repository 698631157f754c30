import { basename, dirname } from 'node:path';
import type { CommandContext } from '../../infra/command.ts';
import { changedExperiment } from '../../models/experiment/changed-experiment.ts';
import { requiredVersion } from '../../trading/deployed/required-version.ts';
import { versionFile } from '../../trading/deployed/version-file.ts';
import { backtestExperiment, walkForwardExperiment } from '../run/experiment-backtests.ts';
import { changesOf, type ExperimentRequest, type StrategyRequest } from './experiment-request.ts';

/**
 * What was asked for, as `backtest EXPERIMENT --json` or `walk-forward EXPERIMENT --json` has it, and the id of the run
 * that is kept of it. @throws InputError for an experiment or strategy that there is not, or that cannot be so
 */
export async function requestedExperiment(
  context: CommandContext,
  asked: ExperimentRequest | StrategyRequest,
): Promise<{ readonly result: object; readonly run: string }> {
  const { dataDir } = context.config;
  const named = 'strategy' in asked ? await strategyFile(context, asked) : asked.experiment;
  const experiment = await changedExperiment(named, changesOf(asked), dataDir);
  const does = asked.command === 'backtest' ? backtestExperiment : walkForwardExperiment;
  const { value, reportPath } = await does(context, {}, experiment);
  return { result: value as object, run: basename(dirname(reportPath)) };
}

/** The file of a version: the one that its sessions trade. */
async function strategyFile(
  { config, database }: Pick<CommandContext, 'config' | 'database'>,
  { strategy: name, version }: StrategyRequest,
): Promise<string> {
  const { yaml } = await requiredVersion((await database()).pool, name, version);
  return versionFile(config.dataDir, { name, version, yaml });
}
