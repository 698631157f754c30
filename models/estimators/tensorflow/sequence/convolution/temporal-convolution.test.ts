import { expect, it } from 'vitest';
import { createRandom } from '../../../../../infra/random.ts';
import { temporalConvolutionArchitecture as architecture } from './temporal-convolution.ts';

const WIDTH = 2;

/** Dilated causal convolutions over every step of a window, as the papers write them; zero before the first step. */
function everyStep(
  x: Float32Array,
  size: { kernelSize: number; levels: number; channels: number },
  weights: Float32Array[],
) {
  const { kernelSize, levels, channels } = size;
  const steps = x.length / WIDTH;
  let rows = Array.from({ length: steps }, (_, t) => [...x.subarray(t * WIDTH, (t + 1) * WIDTH)]);
  const queue = [...weights];
  for (let level = 0; level < levels; level++) {
    const [kernel, bias] = [queue.shift()!, queue.shift()!];
    const residual = level === 0 ? queue.shift()! : null;
    const inputs = rows[0]!.length;
    rows = rows.map((own, t) =>
      Array.from({ length: channels }, (_, channel) => {
        let sum = bias[channel]!;
        for (let k = 0; k < kernelSize; k++) {
          const from = rows[t - (kernelSize - 1 - k) * kernelSize ** level];
          for (let i = 0; i < inputs; i++) sum += (from?.[i] ?? 0) * kernel[(k * inputs + i) * channels + channel]!;
        }
        const kept =
          residual === null
            ? own[channel]!
            : own.reduce((total, value, i) => total + value * residual[i * channels + channel]!, 0);
        return Math.max(0, sum) + kept;
      }),
    );
  }
  const [kernel, bias] = queue;
  return rows.at(-1)!.reduce((sum, value, channel) => sum + value * kernel![channel]!, bias![0]!);
}

it.each([
  [2, 3],
  [3, 2],
])('gives what dilated causal convolutions (kernel %i, %i levels) give at the last step', (kernelSize, levels) => {
  const params = architecture.params.parse({ kernelSize, levels, channels: 3 });
  const random = createRandom(9);
  const weights = architecture
    .weights(WIDTH, params)
    .map(({ shape }) =>
      Float32Array.from({ length: shape.reduce((product, one) => product * one, 1) }, () => random.normal()),
    );
  const network = architecture.forward(WIDTH, params, weights);
  expect(architecture.window(params)).toBe(kernelSize ** levels);
  for (let window = 0; window < 5; window++) {
    const x = Float32Array.from({ length: network.input.length }, () => random.normal());
    network.input.set(x);
    expect(network.run()).toBeCloseTo(everyStep(x, params, weights), 9);
  }
});
