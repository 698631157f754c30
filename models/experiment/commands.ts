import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { CheckOptions } from '../../pipelines/commands/check-command.ts';
import {
  addDataOptions,
  type DataCommandOptions,
  type ExperimentData,
} from '../../pipelines/commands/command-options.ts';

/** What commands do is loaded when one runs. */
const actions = () => import('../../pipelines/commands/command-actions.ts');

async function load(name: string): Promise<ExperimentData | undefined> {
  return name === '' ? undefined : (await import('./load-experiment.ts')).loadExperiment(name);
}

/** Registers `ingest`, `check` and `materialize`: over the data of an experiment, or those that options name. */
export function registerDataCommands(program: Command): void {
  const ingesting = addCommand(program, 'ingest [experiment]', 'bring bars into the store: only what is missing');
  bindAction<DataCommandOptions>(addDataOptions(ingesting), async (context, options, experiment = '') =>
    (await actions()).ingestCommand(context, options, await load(experiment)),
  );

  const checking = addCommand(
    program,
    'check [experiment]',
    'quality report of the bars of an experiment, a file, or all that are stored',
  );
  addDataOptions(checking).option('--file <PATH>', 'check bars files without a database: all that is wrong, by line');
  bindAction<CheckOptions>(checking, async (context, options, experiment = '') =>
    (await import('../../pipelines/commands/check-command.ts')).runCheck(context, options, await load(experiment)),
  );

  const materializing = addCommand(
    program,
    'materialize [experiment]',
    'compute feature rows into the store: only what is missing',
  );
  addDataOptions(materializing).option(
    '--features <LIST>',
    'expressions, or the name of a set (default: the experiment’s, else core)',
  );
  bindAction<DataCommandOptions & { features?: string }>(materializing, async (context, options, experiment = '') =>
    (await actions()).runMaterialize(context, options, await load(experiment)),
  );
}
