import type { FeatureDefinition, SeriesKernel } from '../../features/kernel.ts';

/**
 * A fresh kernel of a feature over one series, by its positional parameters and default conventions: strategies use the
 * very kernels that features are made of.
 */
export function seriesKernel(feature: FeatureDefinition, numbers: readonly number[]): SeriesKernel {
  if (feature.inputs !== 'series') throw new TypeError(`${feature.name} does not read one series`);
  const choices = Object.fromEntries((feature.choices ?? []).map(({ name, values }) => [name, values[0]!]));
  return feature.create(numbers, choices);
}
