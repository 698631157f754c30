import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../infra/random.ts';
import { PORTFOLIO_METHODS } from '../../../models/experiment/rule-parameters.ts';
import { ledoitWolf } from '../covariance/ledoit-wolf.ts';
import { returnsOf, type Returns } from '../covariance/returns.ts';
import { at, submatrix, symmetric, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';
import { blackLitterman } from './black-litterman.ts';
import { hierarchicalRiskParity } from './hierarchical-risk-parity.ts';
import { leafOrder, wardClusters, type Cluster } from './leaf-order.ts';
import { portfolioWeights } from './portfolio-weights.ts';
import { riskOfWeights } from './risk-of-weights.ts';
import { riskParity } from './risk-parity.ts';
import { capped } from './weights-of-variance.ts';
import { parseViews, requireViewed, viewsPerBar } from './written-views.ts';

const SETTINGS = {
  method: 'equal-weight',
  covariance: 'sample',
  maxWeight: 1,
  invested: 1,
  riskAversion: 3,
  decay: 0.94,
  factors: 3,
  opinions: [],
  groups: [],
} as const;

function drawn(random: Random, symbols: number, rows = 80): Returns {
  const loadings = Array.from({ length: symbols }, () => 0.2 + random.next());
  const names = loadings.map((_, i) => `S${i}`);
  const lines = Array.from({ length: rows }, () => {
    const shared = random.normal();
    return loadings.map((loading) => 0.01 * (loading * shared + (0.5 + loading) * random.normal()));
  });
  return returnsOf(names, lines);
}

const sum = (weights: Float64Array): number => weights.reduce((all, one) => all + one, 0);

function shuffled(count: number, random: Random): number[] {
  const places = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return places;
}

describe('every method', () => {
  it.each(PORTFOLIO_METHODS)('%s: equal weights for equal variances without correlation', (method) => {
    // Columns of a Hadamard matrix: no correlation at all, the mean is 0, the variances are equal.
    const rows = Array.from({ length: 16 }, (_, row) =>
      [1, 2, 4, 8].map((bit) => (Number.isInteger(((row / bit) | 0) / 2) ? 0.01 : -0.01)),
    );
    const { weights } = portfolioWeights(returnsOf(['A', 'B', 'C', 'D'], rows), { ...SETTINGS, method });
    for (const weight of weights) expect(weight).toBeCloseTo(0.25, 12);
  });

  it.each(PORTFOLIO_METHODS)('%s: the same bits again, within its bounds, whatever is drawn', (method) => {
    const random = createRandom(`bounds/${method}`);
    for (let round = 0; round < 60; round++) {
      const returns = drawn(random, 1 + random.integer(12));
      const settings = { ...SETTINGS, method, maxWeight: 0.3, invested: 0.9 };
      const { weights } = portfolioWeights(returns, settings);
      expect(portfolioWeights(returns, settings).weights).toEqual(weights);
      expect(sum(weights)).toBeCloseTo(Math.min(0.9, 0.3 * weights.length), 10);
      for (const weight of weights) {
        expect(weight).toBeGreaterThanOrEqual(0);
        expect(weight).toBeLessThanOrEqual(0.3);
      }
    }
  });
});

describe('risk parity', () => {
  it('has equal shares of risk, or those that are asked for, to 1e-8', () => {
    const random = createRandom('parity');
    for (let round = 0; round < 100; round++) {
      const { covariance } = ledoitWolf(drawn(random, 2 + random.integer(29), 60));
      const { size } = covariance;
      const equal = riskOfWeights(covariance, riskParity(covariance)).contributions;
      for (const share of equal) expect(Math.abs(share - 1 / size)).toBeLessThan(1e-8);
      const budgets = Float64Array.from({ length: size }, () => 0.1 + random.next());
      const asked = riskOfWeights(covariance, riskParity(covariance, budgets)).contributions;
      asked.forEach((share, i) => expect(Math.abs(share - budgets[i]! / sum(budgets))).toBeLessThan(1e-8));
    }
  });

  it('refuses budgets that are none', () => {
    const unit = symmetric(2, (i, j) => (i === j ? 1 : 0));
    expect(() => riskParity(unit, [1])).toThrow('1 budgets of risk for 2 symbols');
    expect(() => riskParity(unit, [1, 0])).toThrow('a budget of risk is 0');
  });
});

describe('hierarchical risk parity', () => {
  it('does not depend on the order of symbols', () => {
    const random = createRandom('order');
    for (let round = 0; round < 100; round++) {
      const { covariance } = ledoitWolf(drawn(random, 2 + random.integer(25), 60));
      const weights = hierarchicalRiskParity(covariance);
      const places = shuffled(covariance.size, random);
      const other = hierarchicalRiskParity(submatrix(covariance, places));
      places.forEach((place, i) => expect(other[i]).toBeCloseTo(weights[place]!, 12));
      expect(sum(weights)).toBeCloseTo(1, 12);
    }
  });

  it('takes the best of all orders that its tree allows', () => {
    const random = createRandom('leaves');
    const flips = (tree: Cluster): number[][] => {
      if (typeof tree === 'number') return [[tree]];
      const [left, right] = [flips(tree[0]), flips(tree[1])];
      return left.flatMap((one) =>
        right.flatMap((other) => [
          [...one, ...other],
          [...other, ...one],
        ]),
      );
    };
    for (let round = 0; round < 40; round++) {
      const size = 2 + random.integer(6);
      const distance = symmetric(size, (i, j) => (i === j ? 0 : 0.1 + random.next()));
      const way = (order: readonly number[]): number =>
        order.slice(1).reduce((sum, place, i) => sum + at(distance, order[i]!, place), 0);
      const tree = wardClusters(distance);
      const order = leafOrder(tree, distance, new Float64Array(size));
      expect(way(order)).toBeCloseTo(Math.min(...flips(tree).map(way)), 12);
    }
  });

  it('gives twins together what one symbol has', () => {
    const twins = symmetric(3, (i, j) => (i === j ? 1 : i > 0 && j > 0 ? 0.999_999 : 0));
    const weights = hierarchicalRiskParity(twins);
    expect(weights[0]).toBeCloseTo(0.5, 5);
    expect(weights[1]).toBeCloseTo(0.25, 5);
  });
});

describe('shares of risk', () => {
  it('add up to 1; as many bets as symbols where they are equal, one where one carries all', () => {
    const unit: SymmetricMatrix = symmetric(4, (i, j) => (i === j ? 0.04 : 0));
    const equal = riskOfWeights(unit, new Float64Array(4).fill(0.25));
    expect(equal.effectiveBets).toBeCloseTo(4, 12);
    expect(equal.volatility).toBeCloseTo(0.1, 12);
    expect(riskOfWeights(unit, Float64Array.of(1, 0, 0, 0)).effectiveBets).toBeCloseTo(1, 12);
    const hedged = symmetric(2, (i, j) => (i === j ? 0.04 : 0.03));
    expect(riskOfWeights(hedged, Float64Array.of(1, -0.2)).effectiveBets).toBeNull();
    expect(riskOfWeights(unit, new Float64Array(4)).contributions).toEqual(new Float64Array(4));
  });
});

describe('views', () => {
  it('move what is expected towards them, all the way where they are certain, and not at all without confidence', () => {
    const { covariance } = ledoitWolf(drawn(createRandom('views'), 4));
    const view = (confidence: number) => [{ weights: Float64Array.of(1, 0, -1, 0), expected: 0.01, confidence }];
    const gap = (confidence: number): number => {
      const { means } = blackLitterman(covariance, view(confidence), { riskAversion: 3 });
      return means[0]! - means[2]!;
    };
    const prior = blackLitterman(covariance, [], { riskAversion: 3 }).means;
    expect(gap(0)).toBeCloseTo(prior[0]! - prior[2]!, 14);
    expect(gap(1)).toBeCloseTo(0.01, 14);
    // Idzorek: a confidence is the share of the way.
    expect(gap(0.3)).toBeCloseTo(0.7 * gap(0) + 0.3 * 0.01, 14);
    const twice = [...view(1), ...view(1)];
    expect(() => blackLitterman(covariance, twice, { riskAversion: 3 })).toThrow('two views say the same');
    expect(() => blackLitterman(covariance, view(2), { riskAversion: 3 })).toThrow('view 1 has a confidence of 2');
  });

  it('are written as symbols, a yearly return and a confidence', () => {
    const views = parseViews('AAPL: 0.1 @ 0.6; MSFT - JPM + BAC: -0.03');
    expect(views).toEqual([
      { long: ['AAPL'], short: [], yearly: 0.1, confidence: 0.6 },
      { long: ['MSFT'], short: ['JPM', 'BAC'], yearly: -0.03, confidence: undefined },
    ]);
    expect(viewsPerBar(views, ['MSFT', 'JPM', 'BAC'], 250)).toEqual([
      { weights: Float64Array.of(1, -0.5, -0.5), expected: -0.03 / 250, confidence: undefined },
    ]);
    expect(() => parseViews('AAPL 0.1')).toThrow('the view "AAPL 0.1" cannot be read');
    expect(() => parseViews('AAPL: 0.1 @ 7')).toThrow('confidence of 7');
    expect(() => requireViewed(views, ['AAPL', 'MSFT', 'JPN', 'BAC'])).toThrow('a view is of JPM');
  });
});

describe('a largest weight', () => {
  it('gives what is above it to the others in proportion', () => {
    expect([...capped(Float64Array.of(6, 3, 1), 0.5)]).toEqual([0.5, 0.375, 0.125]);
    expect([...capped(Float64Array.of(6, 3, 1), 0.2)]).toEqual([0.2, 0.2, 0.2]);
  });
});
