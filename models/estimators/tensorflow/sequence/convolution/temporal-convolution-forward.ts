import { addProduct } from '../add-product.ts';
import type { NetworkForward } from '../../network-predictions.ts';

export interface ConvolutionSize {
  readonly kernelSize: number;
  readonly levels: number;
  readonly channels: number;
}

/** A stack of dilated causal convolutions over one window in plain arithmetic, at the steps that the last one needs. */
export class ConvolutionForward implements NetworkForward {
  readonly input: Float32Array;
  readonly #width: number;
  readonly #size: ConvolutionSize;
  readonly #weights: readonly Float32Array[];
  /** Outputs of each level: `kernelSize^(levels - 1 - level)` steps. */
  readonly #outputs: readonly Float64Array[];
  readonly #step: Float64Array;
  readonly #own: Float64Array;

  constructor(width: number, size: ConvolutionSize, weights: readonly Float32Array[]) {
    const { kernelSize, levels, channels } = size;
    this.#width = width;
    this.#size = size;
    this.#weights = weights;
    this.input = new Float32Array(kernelSize ** levels * width);
    this.#outputs = Array.from(
      { length: levels },
      (_, level) => new Float64Array(kernelSize ** (levels - 1 - level) * channels),
    );
    this.#step = new Float64Array(channels);
    this.#own = new Float64Array(channels);
  }

  run(): number {
    const { levels, channels } = this.#size;
    let from: Float32Array | Float64Array = this.input;
    for (let level = 0; level < levels; level++) {
      this.#runLevel(level, from, level === 0 ? this.#width : channels);
      from = this.#outputs[level]!;
    }
    const [kernel, bias] = this.#weights.slice(-2);
    let sum = bias![0]!;
    for (let channel = 0; channel < channels; channel++) sum += from[channel]! * kernel![channel]!;
    return sum;
  }

  #runLevel(level: number, from: Float32Array | Float64Array, inputs: number): void {
    const { kernelSize, channels } = this.#size;
    const step = this.#step;
    const own = this.#own;
    // The first level has a third weight, the residual matrix.
    const first = level === 0 ? 0 : 2 * level + 1;
    const kernel = this.#weights[first]!;
    const bias = this.#weights[first + 1]!;
    const out = this.#outputs[level]!;
    for (let at = 0; at * channels < out.length; at++) {
      const offset = at * kernelSize * inputs;
      const last = offset + (kernelSize - 1) * inputs;
      step.set(bias);
      addProduct(step, { from, offset, count: kernelSize * inputs }, kernel);
      if (level === 0) {
        own.fill(0);
        addProduct(own, { from, offset: last, count: inputs }, this.#weights[2]!);
      } else for (let channel = 0; channel < channels; channel++) own[channel] = from[last + channel]!;
      for (let channel = 0; channel < channels; channel++) {
        const value = step[channel]!;
        out[at * channels + channel] = (value > 0 ? value : 0) + own[channel]!;
      }
    }
  }
}
