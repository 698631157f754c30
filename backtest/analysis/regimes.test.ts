import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { measurePerformance } from '../statistics/performance.ts';
import { equityOf, sessionOf } from '../testing/example-session.ts';
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
  const path = regimePath(returns);

  it('tell wild stretches from calm ones after the first fit, and nothing before', () => {
    expect(path.subarray(0, 252).every(Number.isNaN)).toBe(true);
    const known = Array.from(path.keys()).slice(420);
    const right = known.filter((day) => path[day]! > 0.5 === isWild(day));
    expect(right.length / known.length).toBeGreaterThan(0.9);
  });

  it('do not change when later days do', () => {
    for (const cut of [260, 315, 700, 1_201]) {
      const other = returns.map((value, day) => (day < cut ? value : 3 * value + 0.01));
      expect(regimePath(other).subarray(0, cut)).toEqual(path.subarray(0, cut));
    }
  });

  it('are not told where there are too few days, nothing moves or one state is enough', () => {
    const random = createRandom('one state');
    const alike = Float64Array.from({ length: 1_000 }, () => 0.01 * random.normal());
    for (const days of [returns.subarray(0, 252), new Float64Array(600), alike]) {
      expect(regimePath(days).every(Number.isNaN)).toBe(true);
    }
  });
});

describe('results by regime', () => {
  const held = sessionOf(equityOf(stretches(900)));
  const { evaluation } = runExample({ bars: 300 });
  const market = { dayOf: utcDayOfClose, periodsPerYear: 252 } as const;
  const measured = measurePerformance(held, market);
  const baselines = { ...evaluation.baselines, buyAndHold: held };
  const { section, regimeOf, reasons } = regimesOf({ baselines, market, measured });

  it('count every day once, and give a trade the state known at its entry', () => {
    const days = section!.states.reduce((sum, state) => sum + state.days, section!.unknownDays);
    expect(days).toBe(measured.returns.length);
    expect(section!.states.map(({ name }) => name)).toEqual([...REGIMES]);
    const [calm, turbulent] = section!.states;
    expect(turbulent!.volatility!).toBeGreaterThan(2 * calm!.volatility!);
    expect(turbulent!.marketReturn).toBe(turbulent!.annualReturn);
    const entered = (day: number) => regimeOf({ ...evaluation.session.ledger[0]!, entryTimeMs: held.timeMs[day]! });
    expect([entered(100), entered(480), entered(760)]).toEqual([null, 'calm', 'turbulent']);
    expect(reasons).toEqual([]);
  });

  it('say why where there are none', () => {
    const short = regimesOf(runExample({ bars: 100 }).evaluation);
    expect(short.section).toBeNull();
    expect(short.reasons).toEqual(['regimes: 99 daily returns; more than 252 are needed.']);
    const alike = regimesOf(runExample({ bars: 600 }).evaluation);
    expect(alike.reasons.join()).toContain('no better than one');
  });
});
