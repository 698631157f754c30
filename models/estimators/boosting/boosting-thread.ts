import type { Barrier } from '../threads/barrier.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import { LEAF_BIN, columnBitsOf, packNode } from '../trees/packed-node.ts';
import { partitionRows } from '../trees/row-partition.ts';
import type { RowStretch } from '../trees/row-partition.ts';
import { CUT_LENGTH } from './boosting-plan.ts';
import type { TeamJob } from './boosting-plan.ts';
import type { Bounds, Cut } from './cut-search.ts';
import { NodeCuts } from './node-cuts.ts';
import type { NodePair, OpenNode } from './node-cuts.ts';
import type { GradientScale } from './quantised-gradients.ts';
import { scoreRows, scoreSides } from './row-scores.ts';

/** A node of the tree that is being grown, with what is known of it. */
interface Decided {
  readonly open: OpenNode;
  readonly cut: Cut;
  /** Number of its left child. */
  readonly child: number;
}

/**
 * One thread's part in growing a tree, level by level. All threads take the same decisions from the same shared
 * numbers; a thread sums and searches its own features, and moves the rows of its own nodes. Sums are exact integers,
 * so any number of threads gives the same bits.
 */
export class BoostingThread {
  readonly #job: TeamJob;
  readonly #barrier: Barrier;
  readonly #cuts: NodeCuts;
  readonly #columnBits: number;
  readonly #spareIndex: Int32Array;
  readonly #sparePacked: Float64Array;
  #nodes: number[] = [];
  #values: number[] = [];
  #covers: number[] = [];
  #deepest = 0;

  constructor(job: TeamJob, barrier: Barrier) {
    this.#job = job;
    this.#barrier = barrier;
    this.#cuts = new NodeCuts(job);
    this.#columnBits = columnBitsOf(job.plan.width);
    this.#spareIndex = new Int32Array(job.plan.train.rows);
    this.#sparePacked = new Float64Array(job.plan.train.rows);
  }

  /** Grows a tree over the first `rows` rows of the shared list, and adds its leaf values to their scores. */
  grow(rows: number, scale: GradientScale, features: Uint8Array): GrownTree {
    this.#nodes = [0];
    this.#values = [0];
    this.#covers = [0];
    this.#deepest = 0;
    this.#cuts.beginTree(scale, features);
    const root = { node: 0, from: 0, to: rows, low: -Infinity, high: Infinity };
    let level: OpenNode[] = [this.#cuts.openRoot(root)];
    for (let depth = 0; level.length > 0; depth++) {
      this.#deepest = depth;
      this.#tellCuts(level);
      this.#barrier.wait();
      const decided = level.map((open, index) => this.#decide(open, this.#bestCut(index, level.length)));
      this.#moveRows(decided, depth);
      this.#barrier.wait();
      level = this.#openChildren(decided, depth);
    }
    return {
      nodes: Int32Array.from(this.#nodes),
      values: Float32Array.from(this.#values),
      covers: Float64Array.from(this.#covers),
      depth: this.#deepest,
    };
  }

  /** Writes this thread's best cut of each node where all threads see it. */
  #tellCuts(level: readonly OpenNode[]): void {
    const { thread, memory } = this.#job;
    level.forEach((open, index) => {
      const { gain, feature, bin, missingRight, left } = open.cut;
      const at = (thread * level.length + index) * CUT_LENGTH;
      memory.cuts[at] = feature;
      memory.cuts[at + 1] = gain;
      memory.cuts[at + 2] = bin;
      memory.cuts[at + 3] = missingRight ? 1 : 0;
      memory.cuts[at + 4] = left;
    });
  }

  /** The best of all threads' cuts of a node; of equal ones that of the lower feature. */
  #bestCut(index: number, nodes: number): Cut {
    const { cuts } = this.#job.memory;
    const best = { gain: 0, feature: -1, bin: 0, missingRight: false, left: 0 };
    for (let thread = 0; thread < this.#job.threads; thread++) {
      const at = (thread * nodes + index) * CUT_LENGTH;
      const feature = cuts[at]!;
      const gain = cuts[at + 1]!;
      if (feature < 0) continue;
      if (best.feature >= 0 && (gain < best.gain || (gain === best.gain && feature > best.feature))) continue;
      best.feature = feature;
      best.gain = gain;
      best.bin = cuts[at + 2]!;
      best.missingRight = cuts[at + 3] === 1;
      best.left = cuts[at + 4]!;
    }
    return best;
  }

  /** Writes a node as a leaf or as a cut with two children. */
  #decide(open: OpenNode, cut: Cut): Decided {
    this.#covers[open.node] = this.#cuts.search.hessianOf(open.total);
    if (cut.feature < 0) {
      this.#writeLeaf(open.node, open.total, open);
      return { open, cut, child: -1 };
    }
    const child = this.#nodes.length;
    this.#nodes.push(0, 0);
    this.#values.push(0, 0);
    this.#covers.push(0, 0);
    const column = 2 * cut.feature + (cut.missingRight ? 1 : 0);
    this.#nodes[open.node] = packNode({ child, column, bin: cut.bin }, this.#columnBits);
    return { open, cut, child };
  }

  #writeLeaf(node: number, total: number, bounds: Bounds): void {
    const { search } = this.#cuts;
    this.#values[node] = Math.fround(this.#job.plan.learningRate * search.valueOf(total, bounds));
    this.#covers[node] = search.hessianOf(total);
    this.#nodes[node] = packNode({ child: node, column: 0, bin: LEAF_BIN }, this.#columnBits);
  }

  /**
   * Sees to this thread's nodes of a level: divides the rows of those that go on, adds leaf values to the scores of the
   * others. A node goes to the thread that has the fewest rows so far. On the last level rows stay where they are.
   */
  #moveRows(decided: readonly Decided[], depth: number): void {
    const { plan, memory, thread, threads } = this.#job;
    const load = new Array<number>(threads).fill(0);
    decided.forEach((one, index) => {
      const { from, to, node } = one.open;
      const taker = load.indexOf(Math.min(...load));
      load[taker]! += to - from;
      if (one.child >= 0 && depth + 1 === plan.maxDepth) this.#writeLastLeaves(one);
      if (taker !== thread) return;
      const stretch: RowStretch = { rowIndex: memory.rowIndex, packed: memory.packed, from, to };
      if (one.child < 0) scoreRows(stretch, this.#values[node]!, plan.train.score);
      else if (depth + 1 === plan.maxDepth) {
        const values = { left: this.#values[one.child]!, right: this.#values[one.child + 1]! };
        scoreSides(stretch, plan.train, one.cut, values);
      } else {
        const spare = { rowIndex: this.#spareIndex, packed: this.#sparePacked };
        const { feature, bin, missingRight } = one.cut;
        const { byColumn, rows } = plan.train;
        const bins = byColumn.subarray(feature * rows, (feature + 1) * rows);
        memory.middles[index] = partitionRows(stretch, { bins, offset: 0, step: 1, bin, missingRight }, spare);
      }
    });
  }

  #writeLastLeaves({ open, cut, child }: Decided): void {
    this.#deepest = this.#job.plan.maxDepth;
    const [left, right] = this.#childBounds(open, cut);
    this.#writeLeaf(child, cut.left, left);
    this.#writeLeaf(child + 1, open.total - cut.left, right);
  }

  /** The nodes of the next level, with this thread's best cuts. */
  #openChildren(decided: readonly Decided[], depth: number): OpenNode[] {
    const { plan, memory } = this.#job;
    const next: OpenNode[] = [];
    decided.forEach(({ open, cut, child }, index) => {
      if (child < 0) this.#cuts.close(open);
      else if (depth + 1 < plan.maxDepth) {
        const middle = memory.middles[index]!;
        const [left, right] = this.#childBounds(open, cut);
        const pair: NodePair = {
          left: { node: child, from: open.from, to: middle, total: cut.left, ...left },
          right: { node: child + 1, from: middle, to: open.to, total: open.total - cut.left, ...right },
        };
        next.push(...this.#cuts.openPair(open, pair));
      } else this.#cuts.close(open);
    });
    return next;
  }

  /** Below a monotone cut the two sides stay on their sides of the middle between their values. */
  #childBounds(open: OpenNode, cut: Cut): [Bounds, Bounds] {
    const { search } = this.#cuts;
    const own = { low: open.low, high: open.high };
    const direction = this.#job.plan.monotone?.[cut.feature] ?? 0;
    if (direction === 0) return [own, own];
    const middle = (search.valueOf(cut.left, own) + search.valueOf(open.total - cut.left, own)) / 2;
    const below = { low: own.low, high: middle };
    const above = { low: middle, high: own.high };
    return direction > 0 ? [below, above] : [above, below];
  }
}
