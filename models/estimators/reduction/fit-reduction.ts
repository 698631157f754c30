import { InputError } from '../../../infra/errors.ts';
import { withColumns, type Dataset } from '../../dataset.ts';
import { describeFeature, kolmogorovSmirnov } from '../../monitoring/distribution-shift.ts';
import { eigenOf } from './eigen.ts';

/** What of the features members get: `reduction` of an experiment. */
export interface ReductionSettings {
  /** Principal components in place of the features: so many, or as many as hold this share of their variance. */
  readonly pca?: { readonly components?: number | undefined; readonly variance?: number | undefined } | undefined;
  /** Features are left out whose two halves of the training rows lie further apart: Kolmogorov-Smirnov distance. */
  readonly maxDrift?: number | undefined;
}

/** A fitted reduction, as plain data. */
export interface Reduction {
  /** Columns of the features that are used, ascending. */
  readonly kept: readonly number[];
  /** Null: the kept features as they are. */
  readonly pca: {
    readonly center: readonly number[];
    /** A weight for each kept feature; of length 1, from the most variance on. */
    readonly components: readonly (readonly number[])[];
  } | null;
}

/** Jacobi's rotations took 13 s for 500 features, 0.6 s for 200. */
const PCA_FEATURES_MAX = 500;

type Rows = Pick<Dataset, 'x' | 'rows' | 'width' | 'featureNames'>;

/**
 * Fits a reduction to scaled training rows in the order of time, and to nothing else. What is missing counts as the
 * middle of the training rows, 0. Where features were left out, there are no more components than are left.
 * @param offered features that there were before any was left out
 * @throws InputError where every feature drifts, or more components are asked for than there were features
 */
export function fitReduction(
  train: Rows,
  { pca, maxDrift }: ReductionSettings,
  where: string,
  offered = train.featureNames.length,
): Reduction {
  const components = pca?.components ?? 0;
  if (components > offered) {
    throw new InputError(`${where}: reduction.pca.components: ${components} of ${offered} features`, 'Ask for fewer.');
  }
  const drifts = maxDrift === undefined ? null : driftsOf(train);
  const columns = train.featureNames.map((_, column) => column);
  const kept = drifts === null ? columns : columns.filter((column) => drifts[column]! <= maxDrift!);
  if (kept.length === 0) {
    const least = Math.min(...drifts!);
    throw new InputError(
      `${where}: reduction.maxDrift: every feature drifts by more than ${maxDrift}; the least by ${least.toFixed(3)}`,
      'Raise it, or use features that do not depend on the level of prices.',
    );
  }
  return { kept, pca: pca === undefined ? null : principalComponents(train, kept, pca, where) };
}

/** Names of what a reduction gives. */
function reducedNames({ kept, pca }: Reduction, featureNames: readonly string[]): string[] {
  return pca === null ? kept.map((column) => featureNames[column]!) : pca.components.map((_, k) => `pc${k + 1}`);
}

/** What a reduction gives for `rows` scaled rows of `width` features, row-major. */
export function reduceRows({ kept, pca }: Reduction, x: Float64Array, rows: number, width: number): Float64Array {
  const size = pca?.components.length ?? kept.length;
  const out = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < size; k++) {
      if (pca === null) {
        out[row * size + k] = x[row * width + kept[k]!]!;
        continue;
      }
      const weights = pca.components[k]!;
      let sum = 0;
      for (let j = 0; j < kept.length; j++) sum += (known(x[row * width + kept[j]!]!) - pca.center[j]!) * weights[j]!;
      out[row * size + k] = sum;
    }
  }
  return out;
}

/** A dataset of scaled rows, and of their history, as members get it. */
export function reduceDataset(reduction: Reduction, data: Dataset): Dataset {
  const { width, history } = data;
  const featureNames = reducedNames(reduction, data.featureNames);
  const x = reduceRows(reduction, data.x, data.rows, width);
  const values = history?.values.map((own) => reduceRows(reduction, own, own.length / width, width));
  const columns = values === undefined ? { x } : { x, history: { ...history!, values } };
  return { ...withColumns(data, columns), featureNames, width: featureNames.length };
}

const known = (value: number): number => (Number.isNaN(value) ? 0 : value);

/** How far the two halves of the rows lie apart, of each feature. */
function driftsOf({ x, rows, width, featureNames }: Rows): number[] {
  const half = Math.floor(rows / 2);
  const column = (at: number, from: number, to: number): Float64Array =>
    Float64Array.from({ length: to - from }, (_, row) => x[(from + row) * width + at]!);
  return featureNames.map((name, at) =>
    kolmogorovSmirnov(describeFeature(name, column(at, 0, half)), column(at, half, rows)),
  );
}

function principalComponents(
  { x, rows, width }: Rows,
  kept: readonly number[],
  { components, variance }: NonNullable<ReductionSettings['pca']>,
  where: string,
): Reduction['pca'] {
  const size = kept.length;
  if (size > PCA_FEATURES_MAX) {
    const remedy = `Leave features out; ${PCA_FEATURES_MAX} are the most.`;
    throw new InputError(`${where}: reduction.pca: ${size} features are too many`, remedy);
  }
  const center = new Float64Array(size);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < size; j++) center[j]! += known(x[row * width + kept[j]!]!) / rows;
  }
  const eigen = eigenOf({ size, values: covarianceOf({ x, rows, width }, kept, center) });
  const total = eigen.values.reduce((sum, value) => sum + Math.max(0, value), 0);
  let count = Math.min(size, components ?? 0);
  if (components === undefined) {
    for (let held = 0; count < size && (count === 0 || held < variance! * total); count++) held += eigen.values[count]!;
  }
  return { center: [...center], components: eigen.vectors.slice(0, count).map((vector) => [...vector]) };
}

function covarianceOf(
  { x, rows, width }: Pick<Rows, 'x' | 'rows' | 'width'>,
  kept: readonly number[],
  center: Float64Array,
): Float64Array {
  const size = kept.length;
  const sums = new Float64Array(size * size);
  const row = new Float64Array(size);
  for (let at = 0; at < rows * width; at += width) {
    for (let j = 0; j < size; j++) row[j] = known(x[at + kept[j]!]!) - center[j]!;
    for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) sums[i * size + j]! += row[i]! * row[j]!;
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      sums[i * size + j]! /= Math.max(1, rows - 1);
      sums[j * size + i] = sums[i * size + j]!;
    }
  }
  return sums;
}
