import type { ReadModel } from './read-model.ts';
import type { ThresholdTrees } from './threshold-trees.ts';

/** What becomes of the sums of a model's trees. */
export type Link =
  { readonly kind: 'sigmoid'; readonly slope: number } | { readonly kind: 'softmax' } | { readonly kind: 'identity' };

export interface TreeModelParts {
  readonly inputs: readonly string[] | null;
  readonly width: number;
  readonly trees: ThresholdTrees;
  readonly link: Link;
  /** Where each sum begins; one for each output of the trees. */
  readonly base: readonly number[];
  /** Sums are divided by this. */
  readonly divisor: number;
  /** Inputs are taken as numbers of 32 bits. */
  readonly single: boolean;
}

/** A model of trees that other programs have grown, walked by ours. */
export class TreeModel implements ReadModel {
  readonly inputs: readonly string[] | null;
  readonly width: number;
  readonly task: ReadModel['task'];
  readonly outputs: number;
  readonly #parts: TreeModelParts;
  readonly #row: Float64Array;
  readonly #sums: Float64Array;

  constructor(parts: TreeModelParts) {
    const { inputs, width, link, base } = parts;
    this.inputs = inputs;
    this.width = width;
    this.task = link.kind === 'identity' ? 'return' : 'classes';
    this.outputs = link.kind === 'sigmoid' ? 2 : base.length;
    this.#parts = parts;
    this.#row = new Float64Array(width);
    this.#sums = new Float64Array(base.length);
  }

  predict(x: Float64Array, rows: number, out: Float64Array): void {
    const { width, outputs } = this;
    const { trees, base, divisor, single, link } = this.#parts;
    const [row, sums] = [this.#row, this.#sums];
    for (let at = 0; at < rows; at++) {
      for (let j = 0; j < width; j++) row[j] = single ? Math.fround(x[at * width + j]!) : x[at * width + j]!;
      sums.set(base);
      trees.add(row, sums, 0);
      if (divisor !== 1) for (let k = 0; k < sums.length; k++) sums[k]! /= divisor;
      writeLinked(link, sums, out.subarray(at * outputs, (at + 1) * outputs));
    }
  }
}

function writeLinked(link: Link, sums: Float64Array, out: Float64Array): void {
  if (link.kind === 'identity') out.set(sums);
  else if (link.kind === 'sigmoid') {
    const up = 1 / (1 + Math.exp(-link.slope * sums[0]!));
    out[0] = 1 - up;
    out[1] = up;
  } else {
    let most = -Infinity;
    for (const sum of sums) most = Math.max(most, sum);
    let total = 0;
    for (let k = 0; k < sums.length; k++) total += out[k] = Math.exp(sums[k]! - most);
    for (let k = 0; k < sums.length; k++) out[k]! /= total;
  }
}
