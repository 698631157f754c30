import { addProduct } from '../add-product.ts';
import { attend, sharesOf } from './attention.ts';
import type { AttentionSize } from './attention.ts';
import { normaliseRow } from './layer-norm.ts';
import type { NetworkForward } from '../../network-predictions.ts';
import { EMBEDDING_WEIGHTS, LAYER_WEIGHTS } from './transformer-params.ts';

export interface TransformerSize {
  readonly window: number;
  readonly units: number;
  readonly heads: number;
  readonly layers: number;
  readonly hidden: number;
}

/** A Transformer encoder over one window in plain arithmetic. */
export class TransformerForward implements NetworkForward {
  readonly input: Float32Array;
  readonly #width: number;
  readonly #size: TransformerSize;
  readonly #weights: readonly Float32Array[];
  /** The rows on their way through the layers. */
  readonly #rows: Float64Array;
  readonly #normal: Float64Array;
  readonly #qkv: Float64Array;
  readonly #attended: Float64Array;
  readonly #shares: Float64Array;
  readonly #tripled: Float64Array;
  readonly #step: Float64Array;
  readonly #hidden: Float64Array;

  constructor(width: number, size: TransformerSize, weights: readonly Float32Array[]) {
    const { window, units, hidden } = size;
    this.#width = width;
    this.#size = size;
    this.#weights = weights;
    this.input = new Float32Array(window * width);
    this.#rows = new Float64Array(window * units);
    this.#normal = new Float64Array(units);
    this.#qkv = new Float64Array(window * 3 * units);
    this.#attended = new Float64Array(window * units);
    this.#shares = new Float64Array(sharesOf({ ...size, firstQuery: 0 }));
    this.#tripled = new Float64Array(3 * units);
    this.#step = new Float64Array(units);
    this.#hidden = new Float64Array(hidden);
  }

  run(): number {
    const { window, units, layers } = this.#size;
    this.#embed();
    for (let layer = 0; layer < layers; layer++) this.#runLayer(layer, layer === layers - 1 ? window - 1 : 0);
    const [scale, shift, kernel, bias] = this.#weights.slice(-4);
    const last = { values: this.#rows, from: (window - 1) * units };
    normaliseRow(last, { scale: scale!, shift: shift! }, { values: this.#normal, from: 0 });
    let sum = bias![0]!;
    for (let unit = 0; unit < units; unit++) sum += this.#normal[unit]! * kernel![unit]!;
    return sum;
  }

  #embed(): void {
    const { window, units } = this.#size;
    const [kernel, bias, position] = this.#weights;
    for (let row = 0; row < window; row++) {
      this.#step.set(bias!);
      addProduct(this.#step, { from: this.input, offset: row * this.#width, count: this.#width }, kernel!);
      for (let unit = 0; unit < units; unit++) {
        this.#rows[row * units + unit] = this.#step[unit]! + position![row * units + unit]!;
      }
    }
  }

  #runLayer(layer: number, firstQuery: number): void {
    const { window, units, heads } = this.#size;
    const rows = this.#rows;
    const normal = this.#normal;
    const qkv = this.#qkv;
    const attended = this.#attended;
    const step = this.#step;
    const first = EMBEDDING_WEIGHTS + layer * LAYER_WEIGHTS;
    const [scale, shift, kernel, bias, joined, joinedBias] = this.#weights.slice(first, first + 6);
    for (let row = 0; row < window; row++) {
      normaliseRow({ values: rows, from: row * units }, { scale: scale!, shift: shift! }, { values: normal, from: 0 });
      this.#tripled.set(bias!);
      addProduct(this.#tripled, { from: normal, offset: 0, count: units }, kernel!);
      qkv.set(this.#tripled, row * 3 * units);
    }
    const size: AttentionSize = { window, units, heads, firstQuery };
    attend(size, { qkv, from: 0 }, { out: attended, to: 0, shares: this.#shares, sharesAt: 0 });
    for (let row = firstQuery; row < window; row++) {
      step.set(joinedBias!);
      addProduct(step, { from: attended, offset: (row - firstQuery) * units, count: units }, joined!);
      for (let unit = 0; unit < units; unit++) rows[row * units + unit]! += step[unit]!;
      this.#runHidden(first + 6, row * units);
    }
  }

  #runHidden(first: number, from: number): void {
    const rows = this.#rows;
    const normal = this.#normal;
    const hidden = this.#hidden;
    const step = this.#step;
    const { units } = this.#size;
    const [scale, shift, kernel, bias, back, backBias] = this.#weights.slice(first, first + 6);
    normaliseRow({ values: rows, from }, { scale: scale!, shift: shift! }, { values: normal, from: 0 });
    hidden.set(bias!);
    addProduct(hidden, { from: normal, offset: 0, count: units }, kernel!);
    for (let unit = 0; unit < hidden.length; unit++) if (hidden[unit]! < 0) hidden[unit] = 0;
    step.set(backBias!);
    addProduct(step, { from: hidden, offset: 0, count: hidden.length }, back!);
    for (let unit = 0; unit < units; unit++) rows[from + unit]! += step[unit]!;
  }
}
