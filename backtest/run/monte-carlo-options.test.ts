import { describe, expect, it } from 'vitest';
import { parseMonteCarlo } from './monte-carlo-options.ts';

describe('--monte-carlo, --ruin, --perturb and --perturb-bps', () => {
  it('change what they name and nothing else', () => {
    expect(parseMonteCarlo({})).toEqual({});
    expect(parseMonteCarlo({ monteCarlo: '0' })).toEqual({ samples: 0 });
    expect(parseMonteCarlo({ ruin: '0.3', perturb: '20', perturbBps: '5' })).toEqual({
      ruinAt: 0.3,
      perturbedRuns: 20,
      perturbBps: 5,
    });
  });

  it.each([
    [{ monteCarlo: '-1' }, '--monte-carlo -1 is not from 0 to 100000'],
    [{ monteCarlo: 'many' }, '--monte-carlo many is not a whole number'],
    [{ perturb: '10001' }, '--perturb 10001 is not from 0'],
    [{ ruin: '50' }, '--ruin 50 is not above 0 and at most 1'],
    [{ perturb: '3', perturbBps: '-2' }, '--perturb-bps -2 is not a number of at least 0'],
    [{ perturbBps: '2' }, 'Without --perturb nothing is moved'],
  ])('%o is refused in words', (options, words) => {
    expect(() => parseMonteCarlo(options)).toThrow(words);
  });
});
