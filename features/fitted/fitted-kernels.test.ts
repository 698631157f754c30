import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../bar.ts';
import { dailyBars } from '../feature-contract.ts';
import { computeFeatures } from '../feature-matrix.ts';
import { parseFeatureSet } from '../feature-set.ts';
import { rangeVariance, steppedLogRatio } from './bar-return.ts';
import { fitGarch } from './garch.ts';
import { fitHar, forecastHar } from './har.ts';
import { byVariance, fitHiddenMarkov, MarkovFilter, volatilityStart } from './hidden-markov.ts';
import { normals } from './testing/normals.ts';

/** Bars whose volatility is three times as large in every other stretch of 40. */
function stretches(length: number): BarColumns {
  const normal = normals(2);
  let close = 100;
  return dailyBars('AAA', length, (i) => {
    const deviation = Math.floor(i / 40) % 2 === 0 ? 0.006 : 0.018;
    const open = close * Math.exp(0.2 * deviation * normal());
    close = open * Math.exp(deviation * normal());
    const [up, down] = [Math.abs(normal()), Math.abs(normal())].map((x) => Math.exp(0.3 * deviation * x));
    return [open, Math.max(open, close) * up!, Math.min(open, close) / down!, close, 1_000];
  });
}

const FIELDS = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

const bars = stretches(420);
const returns = Float64Array.from(bars.close.subarray(1), (close, i) => steppedLogRatio(close, bars.close[i]!));
const options = { timeframe: '1d', symbols: ['AAA'] } as const;

function columnsOf(expression: string, of = bars): Float64Array[] {
  const set = parseFeatureSet(expression, options);
  const [{ values, columns, length }] = computeFeatures(set, [of]) as [ReturnType<typeof computeFeatures>[number]];
  return columns.map((_, c) => Float64Array.from({ length }, (__, row) => values[row * columns.length + c]!));
}

/** Rows of fits of a window of 200: the first, and those after it where 30 days from 1970 on are over. */
const FITS = [126, 150, 180, 210, 240, 390];
const endOf = (row: number): number => Math.min(30 * (Math.floor(row / 30) + 1), bars.length);
const windowTo = (values: Float64Array, row: number): Float64Array => values.subarray(Math.max(0, row - 200), row);

describe('kernels that fit models', () => {
  it('garch says what a fit on the returns so far says, and goes on by its recursion until the next', () => {
    const [volatility] = columnsOf('garch(200,30)');
    for (const row of FITS) {
      const fit = fitGarch(windowTo(returns, row))!;
      let variance = fit.nextVariance;
      for (let later = row; later < endOf(row); later++) {
        if (later > row) variance = fit.omega + fit.alpha * (returns[later - 1]! - fit.mu) ** 2 + fit.beta * variance;
        expect(volatility![later]! ** 2 / variance).toBeCloseTo(1, 10);
      }
    }
  });

  it('har says what least squares on the variances so far say', () => {
    const [volatility] = columnsOf('har(200,30)');
    const bar = (i: number) => ({
      ...{ open: bars.open[i]!, high: bars.high[i]!, low: bars.low[i]!, close: bars.close[i]!, volume: 0 },
      ...{ openTimeMs: 0, closeTimeMs: 0 },
    });
    const variances = returns.map((_, i) => rangeVariance(bar(i + 1), bars.close[i]!));
    const spans = { week: 5, month: 22 };
    for (const row of FITS) {
      const fit = fitHar(windowTo(variances, row), spans)!;
      for (const later of [row, endOf(row) - 1]) {
        expect(volatility![later]! ** 2 / forecastHar(fit, windowTo(variances, later), spans)).toBeCloseTo(1, 10);
      }
    }
  });

  it('riskmetrics smooths squared returns', () => {
    const [volatility] = columnsOf('riskmetrics(0.9)');
    let variance = returns.subarray(0, 20).reduce((sum, x) => sum + (x * x) / 20, 0);
    for (let row = 20; row < bars.length; row++) {
      if (row > 20) variance = 0.9 * variance + 0.1 * returns[row - 1]! ** 2;
      expect(volatility![row]! ** 2 / variance).toBeCloseTo(1, 10);
    }
  });

  it('regime says filtered probabilities, and knows the turbulent stretches', () => {
    const [turbulent, state, mean, volatility] = columnsOf('regime(2,200,30)');
    for (const row of FITS) {
      const seen = windowTo(returns, row);
      const start = volatilityStart(seen, 2)!;
      const least = 1e-3 * start.variance.reduce((sum, x) => sum + x / 2, 0);
      const fit = fitHiddenMarkov(seen, start, { varianceMin: least, stay: [0.5, 0.999] });
      const filter = new MarkovFilter(byVariance(fit.model));
      for (const value of seen) filter.next(value);
      for (let later = row; later < endOf(row); later++) {
        if (later > row) filter.next(returns[later - 1]!);
        expect(turbulent![later]).toBeCloseTo(filter.probabilities[1]!, 10);
        expect(state![later]).toBe(turbulent![later]! > 0.5 ? 1 : 0);
        expect(Math.abs(mean![later]!)).toBeLessThan(volatility![later]!);
      }
    }
    const rows = Array.from({ length: bars.length - 200 }, (_, i) => i + 200);
    // Row i has bars of its own stretch behind it, but for the first ten.
    const settled = rows.filter((row) => row % 40 >= 10);
    const right = settled.filter((row) => (Math.floor(row / 40) % 2 === 1) === turbulent![row]! > 0.5);
    expect(right.length / settled.length).toBeGreaterThan(0.85);
  });

  it.each(['garch(200,30)', 'har(200,30)', 'regime(2,200,30)', 'regime(3,100,7)', 'riskmetrics()'])(
    '%s is the same at a bar whether later ones exist or not',
    (expression) => {
      const whole = columnsOf(expression);
      const shown = stretches(420);
      for (const length of [130, 157, 199, 300, 397]) {
        const until = { ...shown, length };
        for (const field of FIELDS) until[field] = shown[field].subarray(0, length);
        columnsOf(expression, until).forEach((column, c) => expect(column).toEqual(whole[c]!.slice(0, length)));
      }
    },
  );

  it('forget where history began with the first fit on a full window', () => {
    const skipped = 67;
    const later = { ...bars, length: bars.length - skipped };
    for (const field of FIELDS) later[field] = bars[field].subarray(skipped);
    // The window is full at row 267; the clock moves on at row 270.
    for (const expression of ['garch(200,30)', 'har(200,30)', 'regime(2,200,30)']) {
      const whole = columnsOf(expression);
      columnsOf(expression, later).forEach((column, c) => {
        expect(column.slice(270 - skipped)).toEqual(whole[c]!.slice(270));
        expect(column.slice(200 - skipped, 240 - skipped)).not.toEqual(whole[c]!.slice(200, 240));
      });
    }
  });

  it('are the same for prices in cents and in dollars', () => {
    const inCents = { ...stretches(420) };
    for (const field of ['open', 'high', 'low', 'close'] as const) inCents[field] = bars[field].map((x) => x * 100);
    for (const expression of ['garch(200,30)', 'har(200,30)', 'regime(2,200,30)']) {
      expect(columnsOf(expression, inCents)).toEqual(columnsOf(expression));
    }
  });
});
