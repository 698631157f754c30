import { expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { fitBins } from './feature-bins.ts';
import { joinTrees } from './grown-tree.ts';
import type { GrownTree } from './grown-tree.ts';
import { columnBitsOf, LEAF_BIN, packNode } from './packed-node.ts';
import { TreeWalker } from './tree-walker.ts';

const random = createRandom(12);
const below = (count: number): number => Math.floor(random.next() * count);

/** A tree of random cuts that ends early here and there, down to `depth`. */
function randomTree(width: number, depth: number): GrownTree {
  const bits = columnBitsOf(width);
  const levels: number[] = [0];
  const nodes: number[] = [];
  let deepest = 0;
  for (let node = 0; node < levels.length; node++) {
    const level = levels[node]!;
    deepest = Math.max(deepest, level);
    const isLeaf = level === depth || (level > 0 && random.next() < 0.1);
    if (isLeaf) nodes.push(packNode({ child: node, column: 0, bin: LEAF_BIN }, bits));
    else {
      const bin = random.next() < 0.05 ? 254 : below(254);
      nodes.push(packNode({ child: levels.length, column: below(2 * width), bin }, bits));
      levels.push(level + 1, level + 1);
    }
  }
  return {
    nodes: Int32Array.from(nodes),
    values: Float32Array.from(nodes, () => random.next() - 0.5),
    covers: new Float64Array(nodes.length),
    depth: deepest,
  };
}

function randomRows(rows: number, width: number): Float64Array {
  const odd = [NaN, Infinity, -Infinity, 0, -0, 1e300, -1e300, 5e-324];
  return Float64Array.from({ length: rows * width }, () =>
    random.next() < 0.1 ? odd[below(odd.length)]! : random.normal(),
  );
}

const CASES = [
  { name: 'one feature', width: 1, trees: 3, depths: [0, 1, 3, 4] },
  { name: 'an odd number of features', width: 7, trees: 40, depths: [1, 4, 5, 12] },
  { name: 'as many features as a block holds', width: 128, trees: 20, depths: [2, 9] },
  { name: 'an odd number close to that', width: 127, trees: 20, depths: [2, 9] },
  { name: 'more features than a block holds', width: 129, trees: 6, depths: [6] },
  { name: 'more trees than the memory holds', width: 3, trees: 5000, depths: [0, 1, 2] },
];

it.each(CASES)('sums a row in a block as it does the row alone: $name', ({ width, trees, depths }) => {
  const rows = 400;
  const bins = fitBins(
    Float64Array.from({ length: 3000 * width }, () => random.normal()),
    3000,
    width,
  );
  const grown = Array.from({ length: trees }, (_, tree) => randomTree(width, depths[tree % depths.length]!));
  const walker = new TreeWalker(joinTrees(grown, width), bins);
  const x = randomRows(rows, width);
  const blocks = new Float64Array(rows);
  walker.sum(x, rows, blocks);
  const alone = new Float64Array(1);
  for (let row = 0; row < rows; row++) {
    walker.sum(x.subarray(row * width, (row + 1) * width), 1, alone);
    expect(blocks[row]).toBe(alone[0]);
  }
  expect(new Set(blocks).size).toBeGreaterThan(2);
});

it('sums with the trees it is asked for, whichever were walked before', () => {
  const width = 5;
  const x = randomRows(300, width);
  const bins = fitBins(x, 300, width);
  const other = fitBins(randomRows(300, width), 300, width);
  const trees = joinTrees([randomTree(width, 6), randomTree(width, 7)], width);
  const walkers = [
    new TreeWalker(trees, bins),
    new TreeWalker(trees, other),
    new TreeWalker(joinTrees([randomTree(width, 6)], width), bins),
  ];
  const sums = walkers.map((walker) => {
    const out = new Float64Array(300);
    walker.sum(x, 300, out);
    return out;
  });
  expect(sums[0]).not.toEqual(sums[1]);
  walkers.forEach((walker, which) => {
    const again = new Float64Array(300);
    walker.sum(x, 300, again);
    expect(again).toEqual(sums[which]);
    walker.sum(x, 1, again);
    expect(again[0]).toBe(sums[which]![0]);
  });
});
