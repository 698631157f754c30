import { stringify } from 'yaml';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { fileNameOf } from '../../models/experiment/replaced-data.ts';
import { applyParameters } from '../../models/search/apply-parameters.ts';
import type { Parameters } from '../../models/search/search-schema.ts';

/** What is written, and over which bars it was chosen. */
export interface ChosenExperiment {
  readonly experiment: Experiment;
  readonly barsFiles: readonly string[] | undefined;
  readonly parameters: Parameters;
}

/** The chosen as an experiment of its own: over bars that replaced its data, with their file and their name. */
export async function writeChosen(path: string, of: ChosenExperiment): Promise<void> {
  const { experiment, barsFiles = [], parameters } = of;
  const chosen = applyParameters({ ...experiment, search: null }, parameters);
  const data = barsFiles.length === 1 ? { ...chosen.data, path: barsFiles[0] } : chosen.data;
  await writeWholeFile(path, stringify({ ...chosen, name: fileNameOf(experiment.name), data }));
}
