import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { RULE_PARAMETERS } from '../../../models/experiment/rule-parameters.ts';
import { returnsOf } from '../covariance/returns.ts';
import { portfolioWeights } from './portfolio-weights.ts';
import { groupsAmong, parseGroups, requireGrouped } from './written-groups.ts';

const WHOLE = { maxWeight: 1, invested: 1 };
const METHODS = ['minimum-variance', 'mean-variance', 'black-litterman'] as const;

describe('groups as they are written', () => {
  it('say what their symbols have at least and at most', () => {
    expect(parseGroups('AAPL + MSFT: 0.1 to 0.4; JPM: to 0.3;XOM+CVX : from 0.05', WHOLE)).toEqual([
      { text: 'AAPL + MSFT: 0.1 to 0.4', symbols: ['AAPL', 'MSFT'], least: 0.1, most: 0.4 },
      { text: 'JPM: to 0.3', symbols: ['JPM'], least: 0, most: 0.3 },
      { text: 'XOM+CVX : from 0.05', symbols: ['XOM', 'CVX'], least: 0.05, most: 1 },
    ]);
    expect(parseGroups('', WHOLE)).toEqual([]);
  });

  it.each([
    ['AAPL 0.1', 'the group "AAPL 0.1" cannot be read'],
    ['AAPL:', 'cannot be read'],
    ['AAPL + : 0.1 to 0.2', 'cannot be read'],
    ['AAPL: 0.5 to 0.2', 'is from 0.5 to 0.2 of all'],
    ['AAPL: to 1.5', 'is from 0 to 1.5 of all'],
    ['A: 0.1 to 0.2; B + A: to 0.3', 'A is of two groups'],
    ['A: from 0.4; B: from 0.5', 'groups have 0.9 of all at least, and 0.8 is invested'],
    ['A + B: from 0.7', 'the group "A + B: from 0.7" cannot be 0.7 of all: no weight is above 0.3'],
  ])('are refused where they say nothing that can be: %s', (text, words) => {
    const settings = words.includes('no weight') ? { maxWeight: 0.3, invested: 1 } : { maxWeight: 1, invested: 0.8 };
    expect(() => parseGroups(text, settings)).toThrow(words);
  });

  it('name a symbol that there is not', () => {
    const groups = parseGroups('AAPL + MSFT: to 0.4', WHOLE);
    expect(() => requireGrouped(groups, ['AAPL', 'MFST'])).toThrow('a group has MSFT, which there are no bars of');
    expect(() => requireGrouped(groups, ['AAPL', 'MSFT', 'JPM'])).not.toThrow();
  });

  it('ask no more of the symbols that there are than these may have', () => {
    const settings = { maxWeight: 0.25, invested: 0.98 };
    const groups = parseGroups('A + B: 0.4 to 0.5; C + D: to 0.1', settings);
    expect(groupsAmong(groups, ['A', 'C', 'E'], settings)).toEqual({
      groups: [
        { name: 'A + B: 0.4 to 0.5', places: [0], least: 0.25, most: 0.25 },
        { name: 'C + D: to 0.1', places: [1], least: 0, most: 0.1 },
      ],
      total: 0.6,
    });
    expect(groupsAmong(groups, ['E', 'F', 'G', 'H'], settings)).toEqual({ groups: [], total: 0.98 });
  });

  it('hold with methods that keep to them alone', () => {
    const told = (method: string) => RULE_PARAMETERS.portfolio.safeParse({ method, groups: 'A: to 0.3' });
    expect(METHODS.map((method) => told(method).success)).toEqual([true, true, true]);
    expect(told('risk-parity').error?.issues[0]).toMatchObject({
      path: ['groups'],
      message: 'holds with minimum-variance, mean-variance, black-litterman alone',
    });
  });
});

describe.each(METHODS)('weights by %s', (method) => {
  it('keep to the bounds of groups, whatever is drawn, and whichever symbols are there', () => {
    const random = createRandom(`groups/${method}`);
    for (let round = 0; round < 100; round++) {
      const maxWeight = 0.2 + 0.8 * random.next();
      const invested = 0.5 + 0.5 * random.next();
      const bound = (): string => `0.${random.integer(2)} to ${(0.2 + 0.6 * random.next()).toFixed(3)}`;
      const groups = parseGroups(`S0 + S1 + S2: ${bound()}; S3 + S4: ${bound()}`, { maxWeight, invested });
      const names = ['S0', 'S1', 'S2', 'S3', 'S4', 'S5', 'S6'].filter(() => random.next() < 0.8);
      if (names.length === 0) continue;
      const lines = Array.from({ length: 40 }, () => names.map(() => 0.01 * random.normal()));
      const { weights } = portfolioWeights(returnsOf(names, lines), {
        ...{ method, covariance: 'ledoit-wolf', riskAversion: 3, decay: 0.94, factors: 3 },
        ...{ maxWeight, invested, opinions: [], groups },
      });
      const { groups: known, total } = groupsAmong(groups, names, { maxWeight, invested });
      expect(weights.reduce((sum, one) => sum + one, 0)).toBeCloseTo(total, 9);
      for (const { places, least, most } of known) {
        const held = places.reduce((sum, place) => sum + weights[place]!, 0);
        expect(held).toBeGreaterThan(least! - 1e-9);
        expect(held).toBeLessThan(most! + 1e-9);
      }
      expect(Math.max(...weights)).toBeLessThan(maxWeight + 1e-12);
    }
  });
});
