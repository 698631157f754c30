import type { Random } from '../../../infra/random.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import { LEAF_BIN, columnBitsOf, nodesMaxOf, packNode } from '../trees/packed-node.ts';
import type { ForestPlan } from './forest-plan.ts';
import { partitionRows } from '../trees/row-partition.ts';
import { bringNear, binsOf, nearRowsMax } from './node-histograms.ts';
import type { NodeRows } from './node-histograms.ts';
import { TARGET_UNIT, assertRoom, weightOf } from './quantised-target.ts';
import { drawRows, treeRandom } from './row-sample.ts';
import { SplitSearch } from './split-search.ts';

/** A node that waits for its cut: its rows, their packed sum, and whether they are numbered in the near copy. */
interface Job {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly total: number;
  readonly isNear: boolean;
}

/** Grows trees of one plan, one after another, in memory of its own. Tree `t` depends on (seed, t) alone. */
export class TreeGrower {
  readonly #plan: ForestPlan;
  readonly #search: SplitSearch;
  readonly #columnBits: number;
  readonly #nodesMax: number;
  readonly #rowIndex: Int32Array;
  readonly #packed: Float64Array;
  readonly #spare: { readonly rowIndex: Int32Array; readonly packed: Float64Array };
  readonly #nearRowsMax: number;
  readonly #draws: Uint8Array;
  readonly #features: Int32Array;
  readonly #nodes: Int32Array;
  readonly #values: Float32Array;
  readonly #covers: Float64Array;
  #count = 0;
  #deepest = 0;

  constructor(plan: ForestPlan) {
    this.#plan = plan;
    this.#search = new SplitSearch(plan);
    this.#columnBits = columnBitsOf(plan.width);
    this.#nodesMax = Math.min(nodesMaxOf(plan.width), 2 ** (plan.maxDepth + 1), 2 * plan.rows + 1);
    this.#rowIndex = new Int32Array(plan.rows);
    this.#packed = new Float64Array(plan.rows);
    this.#spare = { rowIndex: new Int32Array(plan.rows), packed: new Float64Array(plan.rows) };
    this.#nearRowsMax = nearRowsMax(plan);
    this.#draws = new Uint8Array(plan.rows);
    this.#features = new Int32Array(plan.width);
    this.#nodes = new Int32Array(this.#nodesMax);
    this.#values = new Float32Array(this.#nodesMax);
    this.#covers = new Float64Array(this.#nodesMax);
  }

  grow(tree: number): GrownTree {
    const random = treeRandom(this.#plan, tree);
    // The permutation starts afresh: otherwise a tree would depend on those its thread grew before.
    for (let feature = 0; feature < this.#plan.width; feature++) this.#features[feature] = feature;
    const inBag = this.#listDrawn(random);
    this.#count = 1;
    this.#deepest = 0;
    this.#growNodes(inBag, random);
    return {
      nodes: this.#nodes.slice(0, this.#count),
      values: this.#values.slice(0, this.#count),
      covers: this.#covers.slice(0, this.#count),
      depth: this.#deepest,
    };
  }

  /** Lists the drawn rows in rising order, each with its number of draws in the weight; returns how many. */
  #listDrawn(random: Random): number {
    const draws = this.#draws;
    const rowIndex = this.#rowIndex;
    const packed = this.#packed;
    const target = this.#plan.packed;
    drawRows(this.#plan, random, draws);
    let count = 0;
    for (let row = 0; row < draws.length; row++) {
      const times = draws[row]!;
      if (times === 0) continue;
      rowIndex[count] = row;
      packed[count] = target[row]! * times;
      count = (count + 1) | 0;
    }
    return count;
  }

  #growNodes(inBag: number, random: Random): void {
    let total = 0;
    for (let i = 0; i < inBag; i++) total += this.#packed[i]!;
    assertRoom(weightOf(total));
    const pending: Job[] = [{ node: 0, from: 0, to: inBag, depth: 0, total, isNear: false }];
    // The last one first: a subtree is finished before another is brought near.
    for (let job = pending.pop(); job !== undefined; job = pending.pop()) {
      const { node, depth } = job;
      const weight = weightOf(job.total);
      this.#covers[node] = weight;
      this.#deepest = Math.max(this.#deepest, depth);
      const rows = this.#rowsOf(job);
      if (!this.#mayDivide(job, job.total) || !this.#findCut(job, rows, random)) {
        this.#writeLeaf(node, job.total);
        continue;
      }
      const { feature, bin, missingRight, left } = this.#search;
      const child = this.#count;
      this.#count += 2;
      this.#values[node] = 0;
      this.#nodes[node] = packNode({ child, column: 2 * feature + (missingRight ? 1 : 0), bin }, this.#columnBits);
      const { from, to } = job;
      const below = { depth: depth + 1, isNear: rows.isNear };
      // Rows of two leaves need no order.
      const isDivided = this.#mayDivide(below, left) || this.#mayDivide(below, job.total - left);
      const middle = isDivided ? this.#partition(rows) : to;
      pending.push(
        { node: child + 1, from: middle, to, depth: below.depth, total: job.total - left, isNear: below.isNear },
        { node: child, from, to: middle, depth: below.depth, total: left, isNear: below.isNear },
      );
    }
  }

  #writeLeaf(node: number, total: number): void {
    const { shrinkUnits, prior } = this.#plan;
    const weight = weightOf(total);
    const sum = (total - weight) / TARGET_UNIT;
    this.#values[node] = (sum + shrinkUnits * prior) / (weight + shrinkUnits);
    this.#nodes[node] = packNode({ child: node, column: 0, bin: LEAF_BIN }, this.#columnBits);
  }

  /** The rows of a node, near where they are few enough. */
  #rowsOf({ from, to, isNear }: Job): NodeRows {
    const rowIndex = this.#rowIndex;
    const packed = this.#packed;
    const rows = { rowIndex, packed, from, to, isNear: true };
    if (isNear) return rows;
    if (to - from > this.#nearRowsMax) return { ...rows, isNear: false };
    bringNear(this.#plan, rows);
    return rows;
  }

  /** Whether a node's sums and place leave room for a cut. */
  #mayDivide({ depth }: Pick<Job, 'depth'>, total: number): boolean {
    const plan = this.#plan;
    if (depth >= plan.maxDepth || this.#count + 2 > this.#nodesMax) return false;
    const weight = weightOf(total);
    const sum = (total - weight) / TARGET_UNIT;
    return sum !== 0 && sum !== weight && weight >= 2 * plan.leafUnitsMin;
  }

  /** Tries features in random order: `featuresPerNode` of them, and more only while none has offered a cut. */
  #findCut({ total }: Job, rows: NodeRows, random: Random): boolean {
    const plan = this.#plan;
    const features = this.#features;
    const search = this.#search;
    const weight = weightOf(total);
    search.begin((total - weight) / TARGET_UNIT, weight);
    for (let tried = 0; tried < plan.width && search.feature < 0;) {
      const end = tried === 0 ? plan.featuresPerNode : tried + 1;
      for (let next = tried; next < end; next++) {
        const pick = next + random.integer(plan.width - next);
        const feature = features[pick]!;
        features[pick] = features[next]!;
        features[next] = feature;
      }
      search.tryFeatures(features.subarray(tried, end), rows);
      tried = end;
    }
    return search.feature >= 0;
  }

  /** Divides a node's rows by the cut found; returns where the right ones begin. */
  #partition(rows: NodeRows): number {
    const { feature, bin, missingRight } = this.#search;
    const { rowBytes } = this.#plan;
    const place = { bins: binsOf(this.#plan, feature, rows.isNear), offset: 0, step: 1, bin, missingRight };
    if (rows.isNear) {
      place.offset = feature;
      place.step = rowBytes;
    }
    return partitionRows(rows, place, this.#spare);
  }
}
