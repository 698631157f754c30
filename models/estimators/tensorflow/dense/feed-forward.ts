/** Weights of one dense layer: `kernel` is `inputs * units`, row-major. */
export interface DenseLayer {
  readonly inputs: number;
  readonly units: number;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** Inputs and units of each layer: the hidden ones in order, then the single output. */
export function layerSizes(width: number, hidden: readonly number[]): { inputs: number; units: number }[] {
  const units = [...hidden, 1];
  return units.map((count, index) => ({ inputs: index === 0 ? width : units[index - 1]!, units: count }));
}

/** Layers from weights as they are stored: kernel and bias of each layer in turn. */
export function layersOf(width: number, hidden: readonly number[], arrays: readonly Float32Array[]): DenseLayer[] {
  return layerSizes(width, hidden).map((size, i) => ({ ...size, kernel: arrays[2 * i]!, bias: arrays[2 * i + 1]! }));
}

/**
 * Forward pass of a dense network in plain arithmetic: rectified hidden layers, one linear output. A trained network
 * needs no backend to predict, is synchronous, allocates nothing, and gives the same bits on every backend and thread.
 */
export class FeedForward {
  readonly #layers: readonly DenseLayer[];
  readonly #activations: readonly Float64Array[];
  /** Where the caller puts a standardised row. */
  readonly input: Float32Array;

  constructor(layers: readonly DenseLayer[]) {
    this.#layers = layers;
    this.#activations = layers.map((layer) => new Float64Array(layer.units));
    this.input = new Float32Array(layers[0]!.inputs);
  }

  /** The network's one number for the row in `input`. */
  run(): number {
    let from: Float32Array | Float64Array = this.input;
    for (let index = 0; index < this.#layers.length; index++) {
      const { inputs, units, kernel, bias } = this.#layers[index]!;
      const out = this.#activations[index]!;
      out.set(bias);
      for (let i = 0; i < inputs; i++) {
        const value = from[i]!;
        if (value === 0) continue;
        const row = i * units;
        for (let unit = 0; unit < units; unit++) out[unit]! += value * kernel[row + unit]!;
      }
      if (index < this.#layers.length - 1) {
        for (let unit = 0; unit < units; unit++) if (out[unit]! < 0) out[unit] = 0;
      }
      from = out;
    }
    return from[0]!;
  }
}
