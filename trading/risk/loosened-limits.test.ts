import { describe, expect, it } from 'vitest';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import { limitDifferences } from './loosened-limits.ts';

const { unbounded, standard } = NAMED_LIMITS;
const differences = (before: Partial<RiskLimits>, after: Partial<RiskLimits>): [string, boolean][] =>
  limitDifferences({ ...unbounded, ...before }, { ...unbounded, ...after }).map(({ name, loosens }) => [name, loosens]);

describe('limits that change', () => {
  it.each<[Partial<RiskLimits>, Partial<RiskLimits>, string]>([
    [{ positionFraction: 0.1 }, { positionFraction: 0.05 }, 'positionFraction'],
    [{ drawdownAmount: null }, { drawdownAmount: 500 }, 'drawdownAmount'],
    [{ minimumConfidence: 0.1 }, { minimumConfidence: 0.2 }, 'minimumConfidence'],
    [{ shortAllowed: true }, { shortAllowed: false }, 'shortAllowed'],
    [{ leverage: 2 }, { leverage: 1 }, 'leverage'],
    [{ orderRate: { orders: 5, seconds: 1 } }, { orderRate: { orders: 5, seconds: 2 } }, 'orderRate.seconds'],
    [{ symbols: { AAA: { openOrders: 3 } } }, { symbols: { AAA: { openOrders: 0 } } }, 'symbols.AAA.openOrders'],
    [
      { valueAtRisk: { level: 0.95, bars: 250, amount: 5 } },
      { valueAtRisk: { level: 0.99, bars: 250, amount: 5 } },
      'valueAtRisk.level',
    ],
  ])('%j to %j is stricter, and wider the other way round', (before, after, name) => {
    expect(differences(before, after)).toEqual([[name, false]]);
    expect(differences(after, before)).toEqual([[name, true]]);
  });

  it('takes for wider what it cannot weigh, either way', () => {
    const group = (symbols: [string, ...string[]]) => ({ groups: { g: { symbols, exposureFraction: 0.1 } } });
    expect(differences(group(['A']), group(['A', 'B']))).toEqual([['groups.g.symbols', true]]);
    const bars = (count: number) => ({ correlation: { above: 0.5, bars: count, exposureFraction: 0.1 } });
    expect(differences(bars(10), bars(20))).toEqual([['correlation.bars', true]]);
    expect(differences(bars(20), bars(10))).toEqual([['correlation.bars', true]]);
  });

  it('are named all', () => {
    const named = limitDifferences(unbounded, standard);
    expect(named.every(({ loosens }) => !loosens)).toBe(true);
    expect(named.map(({ name }) => name)).toEqual(
      Object.keys(standard)
        .filter((key) => !['minimumConfidence', 'shortAllowed'].includes(key))
        .sort(),
    );
    expect(limitDifferences(standard, { ...standard })).toEqual([]);
  });
});
