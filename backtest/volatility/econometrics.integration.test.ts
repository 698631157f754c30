import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { fitGarch } from '../../features/fitted/garch.ts';
import { fitHar, forecastHar } from '../../features/fitted/har.ts';
import {
  fitHiddenMarkov,
  markovLikelihood,
  MarkovFilter,
  volatilityStart,
  type HiddenMarkov,
} from '../../features/fitted/hidden-markov.ts';
import { createRandom } from '../../infra/random.ts';
import { describeWith, REFERENCE_DIR } from '../../infra/testing/requirements.ts';
import { modelConfidence } from '../statistics/model-confidence.ts';
import { openEconometrics, type AskEconometrics } from './testing/econometrics.ts';

/** Logarithmic returns of the S&P 500, in percent. */
function indexReturns(): Float64Array {
  const file = readFileSync(join(REFERENCE_DIR, 'skfolio', 'sp500_index.csv.gz'));
  const [, ...rows] = gunzipSync(file).toString('utf8').trim().split('\n');
  const closes = rows.map((row) => Number(row.split(',')[1]));
  return Float64Array.from(closes.slice(1), (close, i) => 100 * Math.log(close / closes[i]!));
}

interface Garch {
  readonly parameters: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly logLikelihood: number;
  readonly nextVariance: number;
}

type Markov = { readonly [Field in keyof HiddenMarkov]: number[] } & { logLikelihood: number; filtered: number[] };

/** Largest distance between two lists of one length. */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

describeWith('reference', 'models of volatility on the index', () => {
  describeWith('python', 'agree with arch and hmmlearn', () => {
    let ask: AskEconometrics;
    beforeAll(async () => void (ask = await openEconometrics()));

    it.each([
      ['constant', 'Constant', 8312],
      ['zero', 'Zero', 8312],
      ['constant', 'Constant', 1500],
    ] as const)('GARCH(1,1) with a mean that is %s (arch: %s) over %i returns', (mean, theirs, length) => {
      const returns = indexReturns().subarray(-length);
      const ours = fitGarch(returns, { mean })!;
      const arch = ask<Garch>({ kind: 'garch', returns: [...returns], mean: theirs });
      expect(ours.converged).toBe(true);
      // Where theirs stops, the likelihood is flat to nine digits: ours is no lower, and parameters agree to four.
      expect(ours.logLikelihood).toBeGreaterThan(arch.logLikelihood - 1e-9);
      expect(ours.logLikelihood).toBeCloseTo(arch.logLikelihood, 6);
      const names = { mu: 'mu', omega: 'omega', alpha: 'alpha[1]', beta: 'beta[1]' } as const;
      for (const [name, of] of Object.entries(names)) {
        if (mean === 'zero' && name === 'mu') continue;
        const key = name as keyof typeof names;
        expect(ours[key] / arch.parameters[of]!).toBeCloseTo(1, 4);
        expect(ours.standardErrors![key] / arch.errors[of]!).toBeCloseTo(1, 3);
      }
      expect(ours.nextVariance / arch.nextVariance).toBeCloseTo(1, 5);
    });

    it('HAR of squared returns', () => {
      const variances = indexReturns().map((value) => value * value);
      const spans = { week: 5, month: 22 };
      const ours = fitHar(variances, spans)!;
      const asked = { kind: 'har', variances: [...variances], lags: [1, 5, 22] };
      const arch = ask<{ coefficients: number[]; next: number }>(asked);
      expect(apart([ours.intercept, ours.day, ours.week, ours.month], arch.coefficients)).toBeLessThan(1e-9);
      expect(forecastHar(ours, variances, spans)).toBeCloseTo(arch.next, 9);
    });

    it.each([2, 3])('hidden Markov model of %i states, after 40 steps from the same start', (states) => {
      const values = indexReturns().subarray(-3000);
      const start = volatilityStart(values, states)!;
      const ours = fitHiddenMarkov(values, start, { steps: 40, tolerance: -Infinity }).model;
      const rows = Array.from({ length: states }, (_, i) => [
        ...start.transition.subarray(i * states, (i + 1) * states),
      ]);
      const { mean, variance, initial } = start;
      const asked = { mean: [...mean], variance: [...variance], initial: [...initial], transition: rows };
      const hmmlearn = ask<Markov>({ kind: 'markov', ...asked, values: [...values], steps: 40 });
      for (const field of ['mean', 'variance', 'transition', 'initial'] as const) {
        expect(apart(ours[field], hmmlearn[field])).toBeLessThan(1e-9);
      }
      expect(markovLikelihood(values, ours)).toBeCloseTo(hmmlearn.logLikelihood, 7);
      const filter = new MarkovFilter(ours);
      const filtered = Array.from(values, (value) => {
        filter.next(value);
        return [...filter.probabilities];
      }).flat();
      expect(apart(filtered, hmmlearn.filtered)).toBeLessThan(1e-8);
    });

    it('model confidence set of losses of which some are close', () => {
      const random = createRandom(5);
      const shared = Float64Array.from({ length: 500 }, () => random.normal());
      const losses = [1, 1.03, 1.05, 1.3].map((mean) => shared.map((value) => mean + value + 0.4 * random.normal()));
      const samples = 4000;
      const ours = modelConfidence(losses, { random: createRandom(6), samples, blockLength: 3 })!;
      const asked = { kind: 'confidence', losses: losses.map((column) => [...column]), samples, block: 3 };
      // Each draws resamples of its own: a p-value of 0.5 has a standard error of 0.011 between them.
      expect(apart(ours, ask<number[]>(asked))).toBeLessThan(0.04);
      expect(ours.some((p) => p > 0.02 && p < 0.98)).toBe(true);
    });
  });
});
