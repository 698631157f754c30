import { createRandom } from '../../../infra/random.ts';
import type { Random } from '../../../infra/random.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import { LEAF_BIN, columnBitsOf, nodesMaxOf, packNode } from '../trees/packed-node.ts';
import type { ForestPlan } from './forest-plan.ts';
import { TARGET_UNIT, assertRoom } from './quantised-target.ts';
import { BY_COLUMN_ROWS, SplitSearch } from './split-search.ts';

/** Grows trees of one plan, one after another, in memory of its own. Tree `t` depends on (seed, t) alone. */
export class TreeGrower {
  private readonly plan: ForestPlan;
  private readonly search: SplitSearch;
  private readonly columnBits: number;
  private readonly nodesMax: number;
  private readonly rowIndex: Int32Array;
  private readonly packed: Float64Array;
  private readonly spareIndex: Int32Array;
  private readonly sparePacked: Float64Array;
  private readonly draws: Uint8Array;
  private readonly features: Int32Array;
  private readonly nodes: Int32Array;
  private readonly values: Float32Array;
  private readonly covers: Float64Array;
  private count = 0;
  private deepest = 0;

  constructor(plan: ForestPlan) {
    this.plan = plan;
    this.search = new SplitSearch(plan);
    this.columnBits = columnBitsOf(plan.width);
    this.nodesMax = Math.min(nodesMaxOf(plan.width), 2 ** (plan.maxDepth + 1), 2 * plan.rows + 1);
    this.rowIndex = new Int32Array(plan.rows);
    this.packed = new Float64Array(plan.rows);
    this.spareIndex = new Int32Array(plan.rows);
    this.sparePacked = new Float64Array(plan.rows);
    this.draws = new Uint8Array(plan.rows);
    this.features = new Int32Array(plan.width);
    this.nodes = new Int32Array(this.nodesMax);
    this.values = new Float32Array(this.nodesMax);
    this.covers = new Float64Array(this.nodesMax);
  }

  grow(tree: number): GrownTree {
    const random = createRandom(`${this.plan.seed}/tree-${tree}`);
    // The permutation starts afresh: otherwise a tree would depend on those its thread grew before.
    for (let feature = 0; feature < this.plan.width; feature++) this.features[feature] = feature;
    const inBag = this.plan.bootstrap ? this.drawBootstrap(random) : this.drawSubset(random);
    this.count = 1;
    this.deepest = 0;
    this.growNodes(inBag, random);
    return {
      nodes: this.nodes.slice(0, this.count),
      values: this.values.slice(0, this.count),
      covers: this.covers.slice(0, this.count),
      depth: this.deepest,
    };
  }

  /** `drawn` rows with replacement, listed in rising order with their number of draws in the weight. */
  private drawBootstrap(random: Random): number {
    const { rows, drawn, packed } = this.plan;
    const { draws } = this;
    draws.fill(0);
    for (let i = 0; i < drawn; i++) draws[random.integer(rows)]!++;
    let count = 0;
    for (let row = 0; row < rows; row++) {
      if (draws[row] === 0) continue;
      this.rowIndex[count] = row;
      this.packed[count++] = packed[row]! * draws[row]!;
    }
    return count;
  }

  /** `drawn` rows without replacement, in rising order (Knuth, TAOCP 2, 3.4.2, algorithm S). */
  private drawSubset(random: Random): number {
    const { rows, drawn, packed } = this.plan;
    let count = 0;
    for (let row = 0; row < rows && count < drawn; row++) {
      if (random.next() * (rows - row) >= drawn - count) continue;
      this.rowIndex[count] = row;
      this.packed[count++] = packed[row]!;
    }
    return count;
  }

  private growNodes(inBag: number, random: Random): void {
    const pending = [{ node: 0, from: 0, to: inBag, depth: 0 }];
    for (let job = pending.pop(); job !== undefined; job = pending.pop()) {
      const { node, from, to, depth } = job;
      let total = 0;
      for (let i = from; i < to; i++) total += this.packed[i]!;
      const sum = Math.floor(total / TARGET_UNIT);
      const weight = total - sum * TARGET_UNIT;
      if (node === 0) assertRoom(weight);
      this.covers[node] = weight;
      this.deepest = Math.max(this.deepest, depth);
      if (!this.findCut({ from, to, depth, sum, weight }, random)) {
        const { shrinkUnits, prior } = this.plan;
        this.values[node] = (sum + shrinkUnits * prior) / (weight + shrinkUnits);
        this.nodes[node] = packNode({ child: node, column: 0, bin: LEAF_BIN }, this.columnBits);
        continue;
      }
      const middle = this.partition(from, to);
      const child = this.count;
      this.count += 2;
      this.values[node] = 0;
      const { feature, bin, missing } = this.search;
      // Where the node saw no missing value, a later one goes with most rows.
      const missingRight = missing === 'unseen' ? to - middle > middle - from : missing === 'right';
      this.nodes[node] = packNode({ child, column: 2 * feature + (missingRight ? 1 : 0), bin }, this.columnBits);
      pending.push({ node: child + 1, from: middle, to, depth: depth + 1 });
      pending.push({ node: child, from, to: middle, depth: depth + 1 });
    }
  }

  /** Tries features in random order: `featuresPerNode` of them, and more only while none has offered a cut. */
  private findCut(
    node: { from: number; to: number; depth: number; sum: number; weight: number },
    random: Random,
  ): boolean {
    const { from, to, depth, sum, weight } = node;
    const { plan, features, search } = this;
    if (depth >= plan.maxDepth || sum === 0 || sum === weight) return false;
    if (weight < 2 * plan.leafUnitsMin || this.count + 2 > this.nodesMax) return false;
    search.begin(sum, weight);
    const slice = { rowIndex: this.rowIndex, packed: this.packed, from, to };
    for (let tried = 0; tried < plan.width; tried++) {
      if (tried >= plan.featuresPerNode && search.feature >= 0) break;
      const pick = tried + random.integer(plan.width - tried);
      const feature = features[pick]!;
      features[pick] = features[tried]!;
      features[tried] = feature;
      search.tryFeature(feature, slice);
    }
    return search.feature >= 0;
  }

  /** Stable partition without branches: every row is written to both sides, one side's end moves. Returns the middle. */
  private partition(from: number, to: number): number {
    const { rowIndex, packed, spareIndex, sparePacked } = this;
    const { feature, bin } = this.search;
    const { byRow, byColumn, rows, width } = this.plan;
    // Missing (bin 0) becomes 255 when it goes right: all bins one lower, modulo 256.
    const lower = this.search.missing === 'right' ? 1 : 0;
    const byColumns = to - from >= BY_COLUMN_ROWS;
    const bins = byColumns ? byColumn : byRow;
    const offset = byColumns ? feature * rows : feature;
    const step = byColumns ? 1 : width;
    let left = from;
    let right = 0;
    for (let i = from; i < to; i++) {
      const row = rowIndex[i]!;
      const value = packed[i]!;
      const goesRight = (bin - lower - ((bins[offset + row * step]! - lower) & 255)) >>> 31;
      rowIndex[left] = row;
      packed[left] = value;
      spareIndex[right] = row;
      sparePacked[right] = value;
      left += 1 - goesRight;
      right += goesRight;
    }
    rowIndex.set(spareIndex.subarray(0, right), left);
    packed.set(sparePacked.subarray(0, right), left);
    return left;
  }
}
