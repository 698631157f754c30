import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { COVARIANCE_KINDS } from '../../../models/experiment/rule-parameters.ts';
import { covarianceOf } from './covariance-of.ts';
import { eigenOf } from '../../../models/estimators/reduction/eigen.ts';
import { factorModel } from './given-factors.ts';
import { ledoitWolf } from './ledoit-wolf.ts';
import { oracleApproximating } from './oracle-approximating.ts';
import { returnsOf, returnsOfCloses, type Returns } from './returns.ts';
import { at, correlationOf, product } from './symmetric-matrix.ts';

const NAMES = ['A', 'B', 'C', 'D', 'E'];
const SETTINGS = { decay: 0.94, factors: 2 };

/** Returns that share one factor. */
function drawn(rows: number, seed: string, names: readonly string[] = NAMES): Returns {
  const random = createRandom(seed);
  return returnsOf(
    names,
    Array.from({ length: rows }, () => {
      const shared = random.normal();
      return names.map((_, i) => 0.01 * ((0.3 + 0.2 * i) * shared + random.normal()));
    }),
  );
}

describe('every covariance', () => {
  it.each(COVARIANCE_KINDS)('%s is symmetric and positive semidefinite, also of fewer rows than symbols', (kind) => {
    for (const rows of [2, 3, 5, 40]) {
      for (let seed = 0; seed < 20; seed++) {
        const covariance = covarianceOf(kind, drawn(rows, `${kind}/${seed}`), SETTINGS);
        for (let i = 0; i < 5; i++) {
          for (let j = 0; j < 5; j++) expect(at(covariance, i, j)).toBe(at(covariance, j, i));
        }
        const { values } = eigenOf(covariance);
        expect(values.at(-1)).toBeGreaterThan(-1e-15 * values[0]!);
      }
    }
  });

  it.each(COVARIANCE_KINDS)('%s refuses what has no covariance, and names it', (kind) => {
    const rows = Array.from({ length: 4 }, (_, row) => [0.01 * row, 0, 0.02 * (row % 2)]);
    const of = (given: number[][]) => () => covarianceOf(kind, returnsOf(['A', 'B', 'C'], given), SETTINGS);
    expect(of(rows)).toThrow('B has the same return in all 4 rows');
    expect(of(rows.slice(0, 1))).toThrow('needs 2 rows of returns, and there are 1');
    expect(of(rows.map((row, at) => (at === 2 ? [row[0]!, NaN, 1] : row)))).toThrow('B: return 3 is NaN');
    expect(() => covarianceOf(kind, returnsOf([], []), SETTINGS)).toThrow('needs a symbol');
  });

  it('refuses rows and closes that are none', () => {
    expect(() => returnsOf(['A', 'B'], [[1]])).toThrow('row 1 of the returns has 1 numbers');
    expect(() => returnsOfCloses(['A'], [[1, 0]])).toThrow('A: close 2 is 0, which is no price');
    expect(() => returnsOfCloses(['A', 'B'], [[1, 2], [1]])).toThrow('B has 1 closes, and A has 2');
    expect(() => covarianceOf('ewma', drawn(5, 'x'), { ...SETTINGS, decay: 1 })).toThrow('decay 1');
  });
});

describe('shrinkage', () => {
  it('is whole where variances are equal and nothing is correlated, and small with many rows', () => {
    for (const shrink of [ledoitWolf, oracleApproximating]) {
      expect(shrink(drawn(20_000, 'many')).shrinkage).toBeLessThan(0.01);
      const { shrinkage, covariance } = shrink(drawn(6, 'few'));
      expect(shrinkage).toBeGreaterThan(0.1);
      expect(shrinkage).toBeLessThanOrEqual(1);
      expect(eigenOf(covariance).values.at(-1)).toBeGreaterThan(0);
    }
  });
});

describe('eigenvalues', () => {
  it('are those of the matrix, from the largest on, with vectors of length 1', () => {
    const matrix = covarianceOf('sample', drawn(60, 'eigen'), SETTINGS);
    const { values, vectors } = eigenOf(matrix);
    vectors.forEach((vector, k) => {
      const image = product(matrix, vector);
      vector.forEach((one, i) => expect(image[i]).toBeCloseTo(values[k]! * one, 15));
      expect(vector.reduce((sum, one) => sum + one * one, 0)).toBeCloseTo(1, 13);
    });
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  });
});

describe('factors', () => {
  it('of principal components keep variances and, all of them, the covariance', () => {
    const returns = drawn(60, 'pca');
    const sample = covarianceOf('sample', returns, SETTINGS);
    const all = covarianceOf('pca', returns, { ...SETTINGS, factors: 5 });
    const one = covarianceOf('pca', returns, { ...SETTINGS, factors: 1 });
    sample.values.forEach((value, i) => expect(all.values[i]).toBeCloseTo(value, 15));
    for (let i = 0; i < 5; i++) expect(at(one, i, i)).toBe(at(sample, i, i));
    expect(
      correlationOf(one).values.some((value, i) => Math.abs(value - correlationOf(sample).values[i]!) > 1e-3),
    ).toBe(true);
  });

  it('that are given explain what is made of them', () => {
    const factors = drawn(300, 'factors', ['M', 'S']);
    const noise = drawn(300, 'noise', ['A', 'B']);
    const rows = Array.from({ length: 300 }, (_, row) => {
      const [m, s] = [factors.values[2 * row]!, factors.values[2 * row + 1]!];
      return [1.5 * m - 0.5 * s, 0.8 * m + noise.values[2 * row]!];
    });
    const returns = returnsOf(['A', 'B'], rows);
    const { loadings, residual, covariance } = factorModel(returns, factors);
    expect(loadings[0]![0]).toBeCloseTo(1.5, 12);
    expect(loadings[0]![1]).toBeCloseTo(-0.5, 12);
    expect(residual[0]).toBeCloseTo(0, 15);
    const sample = covarianceOf('sample', returns, SETTINGS);
    // Least squares leaves each variance as it is.
    for (const i of [0, 1]) expect(at(covariance, i, i)).toBeCloseTo(at(sample, i, i), 15);
    expect(eigenOf(covariance).values[1]).toBeGreaterThan(0);
    expect(() => factorModel(drawn(9, 'x'), factors)).toThrow('9 returns of symbols and 300 of factors');
    const same = returnsOf(
      ['M', 'N'],
      Array.from({ length: 9 }, (_, row) => [row % 4, 2 * (row % 4)]),
    );
    expect(() => factorModel(drawn(9, 'x'), same)).toThrow('the factors say the same');
  });
});
