import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { datasetOf, peerTable } from '../known-tables.ts';
import { randomForest } from '../forest/random-forest.ts';
import { estimatorOf } from '../registry.ts';
import { Binner } from '../trees/feature-bins.ts';
import type { FeatureBins } from '../trees/feature-bins.ts';
import { binOfNode, childOf, columnBitsOf, columnOf, isLeaf } from '../trees/packed-node.ts';
import type { PackedTrees } from '../trees/packed-node.ts';
import { gaussLegendre } from './gauss-legendre.ts';
import { havePatterns } from './pattern-program.ts';
import { treeShapOf } from './tree-shap.ts';

const WIDTH = 6;

/** Expected value of a tree when only the features in `known` (a bit set) are known: the definition, by recursion. */
function expectation(trees: PackedTrees, tree: number, row: Uint8Array, known: number): number {
  const columnBits = columnBitsOf(trees.width);
  const from = trees.offsets[tree]!;
  const visit = (node: number): number => {
    const word = trees.nodes[from + node]!;
    if (isLeaf(word)) return trees.values[from + node]!;
    const child = childOf(word, columnBits);
    const column = columnOf(word, columnBits);
    if ((known & (1 << (column >> 1))) !== 0) return visit(row[column]! > binOfNode(word) ? child + 1 : child);
    const share = trees.covers[from + child]! / trees.covers[from + node]!;
    return share * visit(child) + (1 - share) * visit(child + 1);
  };
  return visit(0);
}

/** Shapley values by all subsets. */
function shapley(trees: PackedTrees, bins: FeatureBins, x: Float64Array): Float64Array {
  const row = new Uint8Array(2 * WIDTH);
  new Binner(bins).binRow(x, 0, row, 0);
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
  const worth = Array.from({ length: 1 << WIDTH }, (_, known) =>
    Array.from(trees.depths.keys()).reduce((sum, tree) => sum + expectation(trees, tree, row, known), 0),
  );
  return Float64Array.from({ length: WIDTH }, (_, feature) => {
    let value = 0;
    for (let known = 0; known < 1 << WIDTH; known++) {
      if ((known & (1 << feature)) !== 0) continue;
      const size = known.toString(2).replaceAll('0', '').length;
      const weight = (factorial(size) * factorial(WIDTH - size - 1)) / factorial(WIDTH);
      value += weight * (worth[known | (1 << feature)]! - worth[known]!);
    }
    return value;
  });
}

async function fitted(kind: string, params: Record<string, unknown>) {
  const { x, y } = peerTable(600, WIDTH, 5);
  for (let cell = 0; cell < x.length; cell += 11) x[cell] = NaN;
  const estimator = estimatorOf(kind);
  return estimator.fit(datasetOf(x, y), estimator.params.parse(params), { random: createRandom(3) });
}

describe('tree SHAP', () => {
  it('integrates polynomials exactly', () => {
    for (let count = 1; count <= 8; count++) {
      const { points, weights } = gaussLegendre(count);
      for (let degree = 0; degree < 2 * count; degree++) {
        const sum = points.reduce((total, t, q) => total + weights[q]! * t ** degree, 0);
        expect(sum).toBeCloseTo(1 / (degree + 1), 13);
      }
    }
  });

  it.each([
    ['random-forest', { trees: 8, maxDepth: 9, minLeafRows: 2 }, 1 / 8],
    ['gradient-boosting', { rounds: 12, maxDepth: 5, validationFraction: 0, leafHessianMin: 0.5 }, 1],
  ] as const)('equals the definition for %s, missing values included', async (kind, params, scale) => {
    const model = (await fitted(kind, params)) as unknown as { trees: PackedTrees; bins: FeatureBins };
    const shap = treeShapOf(model as never);
    const random = createRandom(9);
    for (let trial = 0; trial < 10; trial++) {
      const row = Float64Array.from({ length: WIDTH }, () => (random.next() < 0.1 ? NaN : random.normal()));
      const expected = shapley(model.trees, model.bins, row);
      shap.explain(row, 1).forEach((value, feature) => expect(value).toBeCloseTo(expected[feature]! * scale, 11));
    }
  });

  it('adds up to the prediction, row by row and in a batch', async () => {
    const forest = await fitted('random-forest', { trees: 30, maxDepth: 12 });
    const boosting = await fitted('gradient-boosting', { rounds: 30, validationFraction: 0 });
    const { x } = peerTable(300, WIDTH, 6);
    for (const model of [forest, boosting]) {
      const shap = treeShapOf(model);
      const values = shap.explain(x, 300);
      const predicted = model.predict(x, 300);
      for (let row = 0; row < 300; row++) {
        const own = values.subarray(row * WIDTH, (row + 1) * WIDTH);
        const sum = own.reduce((total, value) => total + value, shap.baseValue);
        const probability = shap.unit === 'probability' ? sum : 1 / (1 + Math.exp(-sum));
        expect(probability).toBeCloseTo(predicted[row]!, 10);
        if (row % 50 === 0) expect(shap.explain(x.slice(row * WIDTH, (row + 1) * WIDTH), 1)).toEqual(own.slice());
      }
    }
  });

  it('is exact on paths of more features than six points serve', async () => {
    const { x, y } = peerTable(2000, 24, 5);
    const settings = randomForest.params.parse({ trees: 3, maxDepth: 24, minLeafRows: 1, features: 1 });
    const model = await randomForest.fit(datasetOf(x, y), settings, { random: createRandom(3) });
    const shap = treeShapOf(model);
    const values = shap.explain(x.subarray(0, 50 * 24), 50);
    const predicted = model.predict(x.subarray(0, 50 * 24), 50);
    for (let row = 0; row < 50; row++) {
      const sum = values.subarray(row * 24, (row + 1) * 24).reduce((total, value) => total + value, shap.baseValue);
      expect(sum).toBeCloseTo(predicted[row]!, 12);
    }
  });

  it('gives the same bits on threads, and stops with the reason', async () => {
    const shap = treeShapOf(await fitted('random-forest', { trees: 10, maxDepth: 8 }));
    const { x } = peerTable(100, WIDTH, 6);
    const alone = shap.explain(x, 100);
    expect(await shap.explainOnThreads(x, 100, { threads: 2 })).toEqual(alone);
    const reason = new Error('enough');
    const given = { threads: 1, signal: AbortSignal.abort(reason) };
    await expect(shap.explainOnThreads(x, 100, given)).rejects.toBe(reason);
  });

  it.each([
    ['random-forest', { trees: 8, maxDepth: 6, minLeafRows: 2 }, 1 / 8],
    ['gradient-boosting', { rounds: 12, maxDepth: 5, validationFraction: 0, leafHessianMin: 0.5 }, 1],
  ] as const)('looks up what it would walk for %s, and what the definition gives', async (kind, params, scale) => {
    const model = (await fitted(kind, params)) as unknown as { trees: PackedTrees; bins: FeatureBins };
    expect(havePatterns(model.trees)).toBe(true);
    const { x } = peerTable(700, WIDTH, 6);
    for (let cell = 0; cell < x.length; cell += 7) x[cell] = NaN;
    const walked = treeShapOf(model as never).explain(x, 700);
    const tabled = treeShapOf(model as never, { tables: true });
    const values = tabled.explain(x, 700);
    const farthest = values.reduce((most, value, at) => Math.max(most, Math.abs(value - walked[at]!)), 0);
    expect(farthest).toBeLessThan(1e-13);
    expect(await tabled.explainOnThreads(x, 700, { threads: 2 })).toEqual(values);
    for (let row = 0; row < 700; row += 100) {
      const own = x.slice(row * WIDTH, (row + 1) * WIDTH);
      const expected = shapley(model.trees, model.bins, own);
      tabled.explain(own, 1).forEach((value, feature) => {
        expect(value).toBe(values[row * WIDTH + feature]);
        expect(value).toBeCloseTo(expected[feature]! * scale, 12);
      });
    }
  });

  it('walks deep trees, tables or not', async () => {
    const model = await fitted('random-forest', { trees: 4, maxDepth: 9, minLeafRows: 2 });
    expect(havePatterns((model as unknown as { trees: PackedTrees }).trees)).toBe(false);
    const { x } = peerTable(40, WIDTH, 6);
    expect(treeShapOf(model, { tables: true }).explain(x, 40)).toEqual(treeShapOf(model).explain(x, 40));
  });

  it('refuses models without trees', async () => {
    const ridge = await fitted('ridge-regression', {});
    expect(() => treeShapOf(ridge)).toThrow(/not "ridge-regression"/);
  });
});
