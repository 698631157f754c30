import type { Command } from 'commander';
import { bindAction } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { addFeaturesCommand, featuresOfFile, type FeaturesAsked } from '../../pipelines/commands/features-command.ts';
import type { ResultOptions } from '../../trading/results/rows-source.ts';

type Asked = FeaturesAsked & ResultOptions & { readonly experiment?: string };

/** Registers `features`: of a file, or those that a run or session used. */
export function registerFeaturesCommand(program: Command): void {
  const command = addFeaturesCommand(program)
    .option('--experiment <NAME>', 'with --list: the columns of the features of an experiment')
    .option('--run <ID>', 'rows that this run learned from: its name in `runs list`, or latest')
    .option('--session <ID>', 'rows that the model of this session learned from')
    .option('--limit <N>', 'of a run or session: the last N in the terminal, the first N in a file');
  bindAction<Asked>(command, async (context, options) => {
    if (options.experiment !== undefined) {
      return (await import('../../models/experiment/listing/feature-columns.ts')).experimentColumns(options);
    }
    return asksForStored(options)
      ? (await import('./rows-command.ts')).rowsCommand(context, 'features', options)
      : featuresOfFile(context, options);
  });
}

/** Rows that are on record are asked for, and nothing that would compute others. */
function asksForStored(options: FeaturesAsked & ResultOptions): boolean {
  const { run, session, limit, bars, features, list } = options;
  const isStored = run !== undefined || session !== undefined;
  const other = Object.entries({ bars, features, list }).find(([, value]) => value !== undefined);
  if (isStored && other !== undefined) {
    throw new InputError(
      `--${other[0]} and --${run === undefined ? 'session' : 'run'}: features are computed from a file, or those of a run or session.`,
      'Leave one of the two out.',
    );
  }
  if (!isStored && limit !== undefined) {
    throw new InputError('--limit is of the rows of a run or session.', 'Name it: --run ID or --session ID.');
  }
  return isStored;
}
