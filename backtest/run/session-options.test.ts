import { describe, expect, it } from 'vitest';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { parseSize, resolveLimits } from './session-options.ts';

describe('resolveLimits', () => {
  it('takes values within a limit by their path, and null for a limit that is off', () => {
    const single = ['margin.initial=0.5', 'margin.maintenance=0.25', 'positionFraction=2', 'valueAtRisk.fraction=0.03'];
    expect(resolveLimits('standard', [...single, 'drawdownFraction=null'])).toEqual({
      ...NAMED_LIMITS.standard,
      positionFraction: 2,
      drawdownFraction: null,
      margin: { initial: 0.5, maintenance: 0.25 },
      valueAtRisk: { level: 0.95, bars: 250, fraction: 0.03 },
    });
    expect(resolveLimits(undefined, ['valueAtRisk=null']).valueAtRisk).toBeNull();
  });

  it.each([
    [['margin.inital=0.5'], /--limit margin.*initial|inital/],
    [['margn.initial=0.5'], /did you mean margin/],
    [['positionFraction=2'], /without credit/],
    [['margin.initial=0.5'], /margin\.maintenance: is required/],
  ])('refuses %j by name', (single, said) => expect(() => resolveLimits(undefined, single)).toThrow(said));
});

describe('parseSize', () => {
  it('takes the share that a trade may lose, with the stop of the run', () => {
    const stop = { atr: 2 };
    expect(parseSize('risk=0.01', stop)).toEqual({ kind: 'risk-per-trade', fraction: 1, riskFraction: 0.01, stop });
    expect(() => parseSize('risk=0.01')).toThrow(/way to a stop/);
    expect(() => parseSize('risk=2', stop)).toThrow(/not understood/);
    expect(parseSize('fraction=1.5')).toEqual({ kind: 'fraction-of-equity', fraction: 1.5 });
  });
});
