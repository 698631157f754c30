import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { mean } from '../statistics/moments.ts';
import { qlike, squaredError } from './loss.ts';

const variance = fc.double({ min: 1e-8, max: 1e4, noNaN: true });
const share = fc.double({ min: 0.01, max: 100, noNaN: true }).filter((x) => Math.abs(x - 1) > 1e-6);

describe.each([
  ['QLIKE', qlike],
  ['squared error', squaredError],
])('%s', (_, loss) => {
  it('is least where the forecast is the truth', () => {
    fc.assert(
      fc.property(variance, share, (truth, times) => {
        expect(loss(truth, truth)).toBeLessThan(loss(truth, truth * times));
      }),
    );
  });

  it('is least at the truth on average, when only squared returns show it', () => {
    const random = createRandom(3);
    const truths = Float64Array.from({ length: 20_000 }, () => 0.5 + random.next());
    const squares = truths.map((truth) => truth * random.normal() ** 2);
    const average = (times: number): number => mean(truths.map((truth, i) => loss(squares[i]!, truth * times)));
    for (const times of [0.5, 0.8, 0.9, 1.15, 1.3, 2]) expect(average(1)).toBeLessThan(average(times));
    expect(average(1)).toBeLessThan(mean(squares.map((square, i) => loss(square, truths[(i + 1) % 20_000]!))));
  });
});

it('QLIKE punishes a forecast that is too small more than one that is as much too large', () => {
  expect(qlike(1, 0.5)).toBeGreaterThan(qlike(1, 1.5));
  expect(qlike(1, 0)).toBe(Infinity);
});
