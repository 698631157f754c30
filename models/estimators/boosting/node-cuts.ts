import { groupsOf, shareOf } from './boosting-plan.ts';
import type { TeamJob } from './boosting-plan.ts';
import { CutSearch } from './cut-search.ts';
import type { Bounds, Cut } from './cut-search.ts';
import { GROUP_CELLS, divideGroups, fillGroups } from './histogram.ts';
import type { WordRows } from './histogram.ts';
import type { GradientScale } from './quantised-gradients.ts';

/** A node with its rows `[from, to)` and their packed sum. */
export interface NodeRows extends Bounds {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly total: number;
}

/** A node that waits for its cut. */
export interface OpenNode extends NodeRows {
  /** Sums of this thread's features; null where a child's rows are too few to keep them for. */
  readonly sums: Float64Array | null;
  /** The best cut of this thread's features. */
  readonly cut: Cut;
}

export interface NodePair {
  readonly left: NodeRows;
  readonly right: NodeRows;
}

/** Below this many rows summing both children costs less than keeping and subtracting 256 sums a feature. */
const KEPT_ROWS_MIN = 192;

/**
 * Sums and best cuts of one thread's features for the nodes of a level. Of two siblings the one with fewer rows is
 * counted; the other is the parent minus it.
 */
export class NodeCuts {
  readonly search: CutSearch;
  readonly #job: TeamJob;
  /** Groups of features that are this thread's. */
  readonly #groups: readonly number[];
  readonly #passing: Float64Array;
  readonly #spare: Float64Array[] = [];
  #features: Uint8Array = new Uint8Array(0);
  #used: readonly number[] = [];

  constructor(job: TeamJob) {
    this.#job = job;
    this.search = new CutSearch(job.plan);
    const { threads, thread } = job;
    // Neighbouring groups, because their words lie in the same cache lines.
    const own = shareOf(groupsOf(job.plan.width), thread, threads);
    this.#groups = Array.from({ length: own.to - own.from }, (_, group) => own.from + group);
    this.#passing = new Float64Array(this.#groups.length * GROUP_CELLS);
  }

  /** Begins a tree that may use the features marked 1. */
  beginTree(scale: GradientScale, features: Uint8Array): void {
    this.search.useScale(scale);
    this.#features = features;
    this.#used = this.#groups.filter((group) => features.subarray(4 * group, 4 * group + 4).includes(1));
  }

  openRoot(rows: Omit<NodeRows, 'total'>): OpenNode {
    const sums = this.#take();
    this.#fill(rows, sums);
    let total = 0;
    for (let i = rows.from; i < rows.to; i++) total += this.#job.memory.packed[i]!;
    return this.#open({ ...rows, total }, sums, sums);
  }

  /** Opens both children of a node, whose own sums are handed on. */
  openPair(parent: OpenNode, { left, right }: NodePair): OpenNode[] {
    const leftIsSmaller = left.to - left.from <= right.to - right.from;
    const [small, large] = leftIsSmaller ? [left, right] : [right, left];
    if (parent.sums === null || large.to - large.from < KEPT_ROWS_MIN) {
      if (parent.sums !== null) this.#spare.push(parent.sums);
      return [left, right].map((one) => {
        if (this.search.isDivisible(one.total)) this.#fill(one, this.#passing);
        return this.#open(one, this.#passing, null);
      });
    }
    const sums = this.#take();
    divideGroups(this.#rowsOf(small), this.#used, sums, parent.sums);
    const opened = [this.#open(small, sums, sums), this.#open(large, parent.sums, parent.sums)];
    return leftIsSmaller ? opened : opened.reverse();
  }

  /** Gives back the sums of a node that is not divided further. */
  close(node: OpenNode): void {
    if (node.sums !== null) this.#spare.push(node.sums);
  }

  #take(): Float64Array {
    return this.#spare.pop() ?? new Float64Array(this.#groups.length * GROUP_CELLS);
  }

  #rowsOf({ from, to }: { from: number; to: number }): WordRows {
    const { plan, memory } = this.#job;
    const { rowIndex, packed } = memory;
    return { words: plan.words, wordsPerRow: groupsOf(plan.width), rowIndex, packed, from, to };
  }

  #fill(rows: { from: number; to: number }, into: Float64Array): void {
    fillGroups(this.#rowsOf(rows), this.#used, into);
  }

  #open(rows: NodeRows, cells: Float64Array, sums: Float64Array | null): OpenNode {
    const { search } = this;
    const features = this.#features;
    search.begin(rows.total, rows);
    if (search.isDivisible(rows.total)) {
      this.#used.forEach((group, index) => {
        for (let own = 0; own < 4; own++) {
          const feature = 4 * group + own;
          if (features[feature] === 1) search.tryFeature(cells, index * GROUP_CELLS + own * 256, feature);
        }
      });
    }
    return { ...rows, sums, cut: { ...search.cut } };
  }
}
