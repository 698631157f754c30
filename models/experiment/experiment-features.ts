import type { FeatureSet, FeatureSetOptions } from '../../features/feature-set.ts';
import { parseFeaturesWithFiles } from '../../pipelines/own-features/own-feature-set.ts';
import type { Experiment } from './experiment.ts';

/** The features of an experiment, with those of the files that were compiled when it was read. */
export function experimentFeatures(
  { features, featureFiles = [] }: Pick<Experiment, 'features' | 'featureFiles'>,
  options: FeatureSetOptions,
): FeatureSet {
  return parseFeaturesWithFiles(features, options, featureFiles);
}
