import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../infra/random.ts';
import { dot, product, symmetric, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';
import { meanVarianceWeights, minimumVariance } from './mean-variance.ts';
import type { LinearConstraint } from './linear-constraint.ts';
import { solveQuadratic } from './quadratic-program.ts';

interface Problem {
  readonly matrix: SymmetricMatrix;
  readonly linear: Float64Array;
  readonly constraints: readonly LinearConstraint[];
}

/** Weights of a long-only portfolio with bounds, some with groups, of a size as variances of bars have. */
function drawn(random: Random): Problem {
  const size = 2 + random.integer(24);
  const rows = Array.from({ length: size + random.integer(30) }, () =>
    Array.from({ length: size }, () => 0.01 * random.normal()),
  );
  const matrix = symmetric(
    size,
    (i, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / rows.length + (i === j ? 1e-9 : 0),
  );
  const linear = Float64Array.from({ length: size }, () => 2e-4 * random.normal());
  const most = Math.min(1, (1.2 + 2 * random.next()) / size);
  const unit = (place: number, sign: number) => Float64Array.from({ length: size }, (_, i) => (i === place ? sign : 0));
  const constraints: LinearConstraint[] = [{ coefficients: new Float64Array(size).fill(1), bound: 1, equality: true }];
  for (let i = 0; i < size; i++) {
    constraints.push({ coefficients: unit(i, 1), bound: 0 }, { coefficients: unit(i, -1), bound: -most });
  }
  if (size > 6 && random.integer(2) === 0) {
    const half = Float64Array.from({ length: size }, (_, i) => (i < size / 2 ? 1 : 0));
    constraints.push({ coefficients: half, bound: 0.45 }, { coefficients: half.map((one) => 0 - one), bound: -0.55 });
  }
  return { matrix, linear, constraints };
}

describe('a quadratic program', () => {
  it('meets the conditions of Karush, Kuhn and Tucker on 1,000 problems', () => {
    const random = createRandom('quadratic');
    let binding = 0;
    for (let round = 0; round < 1_000; round++) {
      const { matrix, linear, constraints } = drawn(random);
      const { x, multipliers } = solveQuadratic(matrix, linear, constraints)!;
      const gradient = product(matrix, x).map((value, i) => value + linear[i]!);
      const scale = 1e-4;
      constraints.forEach(({ coefficients, bound, equality }, k) => {
        const slack = dot(coefficients, x) - bound;
        const multiplier = multipliers[k]! / scale;
        coefficients.forEach((one, i) => (gradient[i]! -= multipliers[k]! * one));
        if (equality === true) return expect(Math.abs(slack)).toBeLessThan(1e-13);
        expect(slack).toBeGreaterThan(-2e-12);
        expect(multiplier).toBeGreaterThanOrEqual(-1e-12);
        expect(Math.abs(multiplier * slack)).toBeLessThan(1e-9);
        if (multiplier > 0) binding += 1;
      });
      for (const one of gradient) expect(Math.abs(one) / scale).toBeLessThan(1e-8);
    }
    expect(binding).toBeGreaterThan(3_000);
  });

  it('has no answer where constraints exclude each other', () => {
    const unit = symmetric(2, (i, j) => (i === j ? 1 : 0));
    const constraints = [
      { coefficients: Float64Array.of(1, 1), bound: 1, equality: true },
      { coefficients: Float64Array.of(-1, 0), bound: -0.3 },
      { coefficients: Float64Array.of(0, -1), bound: -0.3 },
    ];
    expect(solveQuadratic(unit, new Float64Array(2), constraints)).toBeNull();
  });
});

describe('mean and variance', () => {
  const covariance = symmetric(3, (i, j) => (i === j ? [1, 2, 4][i]! : 0.1));

  it('are known where nothing binds', () => {
    const plain = symmetric(3, (i, j) => (i === j ? [1, 2, 4][i]! : 0));
    // In proportion to the inverse of each variance.
    const least = minimumVariance(plain);
    [4 / 7, 2 / 7, 1 / 7].forEach((weight, i) => expect(least[i]).toBeCloseTo(weight, 8));
    const bold = meanVarianceWeights(plain, [0, 0, 0.5], { riskAversion: 1e-3 });
    expect(bold[2]).toBeCloseTo(1, 12);
  });

  it('keep to the bounds of groups, and say which bounds exclude each other', () => {
    const groups = [{ name: 'banks', places: [0, 1], most: 0.25 }];
    const weights = minimumVariance(covariance, { groups });
    expect(weights[0]! + weights[1]!).toBeCloseTo(0.25, 12);
    expect(() => minimumVariance(covariance, { groups, most: 0.5 })).toThrow(
      'no weights of 3 symbols, each from 0 to 0.5, banks, add up to 1',
    );
    expect(() => meanVarianceWeights(covariance, [0, 0, 0], { riskAversion: 0 })).toThrow('a risk aversion of 0');
    expect(() => meanVarianceWeights(covariance, [0], { riskAversion: 1 })).toThrow('1 expected returns for 3');
  });
});
