import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';

/** Trees in depth-first order, an entry per node. */
export const voteTreeSchema = z.strictObject({
  /** Feature that is compared, -1 for a leaf. */
  feature: z.array(z.int().min(-1)),
  /** Threshold of a split (smaller goes left), or the class a leaf votes for. */
  value: z.array(z.number()),
  /** Right child; the left one follows its parent. */
  right: z.array(z.int().min(0)),
});

export type VoteTree = z.infer<typeof voteTreeSchema>;

/** What `ml-random-forest` writes for a node, as far as it matters here. Its leaves hold the share of each class. */
interface LibraryNode {
  readonly splitColumn?: number | undefined;
  readonly splitValue?: number | undefined;
  readonly left?: LibraryNode | undefined;
  readonly right?: LibraryNode | undefined;
  readonly distribution?: readonly (readonly number[])[] | undefined;
}

const libraryNode: z.ZodType<LibraryNode> = z.lazy(() =>
  z.object({
    splitColumn: z.number().optional(),
    splitValue: z.number().optional(),
    left: libraryNode.optional(),
    right: libraryNode.optional(),
    distribution: z.array(z.array(z.number())).optional(),
  }),
);

/** The part of the library's forest that is kept. */
export const libraryForestSchema = z.object({
  baseModel: z.object({
    indexes: z.array(z.array(z.int().min(0))),
    estimators: z.array(z.object({ root: libraryNode })),
  }),
});

function classOf(distribution: readonly (readonly number[])[] | undefined): number {
  const shares = distribution?.[0] ?? [];
  return (shares[1] ?? 0) > (shares[0] ?? 0) ? 1 : 0;
}

/** Flattens one tree of the library; `features` maps its columns to features. */
export function voteTreeOf(root: LibraryNode, features: readonly number[]): VoteTree {
  const tree: VoteTree = { feature: [], value: [], right: [] };
  const add = (node: LibraryNode): void => {
    const at = tree.feature.length;
    const { left, right, splitColumn, splitValue } = node;
    if (left === undefined || right === undefined || splitColumn === undefined || splitValue === undefined) {
      tree.feature.push(-1);
      tree.value.push(classOf(node.distribution));
      tree.right.push(0);
      return;
    }
    tree.feature.push(features[splitColumn]!);
    tree.value.push(splitValue);
    tree.right.push(0);
    add(left);
    tree.right[at] = tree.feature.length;
    add(right);
  };
  add(root);
  return tree;
}

/** Refuses a stored tree in which a walk could leave the tree or the row. */
export function assertVoteTree(tree: VoteTree, width: number, number: number): void {
  const count = tree.feature.length;
  const fail = (node: number): never => {
    throw new InputError(`model: tree ${number}, node ${node} is not valid`, 'train it again');
  };
  if (count === 0 || tree.value.length !== count || tree.right.length !== count) fail(0);
  for (let node = 0; node < count; node++) {
    const feature = tree.feature[node]!;
    if (feature === -1 ? tree.value[node] !== 0 && tree.value[node] !== 1 : feature >= width) fail(node);
    if (feature >= 0 && (tree.right[node]! <= node + 1 || tree.right[node]! >= count)) fail(node);
  }
}

/** The class, 0 or 1, for a row of finite values starting at `from`. */
export function voteOf(tree: VoteTree, x: Float64Array, from: number): number {
  let node = 0;
  for (let feature = tree.feature[0]!; feature >= 0; feature = tree.feature[node]!) {
    node = x[from + feature]! < tree.value[node]! ? node + 1 : tree.right[node]!;
  }
  return tree.value[node]!;
}
