import type { Random } from '../../infra/random.ts';
import { takeRows, type Dataset } from '../dataset.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { gatherWindows } from '../estimators/sequence-windows.ts';

/** How much worse a model predicts held-out rows when one feature, or a group of them, belongs to other rows. */
interface FeatureImportance {
  /** Of a group its first feature. */
  readonly name: string;
  /** Mean rise of the log-loss over the repeats; about 0 for what the model does not use. */
  readonly lossRise: number;
  /** Standard error of that mean over the repeats; NaN for one repeat. */
  readonly standardError: number;
}

export interface ImportanceReport {
  readonly rows: number;
  readonly repeats: number;
  readonly logLoss: number;
  /** The most important first. */
  readonly features: readonly FeatureImportance[];
}

function meanLogLoss(probability: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < y.length; row++) {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, probability[row]!));
    sum -= Math.log(y[row] === 1 ? p : 1 - p);
  }
  return sum / y.length;
}

/** The numbers of `rows` rows in any order. */
export function shuffledRows(rows: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  for (let i = rows - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** At most `most` rows, drawn without replacement, in their order. */
export function sampleRows(data: Dataset, most: number, random: Random): Dataset {
  if (data.rows <= most) return data;
  return takeRows(data, shuffledRows(data.rows, random).slice(0, most).sort());
}

interface PermutationOptions {
  readonly repeats: number;
  readonly random: Random;
  readonly onProgress?: (fraction: number) => void;
  /** Columns that change places together; by default each feature alone. */
  readonly groups?: readonly (readonly number[])[];
}

/**
 * Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) of any model on rows it was not trained on:
 * the rise of the log-loss when a feature's values, in all rows of a window together, change places between the rows.
 * Features that say the same share their importance: each alone can be missed. As a group they cannot (clustered
 * importance, Lopez de Prado 2020, section 6.5).
 */
export function permutationImportance(
  model: Pick<EnsembleModel, 'predict' | 'window' | 'featureNames'>,
  heldOut: Dataset,
  { repeats, random, onProgress, groups = model.featureNames.map((_, column) => [column]) }: PermutationOptions,
): ImportanceReport {
  const { rows, width, y } = heldOut;
  const x = gatherWindows(heldOut, model.window, { from: 0, to: rows }).slice();
  const size = model.window * width;
  const logLoss = meanLogLoss(model.predict(x, rows), y);
  const orders = Array.from({ length: repeats }, (_, repeat) => shuffledRows(rows, random.fork(`repeat ${repeat}`)));
  const changed = x.slice();
  const features = groups.map((columns, group) => {
    const rises = orders.map((order) => {
      for (const column of columns) takeFrom(order, { x, changed, column, size, width });
      return meanLogLoss(model.predict(changed, rows), y) - logLoss;
    });
    for (const column of columns) for (let at = column; at < x.length; at += width) changed[at] = x[at]!;
    onProgress?.((group + 1) / groups.length);
    const lossRise = rises.reduce((sum, rise) => sum + rise, 0) / repeats;
    const squares = rises.reduce((sum, rise) => sum + (rise - lossRise) ** 2, 0);
    const standardError = repeats < 2 ? NaN : Math.sqrt(squares / (repeats - 1) / repeats);
    return { name: model.featureNames[columns[0]!]!, lossRise, standardError };
  });
  return { rows, repeats, logLoss, features: features.sort((a, b) => b.lossRise - a.lossRise) };
}

interface Exchange {
  readonly x: Float64Array;
  readonly changed: Float64Array;
  readonly column: number;
  readonly size: number;
  readonly width: number;
}

/** Each row gets the column's values of the row that `order` names. */
function takeFrom(order: Int32Array, { x, changed, column, size, width }: Exchange): void {
  for (let row = 0; row < order.length; row++) {
    for (let at = column; at < size; at += width) changed[row * size + at] = x[order[row]! * size + at]!;
  }
}
