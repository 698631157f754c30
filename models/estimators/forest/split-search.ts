import { BIN_MISSING } from '../trees/feature-bins.ts';
import type { ForestPlan } from './forest-plan.ts';
import {
  FEATURES_AT_ONCE,
  clearFeature,
  listBins,
  listedBin,
  missingSum,
  scanCuts,
  sumFeatures,
} from './node-histograms.ts';
import type { NodeRows, NodeUnits, ScannedCut } from './node-histograms.ts';
import { weightOf } from './quantised-target.ts';

/** Smallest gain, relative to the node's own measure, that is not rounding. */
const GAIN_MIN = 1e-9;

/**
 * Finds the best cut of one node among some features: the least Gini impurity for classes, the least squared error
 * otherwise.
 */
export class SplitSearch {
  /** Result of the last search: feature (-1: no cut), last bin that goes left, where missing values go. */
  feature = -1;
  bin = 0;
  missingRight = false;
  /** Packed sum of the rows that go left. */
  left = 0;

  readonly #plan: ForestPlan;
  readonly #node: NodeUnits = { sum: 0, weight: 0, least: 0, bestNumerator: 0, bestDenominator: 1 };
  readonly #cut: ScannedCut = { place: -1, left: 0 };

  constructor(plan: ForestPlan) {
    this.#plan = plan;
    this.#node.least = plan.leafUnitsMin;
  }

  /** Begins the search in a node of `sum` target units and `weight` units. */
  begin(sum: number, weight: number): void {
    this.#node.sum = sum;
    this.#node.weight = weight;
    this.#node.bestNumerator = sum * sum * GAIN_MIN;
    this.#node.bestDenominator = 1;
    this.feature = -1;
  }

  /** Tries every cut of `features` in their order. */
  tryFeatures(features: Int32Array, node: NodeRows): void {
    for (let first = 0; first < features.length; first += FEATURES_AT_ONCE) {
      const some = features.subarray(first, first + FEATURES_AT_ONCE);
      sumFeatures(this.#plan, node, some);
      for (let k = 0; k < some.length; k++) {
        const count = listBins(k, node);
        if (count > 1) this.#tryCuts(some[k]!, k, count);
        clearFeature(k, some.length, count);
      }
    }
  }

  #tryCuts(feature: number, k: number, count: number): void {
    const node = this.#node;
    const cut = this.#cut;
    if (listedBin(0) !== BIN_MISSING) {
      if (!scanCuts(k, { first: 0, count, start: 0 }, node, cut)) return;
      // Where the node saw no missing value, a later one goes with most of the weight.
      this.#keep(feature, 2 * weightOf(cut.left) < node.weight);
      return;
    }
    if (scanCuts(k, { first: 0, count: 2, start: 0 }, node, cut)) {
      this.#keep(feature, false);
      this.bin = BIN_MISSING;
    }
    if (scanCuts(k, { first: 1, count, start: 0 }, node, cut)) this.#keep(feature, true);
    if (scanCuts(k, { first: 1, count, start: missingSum(k) }, node, cut)) this.#keep(feature, false);
  }

  #keep(feature: number, missingRight: boolean): void {
    const { place, left } = this.#cut;
    this.feature = feature;
    // Halfway into the empty bins up to the next value seen.
    this.bin = (listedBin(place) + listedBin(place + 1) - 1) >> 1;
    this.missingRight = missingRight;
    this.left = left;
  }
}
