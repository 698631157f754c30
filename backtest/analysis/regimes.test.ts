import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { runExample } from '../testing/example-result.ts';
import { REGIMES, regimePath, regimesOf } from './regimes.ts';

/** Calm but for every fourth stretch of 100 days, which is four times as wild. */
function stretches(days: number): Float64Array {
  const random = createRandom('stretches');
  return Float64Array.from({ length: days }, (_, day) => random.normal() * (isWild(day) ? 0.02 : 0.005));
}
const isWild = (day: number): boolean => Math.floor(day / 100) % 4 === 3;

describe('regimes point in time', () => {
  const returns = stretches(1_600);
  const path = regimePath(returns)!;

  it('tell wild stretches from calm ones after the first fit, and nothing before', () => {
    expect(path.turbulent.subarray(0, 252).every(Number.isNaN)).toBe(true);
    const known = Array.from(path.turbulent.keys()).slice(420);
    const right = known.filter((day) => path.turbulent[day]! > 0.5 === isWild(day));
    expect(right.length / known.length).toBeGreaterThan(0.9);
  });

  it('do not change when later days do', () => {
    for (const cut of [260, 315, 700, 1_201]) {
      const other = returns.map((value, day) => (day < cut ? value : 3 * value + 0.01));
      expect(regimePath(other)!.turbulent.subarray(0, cut)).toEqual(path.turbulent.subarray(0, cut));
    }
  });

  it('are null where there are too few days or nothing moves', () => {
    expect(regimePath(returns.subarray(0, 252))).toBeNull();
    expect(regimePath(new Float64Array(600))).toBeNull();
  });
});

describe('results by regime', () => {
  const { evaluation } = runExample({ bars: 600 });
  const { section, regimeOf, reasons } = regimesOf(evaluation);

  it('count every day once, and give a trade the state known at its entry', () => {
    const days = section!.states.reduce((sum, state) => sum + state.days, section!.unknownDays);
    expect(days).toBe(evaluation.measured.returns.length);
    expect(section!.states.map(({ name }) => name)).toEqual([...REGIMES]);
    const trades = evaluation.session.ledger;
    expect(regimeOf(trades[0]!)).toBeNull();
    expect(REGIMES).toContain(regimeOf(trades.at(-1)!));
  });

  it('say why where there are none', () => {
    expect(reasons).toEqual([]);
    const short = regimesOf(runExample({ bars: 100 }).evaluation);
    expect(short.section).toBeNull();
    expect(short.reasons).toEqual(['regimes: 99 daily returns; more than 252 that vary are needed.']);
  });
});
