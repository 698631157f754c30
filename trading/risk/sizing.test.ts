import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns } from '../../features/bar.ts';
import { BarView } from '../bar-view.ts';
import { ruleSignal, type Signal } from '../strategies/strategy.ts';
import type { Distance } from './protection.ts';
import { createSizer, type SizingRule } from './sizing.ts';

const CONTEXT = { symbols: 4, barsPerYear: 252 };

/** A view over closes of which the last has just closed. */
function viewOf(closes: readonly number[]): BarView {
  const bars = createBarColumns('A', closes.length);
  for (const column of [bars.close, bars.high, bars.low]) column.set(closes);
  return new BarView({ bars, last: closes.length - 1 });
}

interface Asked {
  readonly closes?: readonly number[];
  readonly signal?: Signal;
  readonly equity?: number;
  readonly price?: number;
}

function units(rule: SizingRule, { closes = [100], signal, equity = 10_000, price = 100 }: Asked = {}): number {
  const view = viewOf(closes);
  return createSizer(rule, CONTEXT).units({ signal: signal ?? ruleSignal('BUY', 'test'), view, equity, price });
}

const unsure = (confidence: number): Signal => ({ ...ruleSignal('BUY', 'test'), confidence });

describe('createSizer', () => {
  it('sizes by fraction of equity, by equal weight and by units', () => {
    expect(units({ kind: 'fraction-of-equity', fraction: 0.25 })).toBe(25);
    expect(units({ kind: 'equal-weight' })).toBe(25);
    expect(units({ kind: 'units', units: 7 })).toBe(7);
  });

  it('leaves all-in to the fill', () => {
    expect(createSizer({ kind: 'all-in' }, CONTEXT).atFill).toBe(true);
    expect(createSizer({ kind: 'units', units: 1 }, CONTEXT).atFill).toBe(false);
    expect(units({ kind: 'all-in' }, { equity: 1_000, price: 8 })).toBe(125);
  });

  it('bets a share of Kelly for even odds, up to the cap', () => {
    const kelly: SizingRule = { kind: 'kelly-capped', fraction: 0.3, kellyShare: 0.5 };
    expect(units(kelly, { signal: unsure(0.2) })).toBeCloseTo(10, 12);
    expect(units(kelly, { signal: unsure(0.9) })).toBeCloseTo(30, 12);
    expect(units(kelly, { signal: unsure(0) })).toBe(0);
    // No size can be said: risk refuses NaN.
    expect(units(kelly, { signal: unsure(NaN) })).toBeNaN();
  });

  it('aims at a volatility, by the root mean square of the bars before', () => {
    const target: SizingRule = { kind: 'volatility-target', fraction: 1, targetVolatility: 0.1, volatilityBars: 2 };
    const returns = [101 / 100 - 1, 99.99 / 101 - 1];
    const annual = Math.sqrt((returns[0]! ** 2 + returns[1]! ** 2) / 2) * Math.sqrt(252);
    expect(units(target, { closes: [100, 101, 99.99] })).toBeCloseTo((0.1 / annual) * 100, 9);
    // Only the newest bars count.
    expect(units(target, { closes: [50, 100, 101, 99.99] })).toBeCloseTo((0.1 / annual) * 100, 9);
  });

  it('bets a share of Kelly for odds that are not even, and nothing where they are bad', () => {
    const kelly: SizingRule = { kind: 'kelly-capped', fraction: 1, kellyShare: 0.5, payoff: 2 };
    // p = 0.6: 0.6 - 0.4 / 2 = 0.4, half of it.
    expect(units(kelly, { signal: unsure(0.2) })).toBeCloseTo(20, 12);
    // p = 0.6 at half a unit a win: 0.6 - 0.8.
    expect(units({ ...kelly, payoff: 0.5 }, { signal: unsure(0.2) })).toBe(0);
  });

  it('loses the share that is risked where the stop is filled at its price', () => {
    const risk = (stop: Distance, more = {}): SizingRule => {
      return { kind: 'risk-per-trade', fraction: 1, riskFraction: 0.01, stop, ...more };
    };
    // 100 of 10,000 at risk: 4 a unit away, 5 % of 100 away, or two ranges of 3 away.
    expect(units(risk({ price: 4 }))).toBeCloseTo(25, 12);
    expect(units(risk({ percent: 0.05 }))).toBeCloseTo(20, 12);
    const closes = Array.from({ length: 15 }, (_, at) => (at % 2 === 0 ? 100 : 97));
    expect(units(risk({ atr: 2 }), { closes, price: 100 })).toBeCloseTo(100 / 6, 12);
    // Bars without a dividend of half the price: the range is as large as the price that is traded.
    expect(units(risk({ atr: 2 }), { closes, price: 200 })).toBeCloseTo(100 / 12, 12);
    expect(units(risk({ price: 0.1 }))).toBeCloseTo(100, 12);
    expect(units(risk({ price: 0.1 }, { fraction: 0.3 }))).toBeCloseTo(30, 12);
    expect(units(risk({ atr: 2 }), { closes: closes.slice(1) })).toBeNaN();
  });

  it('cannot say without enough bars, and takes the cap where nothing moves', () => {
    const target: SizingRule = { kind: 'volatility-target', fraction: 0.4, targetVolatility: 0.1, volatilityBars: 3 };
    expect(units(target, { closes: [100, 101, 102] })).toBeNaN();
    expect(units(target, { closes: [100, 100, 100, 100] })).toBe(40);
    expect(units(target, { closes: [100, 100.001, 100, 100.001] })).toBe(40);
  });

  it('asks at any fraction for no more than the fraction, and twice the equity for twice the units', () => {
    const rules = fc.constantFrom<SizingRule>(
      { kind: 'fraction-of-equity', fraction: 0.7 },
      { kind: 'kelly-capped', fraction: 0.7, kellyShare: 1 },
      { kind: 'volatility-target', fraction: 0.7, targetVolatility: 0.2, volatilityBars: 3 },
      { kind: 'kelly-capped', fraction: 0.7, kellyShare: 1, payoff: 0.6 },
      { kind: 'risk-per-trade', fraction: 0.7, riskFraction: 0.02, stop: { percent: 0.01 } },
    );
    const close = fc.double({ min: 1, max: 1_000, noNaN: true });
    const closes = fc.array(close, { minLength: 4, maxLength: 8 });
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(rules, closes, unit, (rule, history, confidence) => {
        const asked = { closes: history, signal: unsure(confidence), price: history.at(-1)! };
        const one = units(rule, { ...asked, equity: 10_000 });
        expect(one).toBeGreaterThanOrEqual(0);
        expect(one * asked.price).toBeLessThanOrEqual(7_000 * (1 + 1e-12));
        expect(units(rule, { ...asked, equity: 20_000 })).toBeCloseTo(2 * one, 9);
      }),
    );
  });

  it('gives nothing to open with where equity is gone, and says no side', () => {
    const rules: SizingRule[] = [{ kind: 'all-in' }, { kind: 'equal-weight' }];
    for (const rule of rules) {
      expect(units(rule, { equity: 0 })).toBe(0);
      expect(units(rule, { equity: -5_000 })).toBe(0);
    }
  });
});
