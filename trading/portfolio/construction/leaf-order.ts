import { at, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';

/** A leaf, or two clusters that were joined. */
export type Cluster = number | readonly [Cluster, Cluster];

/**
 * Clusters of what lies near together, joined from the nearest two on by Ward's method (Ward, Hierarchical Grouping to
 * Optimize an Objective Function, 1963), with the update of Lance and Williams.
 */
export function wardClusters(distance: SymmetricMatrix): Cluster {
  const { size } = distance;
  const d = Float64Array.from(distance.values);
  const clusters: { cluster: Cluster; place: number; leaves: number }[] = Array.from({ length: size }, (_, place) => {
    return { cluster: place, place, leaves: 1 };
  });
  while (clusters.length > 1) {
    let [first, second, nearest] = [0, 1, Infinity];
    for (let i = 0; i < clusters.length; i++) {
      for (let j = i + 1; j < clusters.length; j++) {
        const between = d[clusters[i]!.place * size + clusters[j]!.place]!;
        if (between < nearest) [first, second, nearest] = [i, j, between];
      }
    }
    const [a, b] = [clusters[first]!, clusters[second]!];
    for (const { place, leaves } of clusters) {
      if (place === a.place || place === b.place) continue;
      const [toA, toB] = [d[place * size + a.place]!, d[place * size + b.place]!];
      const all = leaves + a.leaves + b.leaves;
      const square =
        ((leaves + a.leaves) * toA * toA + (leaves + b.leaves) * toB * toB - leaves * nearest * nearest) / all;
      d[place * size + a.place] = d[a.place * size + place] = Math.sqrt(Math.max(0, square));
    }
    clusters[first] = { cluster: [a.cluster, b.cluster], place: a.place, leaves: a.leaves + b.leaves };
    clusters.splice(second, 1);
  }
  return clusters[0]!.cluster;
}

/**
 * The order of leaves, among all that the tree allows, whose neighbours lie nearest together (Bar-Joseph, Gifford and
 * Jaakkola, Fast Optimal Leaf Ordering for Hierarchical Clustering, 2001). It and its reverse are as good: the one that
 * begins at the end with the smaller `weight` is taken.
 */
export function leafOrder(tree: Cluster, distance: SymmetricMatrix, weight: ArrayLike<number>): number[] {
  if (typeof tree === 'number') return [tree];
  const best = new Ends(distance.size);
  joinBest(tree, distance, best);
  let ends: [number, number] = [0, 0];
  let least = Infinity;
  for (const u of leavesOf(tree[0])) {
    for (const w of leavesOf(tree[1])) {
      if (best.cost(u, w) < least) [ends, least] = [[u, w], best.cost(u, w)];
    }
  }
  const order = best.order(tree, ends);
  const [first, last] = [order[0]!, order.at(-1)!];
  return weight[last]! < weight[first]! ? order.reverse() : order;
}

/** For each two leaves at the ends of a cluster: the length of the best way between them, and where it crosses. */
class Ends {
  readonly size: number;
  readonly #cost: Float64Array;
  readonly #cross: Int32Array;

  constructor(size: number) {
    this.size = size;
    this.#cost = new Float64Array(size * size).fill(Infinity);
    this.#cross = new Int32Array(2 * size * size);
  }

  cost(u: number, w: number): number {
    return this.#cost[u * this.size + w]!;
  }

  set(u: number, w: number, cost: number, [m, k]: [number, number]): void {
    for (const [from, to, out, into] of [
      [u, w, m, k],
      [w, u, k, m],
    ] as const) {
      this.#cost[from * this.size + to] = cost;
      this.#cross.set([out, into], 2 * (from * this.size + to));
    }
  }

  /** The leaves of a tree from one end to the other. */
  order(tree: Cluster, [u, w]: readonly [number, number]): number[] {
    if (typeof tree === 'number') return [tree];
    const [left, right] = leavesOf(tree[0]).includes(u) ? tree : [tree[1], tree[0]];
    const at = 2 * (u * this.size + w);
    const [m, k] = [this.#cross[at]!, this.#cross[at + 1]!];
    return [...this.order(left, [u, m]), ...this.order(right, [k, w])];
  }
}

function leavesOf(tree: Cluster): number[] {
  return typeof tree === 'number' ? [tree] : [...leavesOf(tree[0]), ...leavesOf(tree[1])];
}

/** The leaves that may be at the other end of a cluster from leaf `u` of it. */
function otherEnds(tree: Cluster, u: number): number[] {
  if (typeof tree === 'number') return [tree];
  const [left, right] = [leavesOf(tree[0]), leavesOf(tree[1])];
  return left.includes(u) ? right : left;
}

/** Fills in the best ways through a tree and its parts. */
function joinBest(tree: Cluster, distance: SymmetricMatrix, best: Ends): void {
  if (typeof tree === 'number') return best.set(tree, tree, 0, [tree, tree]);
  const [left, right] = tree;
  joinBest(left, distance, best);
  joinBest(right, distance, best);
  const rightLeaves = leavesOf(right);
  const endsOf = new Map(rightLeaves.map((w) => [w, otherEnds(right, w)]));
  for (const u of leavesOf(left)) {
    const ends = otherEnds(left, u);
    // The cheapest way from `u` through the left part into each leaf of the right one.
    const into = new Map(rightLeaves.map((k) => [k, cheapest(ends, (m) => best.cost(u, m) + at(distance, m, k))]));
    for (const w of rightLeaves) {
      const { cost, by: k } = cheapest(endsOf.get(w)!, (one) => into.get(one)!.cost + best.cost(one, w));
      best.set(u, w, cost, [into.get(k)!.by, k]);
    }
  }
}

function cheapest(leaves: readonly number[], costOf: (leaf: number) => number): { cost: number; by: number } {
  let found = { cost: Infinity, by: leaves[0]! };
  for (const leaf of leaves) {
    const cost = costOf(leaf);
    if (cost < found.cost) found = { cost, by: leaf };
  }
  return found;
}
