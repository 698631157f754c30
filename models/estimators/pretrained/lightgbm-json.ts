import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { lightgbmModel, linkOf } from './lightgbm-model.ts';
import { parsedAs } from './parsed-as.ts';
import type { ReadModel } from './read-model.ts';
import { MISSING, type ReadNode, type ReadTree } from './threshold-trees.ts';

const count = z.int().min(0);

const header = z.object({
  version: z.enum(['v3', 'v4']),
  num_class: count,
  num_tree_per_iteration: count,
  max_feature_idx: count,
  objective: z.string(),
  average_output: z.boolean().default(false),
  feature_names: z.array(z.string()),
  tree_info: z.array(z.object({ num_cat: count.default(0), tree_structure: z.unknown() })),
});

const KINDS = { None: MISSING.none, Zero: MISSING.zero, NaN: MISSING.nan } as const;

const cut = z.object({
  split_feature: count,
  threshold: z.number(),
  decision_type: z.literal('<=', { error: 'splits by categories, which are not read' }),
  default_left: z.boolean(),
  missing_type: z.enum(['None', 'Zero', 'NaN']),
  left_child: z.unknown(),
  right_child: z.unknown(),
});

const leaf = z.object({
  leaf_value: z.number(),
  leaf_coeff: z.undefined({ error: 'linear leaves are not read' }).optional(),
});

/**
 * The model of what LightGBM's `dump_model` gives, written as JSON.
 * @throws InputError naming file, tree and key
 */
export function readLightgbmJson(file: string, value: unknown): ReadModel {
  const head = parsedAs(header, value, file);
  const width = head.max_feature_idx + 1;
  if (head.feature_names.length !== width) {
    throw new InputError(
      `${file}: feature_names: has ${head.feature_names.length} names, max_feature_idx says ${width}`,
      'Save the model again.',
    );
  }
  const trees = head.tree_info.map(({ tree_structure: root }, index) => treeOf(`${file}: tree ${index}`, root));
  return lightgbmModel(
    file,
    {
      ...{ width, names: head.feature_names, link: linkOf(file, head.objective) },
      ...{ outputs: head.num_tree_per_iteration, classes: head.num_class, averaged: head.average_output },
    },
    trees,
  );
}

const isLeaf = (node: unknown): boolean => typeof node === 'object' && node !== null && !('split_feature' in node);

/** Nodes in the order in which they are met: without recursion, however deep the file is. */
function treeOf(place: string, root: unknown): Omit<ReadTree, 'output'> {
  const found: unknown[] = [root];
  const nodes: ReadNode[] = [];
  for (let at = 0; at < found.length; at++) {
    const node = found[at];
    const where = `${place}, node ${at}`;
    if (isLeaf(node)) {
      const { leaf_value: value } = parsedAs(leaf, node, where);
      const none = { feature: -1, threshold: 0, left: 0, right: 0 };
      nodes.push({ ...none, missing: MISSING.none, defaultLeft: false, value });
      continue;
    }
    const split = parsedAs(cut, node, where);
    nodes.push({
      ...{ feature: split.split_feature, threshold: split.threshold, left: found.length, right: found.length + 1 },
      ...{ missing: KINDS[split.missing_type], defaultLeft: split.default_left, value: 0 },
    });
    found.push(split.left_child, split.right_child);
  }
  return { nodes };
}
