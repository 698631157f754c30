import type { CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { columnsOutput } from '../../../pipelines/commands/feature-list.ts';
import type { FeaturesAsked } from '../../../pipelines/commands/features-command.ts';
import { offeredSeries } from '../../../pipelines/sources/offered-series.ts';
import { experimentFeatures } from '../experiment-features.ts';
import { loadExperiment } from '../load-experiment.ts';

/** `features --experiment NAME --list`: the columns that a model of it learns from, before anything is stored. */
export async function experimentColumns({
  experiment: name,
  list,
  bars,
  features,
}: FeaturesAsked & { readonly experiment?: string }): Promise<CommandOutput> {
  if (name === undefined || list !== true || bars !== undefined || features !== undefined) {
    throw new InputError('--experiment goes with --list alone.', 'As in: signalbox features --experiment NAME --list');
  }
  const experiment = loadExperiment(name);
  return columnsOutput(experimentFeatures(experiment, await offeredSeries(experiment)));
}
