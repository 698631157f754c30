import { basename } from 'node:path';
import { parse } from 'yaml';
import type { CommandContext } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { changedExperiment } from '../../../models/experiment/changed-experiment.ts';
import { isStrategyFile } from '../../strategies/own/strategy-file.ts';
import type { PaperOptions } from '../replay.ts';

type AskedStrategy = Pick<PaperOptions, 'strategy' | 'set'>;

/**
 * The experiment with the rule or the file of `--strategy`, and its parameters, in place of what it trades: another
 * experiment with a name of its own. What was asked for where none is named. @throws InputError for what does not fit
 */
export async function experimentTrading(
  { config }: Pick<CommandContext, 'config'>,
  experiment: string,
  { strategy, set = [] }: AskedStrategy,
): Promise<string> {
  if (strategy === undefined) {
    if (set.length === 0) return experiment;
    throw new InputError(`--set ${set[0]} is a parameter of --strategy, and none is named.`, 'Add --strategy.');
  }
  const entry = {
    name: strategyName(strategy),
    ...(isStrategyFile(strategy) ? { file: strategy } : { kind: strategy }),
    parameters: Object.fromEntries(set.map(parameterOf)),
  };
  return changedExperiment(experiment, [`strategies=${JSON.stringify([entry])}`], config.dataDir);
}

/** A name as experiments have it: `./Mine_2.ts` is `mine-2`. */
export function strategyName(strategy: string): string {
  const plain = basename(strategy, '.ts').toLowerCase();
  const name = plain.replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '');
  return name === '' ? 'own' : name;
}

function parameterOf(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1)
    throw new InputError(`--set ${text}: not of the form key=value.`, 'Write it as --set fast=10.');
  return [text.slice(0, at).trim(), parse(text.slice(at + 1))];
}
