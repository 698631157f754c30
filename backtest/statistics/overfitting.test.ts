import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { mean, sampleDeviation } from './moments.ts';
import { overfittingOf } from './overfitting.ts';

function trialsOf(count: number, days: number, options: { seed: number; means?: number[] }): Float64Array[] {
  const random = createRandom(options.seed);
  return Array.from({ length: count }, (_, trial) =>
    Float64Array.from({ length: days }, () => 0.01 * random.normal() + (options.means?.[trial] ?? 0)),
  );
}

/** The paper's procedure spelled out: cut, join the chosen blocks, rank. Slow and obvious. */
function spelledOut(trials: Float64Array[], blocks: number): number {
  const size = trials[0]!.length / blocks;
  const join = (trial: Float64Array, chosen: number[]): number[] =>
    chosen.flatMap((block) => [...trial.slice(block * size, (block + 1) * size)]);
  const all = Array.from({ length: blocks }, (_, i) => i);
  const choose = (from: number, left: number): number[][] =>
    left === 0 ? [[]] : all.slice(from).flatMap((first) => choose(first + 1, left - 1).map((rest) => [first, ...rest]));
  const sharpe = (returns: number[]): number => mean(returns) / sampleDeviation(returns);
  const logits = choose(0, blocks / 2).map((chosen) => {
    const rest = all.filter((block) => !chosen.includes(block));
    const inside = trials.map((trial) => sharpe(join(trial, chosen)));
    const outside = trials.map((trial) => sharpe(join(trial, rest)));
    const winner = inside.indexOf(Math.max(...inside));
    const share = (outside.filter((value) => value < outside[winner]!).length + 1) / (trials.length + 1);
    return Math.log(share / (1 - share));
  });
  return logits.filter((logit) => logit <= 0).length / logits.length;
}

describe('probability of backtest overfitting', () => {
  it.each([1, 2])('equals the procedure spelled out (seed %i)', (seed) => {
    const trials = trialsOf(7, 80, { seed, means: [0.002, 0.001] });
    const { probability, combinations } = overfittingOf(trials);
    expect(combinations).toBe(12_870);
    expect(probability).toBe(spelledOut(trials, 16));
  });

  it('is about one half on noise', () => {
    const found = Array.from({ length: 12 }, (_, seed) => overfittingOf(trialsOf(10, 480, { seed })).probability!);
    expect(mean(found)).toBeGreaterThan(0.35);
    expect(mean(found)).toBeLessThan(0.65);
  });

  it('is near 0 when one trial is truly better', () => {
    const { probability, medianLogit } = overfittingOf(trialsOf(10, 480, { seed: 5, means: [0, 0, 0, 0.004] }));
    expect(probability).toBeLessThan(0.01);
    expect(medianLogit).toBeGreaterThan(1);
  });

  it('is near 1 when what wins one half must lose the other, because all end at 0', () => {
    const centred = trialsOf(10, 480, { seed: 8 }).map((trial) => trial.map((value) => value - mean(trial)));
    expect(overfittingOf(centred).probability).toBeGreaterThan(0.95);
  });

  it.each([
    ['no trial', [], 'fewer than 2'],
    ['one trial', trialsOf(1, 500, { seed: 1 }), 'fewer than 2'],
    ['19 days', trialsOf(3, 19, { seed: 1 }), '19 daily returns'],
  ])('is null with a reason for %s', (_, trials, text) => {
    const { probability, reason } = overfittingOf(trials);
    expect(probability).toBeNull();
    expect(reason).toContain(text);
  });

  it.each([1e-9, 1e-6, 1, 1000])(
    'counts a trial whose every return is the same as ratio 0, at %d times the size',
    (size) => {
      const vary = trialsOf(4, 960, { seed: 3, means: [0.001] });
      const scaled = (trials: Float64Array[]): Float64Array[] => trials.map((trial) => trial.map((one) => one * size));
      const idle = overfittingOf([...vary, new Float64Array(960)]);
      for (const constant of [0.1, 0.0007, -0.0003, 1 / 3]) {
        const still = new Float64Array(960).fill(constant);
        expect(overfittingOf(scaled([...vary, still]))).toEqual(idle);
        expect(overfittingOf(scaled([still, ...vary])).probability).toBe(idle.probability);
      }
    },
  );

  it('counts trials that never traded as ratio 0 and refuses unequal lengths', () => {
    const [one] = trialsOf(1, 100, { seed: 1, means: [0.02] });
    expect(overfittingOf([one!, new Float64Array(100)]).probability).toBe(0);
    expect(() => overfittingOf([one!, new Float64Array(99)])).toThrow('same periods');
  });
});
