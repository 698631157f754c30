import { InputError } from '../../../infra/errors.ts';
import type { ReadModel } from './read-model.ts';
import { ThresholdTrees, type ReadTree } from './threshold-trees.ts';
import { TreeModel, type Link } from './tree-model.ts';

/** What a file of LightGBM says before its trees. */
export interface LightgbmHeader {
  readonly width: number;
  readonly names: readonly string[];
  readonly link: Link;
  /** Trees of one round, one for each class where there are more than two. */
  readonly outputs: number;
  readonly classes: number;
  /** The mean of the trees, as random forests have it, not their sum. */
  readonly averaged: boolean;
}

const OF_RETURNS = ['regression', 'regression_l1', 'huber', 'fair', 'quantile', 'mape'];

/**
 * What an objective makes of the sums of trees: `binary sigmoid:1`, `multiclass num_class:3`, `regression`.
 * @throws InputError for one whose outputs are neither probabilities nor returns
 */
export function linkOf(file: string, objective: string): Link {
  const [name, ...options] = objective.split(' ');
  if (name === 'binary') {
    const slope = Number(/^sigmoid:(.+)$/.exec(options[0] ?? '')?.[1]);
    if (slope > 0 && slope < Infinity) return { kind: 'sigmoid', slope };
    throw new InputError(`${file}: objective: "${objective}" has no sigmoid above 0`, 'Save the model again.');
  }
  if (name === 'cross_entropy') return { kind: 'sigmoid', slope: 1 };
  if (name === 'multiclass') return { kind: 'softmax' };
  if (OF_RETURNS.includes(name!) && options.length === 0) return { kind: 'identity' };
  throw new InputError(
    `${file}: objective: "${objective}" gives neither probabilities nor returns that are read`,
    `Train with one of: binary, cross_entropy, multiclass, ${OF_RETURNS.join(', ')}.`,
  );
}

/** Names that LightGBM gives where it was told none. */
const UNNAMED = /^Column_\d+$/;

/** @throws InputError naming file, tree and node */
export function lightgbmModel(
  file: string,
  header: LightgbmHeader,
  trees: readonly Omit<ReadTree, 'output'>[],
): ReadModel {
  const { width, names, link, outputs, classes, averaged } = header;
  const wanted = link.kind === 'softmax' ? classes : 1;
  if (outputs !== wanted || (link.kind === 'softmax' && classes < 2)) {
    throw new InputError(
      `${file}: ${outputs} trees a round, and its objective wants ${wanted} (num_class ${classes})`,
      'Save the model again.',
    );
  }
  if (trees.length === 0 || trees.length % outputs !== 0) {
    throw new InputError(`${file}: ${trees.length} trees are no whole rounds of ${outputs}`, 'Save the model again.');
  }
  const placed = trees.map(({ nodes }, index) => ({ nodes, output: index % outputs }));
  return new TreeModel({
    inputs: names.every((name) => UNNAMED.test(name)) ? null : names,
    width,
    trees: new ThresholdTrees(file, placed, { width, outputs, single: false }),
    link,
    base: new Array<number>(outputs).fill(0),
    divisor: averaged ? trees.length / outputs : 1,
    single: false,
  });
}
