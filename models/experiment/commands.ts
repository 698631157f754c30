import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import { CALENDAR_NAMES } from '../../pipelines/calendars/calendar-named.ts';
import type { CheckOptions } from '../../pipelines/commands/check-command.ts';
import { addDialectOptions } from '../../pipelines/dialects/file-dialect.ts';
import type { InitOptions } from './init/init-command.ts';
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

/**
 * Registers `experiments`, `init`, and `ingest`, `check` and `materialize` over the data of an experiment, or those
 * that options name.
 */
export function registerDataCommands(program: Command): void {
  const experiments = program.command('experiments').description('what experiments there are, and every key of one');
  const list = addCommand(experiments, 'list', 'those that come along, and those of this folder', { isDefault: true });
  bindAction<object>(list, async () => (await import('./listing/experiments-output.ts')).experimentsOutput());
  const show = addCommand(
    experiments,
    'show <experiment>',
    'every key of one, with its default where the file has none',
  );
  bindAction<object>(show, async (_context, _options, name) =>
    (await import('./listing/experiments-output.ts')).experimentOutput(name!),
  );

  const schema = addCommand(
    experiments,
    'schema',
    'the JSON schema of an experiment, for editors: # yaml-language-server: $schema=FILE at the top of the YAML',
  );
  bindAction<object>(schema, async () => (await import('./listing/experiments-output.ts')).schemaOutput());

  const init = addCommand(program, 'init <file>', 'write a commented experiment, over the bars of a file or the sample')
    .option('--bars <FILE>', 'bars that it is to be about: their symbols, size, calendar and number')
    .option('--calendar <NAME>', `${CALENDAR_NAMES.join(', ')} (default: what the bars fit)`);
  bindAction<InitOptions>(addDialectOptions(init), async (_context, options, file) =>
    (await import('./init/init-command.ts')).initCommand(file!, options),
  );

  const ingesting = addCommand(program, 'ingest [experiment]', 'bring bars into the store: only what is missing');
  bindAction<DataCommandOptions>(addDataOptions(ingesting), async (context, options, experiment = '') =>
    (await actions()).ingestCommand(context, options, { experiment: await load(experiment) }),
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
