import { addProduct } from '../add-product.ts';
import { hyperbolicTangent, logistic } from '../exponential.ts';
import type { NetworkForward } from '../../network-predictions.ts';

export interface LstmSize {
  readonly width: number;
  readonly window: number;
  readonly units: number;
}

/** An LSTM over one window in plain arithmetic. */
export class LstmForward implements NetworkForward {
  readonly input: Float32Array;
  readonly #size: LstmSize;
  readonly #weights: readonly Float32Array[];
  readonly #gates: Float64Array;
  readonly #cell: Float64Array;
  readonly #state: Float64Array;

  constructor(size: LstmSize, weights: readonly Float32Array[]) {
    this.#size = size;
    this.#weights = weights;
    this.input = new Float32Array(size.window * size.width);
    this.#gates = new Float64Array(4 * size.units);
    this.#cell = new Float64Array(size.units);
    this.#state = new Float64Array(size.units);
  }

  run(): number {
    const { width, window, units } = this.#size;
    const [kernel, recurrent, bias, outputKernel, outputBias] = this.#weights;
    const gates = this.#gates;
    const cell = this.#cell;
    const state = this.#state;
    cell.fill(0);
    state.fill(0);
    for (let step = 0; step < window; step++) {
      gates.set(bias!);
      addProduct(gates, { from: this.input, offset: step * width, count: width }, kernel!);
      if (step > 0) addProduct(gates, { from: state, offset: 0, count: units }, recurrent!);
      for (let unit = 0; unit < units; unit++) {
        const kept = logistic(gates[units + unit]!) * cell[unit]!;
        const next = kept + logistic(gates[unit]!) * hyperbolicTangent(gates[2 * units + unit]!);
        cell[unit] = next;
        state[unit] = logistic(gates[3 * units + unit]!) * hyperbolicTangent(next);
      }
    }
    let sum = outputBias![0]!;
    for (let unit = 0; unit < units; unit++) sum += state[unit]! * outputKernel![unit]!;
    return sum;
  }
}
