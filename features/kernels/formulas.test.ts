import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../bar.ts';
import { dailyBars } from '../feature-contract.ts';
import { computeFeatures } from '../feature-matrix.ts';
import { parseFeatureSet } from '../feature-set.ts';
import { rollingSums } from '../wasm/block-sums.ts';
import { RollingMoments } from '../rolling/rolling-moments.ts';

/** Formulas without a reference file, computed here the long way over the last window of irregular bars. */
let state = 11;
const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
const bars: BarColumns = dailyBars('SPY', 300, () => {
  const open = 90 + 20 * uniform();
  const close = open * (0.97 + 0.06 * uniform());
  return [open, Math.max(open, close) + uniform(), Math.min(open, close) - uniform(), close, 100 + 900 * uniform()];
});
const { open, high, low, close, volume } = bars;
const LAST = bars.length - 1;

function last(expression: string): number {
  const [matrix] = computeFeatures(parseFeatureSet(expression, { timeframe: '1d', symbols: ['SPY'] }), [bars]);
  expect(matrix!.columns).toHaveLength(1);
  return matrix!.values[LAST]!;
}

const over = (n: number, value: (i: number) => number): number[] =>
  Array.from({ length: n }, (_, k) => value(LAST - n + 1 + k));
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]): number => sum(values) / values.length;
const moment = (values: number[], power: number): number => mean(values.map((x) => (x - mean(values)) ** power));
const sampleVariance = (values: number[]): number => (moment(values, 2) * values.length) / (values.length - 1);
const range = (i: number): number =>
  Math.max(high[i]! - low[i]!, Math.abs(high[i]! - close[i - 1]!), Math.abs(low[i]! - close[i - 1]!));
const pressure = (i: number): number => close[i]! - Math.min(low[i]!, close[i - 1]!);
const change = (i: number): number => close[i]! - close[i - 1]!;
const simple = (i: number): number => close[i]! / close[i - 1]! - 1;
const average = (n: number): number => sum(over(n, pressure)) / sum(over(n, range));

const cases: [string, () => number][] = [
  ['vortex(14).plus', () => sum(over(14, (i) => Math.abs(high[i]! - low[i - 1]!))) / sum(over(14, range))],
  ['vortex(14).minus', () => sum(over(14, (i) => Math.abs(low[i]! - high[i - 1]!))) / sum(over(14, range))],
  ['uo(7,14,28)', () => (100 * (4 * average(7) + 2 * average(14) + average(28))) / 7],
  [
    'awesome(5,34)',
    () => mean(over(5, (i) => (high[i]! + low[i]!) / 2)) - mean(over(34, (i) => (high[i]! + low[i]!) / 2)),
  ],
  ['cmo(14)', () => (100 * sum(over(14, change))) / sum(over(14, (i) => Math.abs(change(i))))],
  ['realised(20)', () => Math.sqrt(sampleVariance(over(20, (i) => Math.log(close[i]! / close[i - 1]!))))],
  ['parkinson(20)', () => Math.sqrt(mean(over(20, (i) => Math.log(high[i]! / low[i]!) ** 2)) / (4 * Math.LN2))],
  [
    'garmanklass(20)',
    () =>
      Math.sqrt(
        mean(
          over(
            20,
            (i) => Math.log(high[i]! / low[i]!) ** 2 / 2 - (2 * Math.LN2 - 1) * Math.log(close[i]! / open[i]!) ** 2,
          ),
        ),
      ),
  ],
  [
    'yangzhang(20)',
    () => {
      const k = 0.34 / (1.34 + 21 / 19);
      const inside = (i: number): number =>
        Math.log(high[i]! / close[i]!) * Math.log(high[i]! / open[i]!) +
        Math.log(low[i]! / close[i]!) * Math.log(low[i]! / open[i]!);
      const overnight = sampleVariance(over(20, (i) => Math.log(open[i]! / close[i - 1]!)));
      const day = sampleVariance(over(20, (i) => Math.log(close[i]! / open[i]!)));
      return Math.sqrt(overnight + k * day + (1 - k) * mean(over(20, inside)));
    },
  ],
  ['skewness(return(1),60)', () => moment(over(60, simple), 3) / moment(over(60, simple), 2) ** 1.5],
  ['kurtosis(return(1),60)', () => moment(over(60, simple), 4) / moment(over(60, simple), 2) ** 2 - 3],
  [
    'autocorrelation(return(1),60,2)',
    () => {
      const d = over(60, simple).map((x, _, all) => x - mean(all));
      return sum(d.slice(2).map((x, i) => x * d[i]!)) / sum(d.map((x) => x * x));
    },
  ],
  ['percentrank(close,60)', () => over(60, (i) => +(close[i]! < close[LAST]!)).reduce((a, b) => a + b, 0) / 59],
  ['volumeratio(20)', () => volume[LAST]! / mean(over(20, (i) => volume[i]!))],
  ['chandelier(22,3).long - by parts', () => Math.max(...over(22, (i) => high[i]!)) - 3 * last('atr(22)')],
  ['fracdiff(close,0.4,5)', () => [1, -0.4, -0.12, -0.064, -0.0416].reduce((a, w, k) => a + w * close[LAST - k]!, 0)],
  ['logreturn(3)', () => Math.log(close[LAST]! / close[LAST - 3]!)],
  ['gap()', () => open[LAST]! / close[LAST - 1]! - 1],
  ['body()', () => (close[LAST]! - open[LAST]!) / (high[LAST]! - low[LAST]!)],
  ['ratio(close,open)', () => close[LAST]! / open[LAST]!],
  ['distance(sma(10))', () => close[LAST]! / mean(over(10, (i) => close[i]!)) - 1],
  [
    'ulcer(14)',
    () => {
      const closes = over(14, (i) => close[i]!);
      return Math.sqrt(
        mean(
          closes.map(
            (x, i) => ((100 * (x - Math.max(...closes.slice(0, i + 1)))) / Math.max(...closes.slice(0, i + 1))) ** 2,
          ),
        ),
      );
    },
  ],
];

describe('formulas', () => {
  it.each(cases)('%s', (expression, expected) => {
    expect(last(expression.replace(' - by parts', ''))).toBeCloseTo(expected(), 9);
  });

  it('hurst is 1 on a straight line in the logarithm and near 0.5 on a random walk', () => {
    const set = parseFeatureSet('hurst(128)', { timeframe: '1d', symbols: ['SPY'] });
    const line = dailyBars('SPY', 200, (i) => [1, 1, 1, 1.01 ** i, 1]);
    expect(computeFeatures(set, [line])[0]!.values[199]).toBeCloseTo(1, 9);
    let price = 1;
    const walk = dailyBars('SPY', 4000, () => [1, 1, 1, (price *= 1 + 0.02 * (uniform() - 0.5)), 1]);
    const values = [...computeFeatures(set, [walk])[0]!.values.subarray(127)];
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.05);
  });

  it('the calendar knows weekdays, months and leap days', () => {
    const expressions = 'weekday().cos,month().sin,dayofmonth().sin';
    const set = parseFeatureSet(expressions, { timeframe: '1d', symbols: ['SPY'] });
    const day = (iso: string): number[] => {
      const one = dailyBars('SPY', 1, () => [1, 1, 1, 1, 1]);
      one.openTimeMs[0] = Date.parse(iso);
      return [...computeFeatures(set, [one])[0]!.values];
    };
    expect(day('2024-01-01T14:30:00Z').map((x) => x + 0)).toEqual([1, 0, 0]);
    for (const iso of ['2024-02-29', '2000-12-31', '2019-03-01', '1969-07-20', '2100-02-28']) {
      const date = new Date(iso);
      const angle = (turn: number): number => 2 * Math.PI * turn;
      const [weekday, month, dayOfMonth] = day(iso);
      expect(weekday).toBeCloseTo(Math.cos(angle(((date.getUTCDay() + 6) % 7) / 7)), 12);
      expect(month).toBeCloseTo(Math.sin(angle(date.getUTCMonth() / 12)), 12);
      expect(dayOfMonth).toBeCloseTo(Math.sin(angle((date.getUTCDate() - 1) / 31)), 12);
    }
  });
});

describe('rolling windows', () => {
  it('keep no trace of what has left them', () => {
    const x = Float64Array.from({ length: 100 }, (_, i) => (i < 50 ? 1e15 + i : i % 2 === 0 ? 0 : 1e-3));
    const sums = new Float64Array(100);
    rollingSums(x, 10, 1, sums);
    expect(sums[99]).toBeCloseTo(0.005, 15);
    const moments = new RollingMoments(10);
    x.forEach((value) => moments.push(value));
    expect(moments.squares).toBeCloseTo(2.5e-6, 16);
  });

  it('give exactly no deviation in a flat window after a jump', () => {
    const moments = new RollingMoments(7);
    for (let i = 0; i < 40; i++) moments.push(i < 20 ? 1e8 * i : 123.456);
    expect([moments.squares, moments.mean]).toEqual([0, 123.456]);
  });
});
