import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Random } from '../../../infra/random.ts';
import type { FitContext } from '../estimator.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import { BIN_BITS, columnBitsOf } from '../trees/packed-node.ts';
import { BoostedTreeGrower } from './boosted-tree-grower.ts';
import type { TreeSample } from './boosted-tree-grower.ts';
import type { BoostingPlan } from './boosting-plan.ts';
import { packGradients } from './quantised-gradients.ts';

/** Binned rows with labels and weights: `byColumn` holds the bins of each feature, column-major. */
export interface BinnedRows {
  readonly rows: number;
  readonly byColumn: Uint8Array;
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

export interface RoundSettings {
  readonly rounds: number;
  readonly rowFraction: number;
  readonly featureFraction: number;
  readonly patience: number;
  /** Score before the first tree: log-odds of the prior. */
  readonly base: number;
}

function drawSample(plan: BoostingPlan, settings: RoundSettings, random: Random): TreeSample {
  const drawn = Math.max(1, Math.round(settings.rowFraction * plan.rows));
  const rowIndex = new Int32Array(drawn);
  let count = 0;
  for (let row = 0; row < plan.rows && count < drawn; row++) {
    if (drawn === plan.rows || random.next() * (plan.rows - row) < drawn - count) rowIndex[count++] = row;
  }
  const features = new Uint8Array(plan.width).fill(1);
  const order = Array.from(features.keys());
  for (let left = plan.width; left > Math.max(1, Math.round(settings.featureFraction * plan.width)); left--) {
    const pick = random.integer(left);
    features[order[pick]!] = 0;
    order[pick] = order[left - 1]!;
  }
  return { rowIndex, features };
}

/** Adds a tree's leaf values to the score of every row. */
function addTree(tree: GrownTree, data: BinnedRows, width: number, score: Float64Array): void {
  const columnBits = columnBitsOf(width);
  const mask = (1 << columnBits) - 1;
  const { nodes, values, depth } = tree;
  const { byColumn, rows } = data;
  for (let row = 0; row < rows; row++) {
    let node = 0;
    for (let step = 0; step < depth; step++) {
      const word = nodes[node]!;
      const column = (word >>> BIN_BITS) & mask;
      const bin = byColumn[(column >> 1) * rows + row]!;
      const seen = bin === 0 && (column & 1) === 1 ? 255 : bin;
      node = (word >>> (BIN_BITS + columnBits)) + (((word & 255) - seen) >>> 31);
    }
    score[row]! += values[node]!;
  }
}

function logLoss(score: Float64Array, data: BinnedRows): number {
  let loss = 0;
  let total = 0;
  for (let row = 0; row < data.rows; row++) {
    const s = score[row]!;
    loss += data.weight[row]! * (Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s))) - data.y[row]! * s);
    total += data.weight[row]!;
  }
  return loss / total;
}

/**
 * Boosts until the rounds are over or the loss on `validation` has not fallen for `patience` rounds, and returns the trees
 * up to its least. Each round's sample and rounding noise depend on (seed, round) alone.
 */
export async function boost(
  plan: BoostingPlan,
  data: { train: BinnedRows; validation: BinnedRows | null },
  settings: RoundSettings,
  context: FitContext,
): Promise<{ trees: GrownTree[]; validationLoss: number[] }> {
  const { train, validation } = data;
  const grower = new BoostedTreeGrower(plan);
  const gradients = { packed: new Float64Array(train.rows), gradientScale: 1, hessianScale: 1 };
  const score = new Float64Array(train.rows).fill(settings.base);
  const held = new Float64Array(validation?.rows ?? 0).fill(settings.base);
  const trees: GrownTree[] = [];
  const validationLoss: number[] = [];
  let best = { loss: validation === null ? Infinity : logLoss(held, validation), rounds: 0 };
  for (let round = 0; round < settings.rounds; round++) {
    context.signal?.throwIfAborted();
    const random = context.random.fork(`boosting-${round}`);
    packGradients(train, score, random.integer(2 ** 31), gradients);
    const tree = grower.grow(gradients, drawSample(plan, settings, random));
    trees.push(tree);
    addTree(tree, train, plan.width, score);
    if (validation !== null) {
      addTree(tree, validation, plan.width, held);
      const loss = logLoss(held, validation);
      validationLoss.push(loss);
      if (loss < best.loss) best = { loss, rounds: round + 1 };
      if (round + 1 - best.rounds >= settings.patience) break;
    }
    context.onProgress?.((round + 1) / settings.rounds);
    await nextTurn();
  }
  context.signal?.throwIfAborted();
  return { trees: validation === null ? trees : trees.slice(0, best.rounds), validationLoss };
}
