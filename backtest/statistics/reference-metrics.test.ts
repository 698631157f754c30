import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { loadConfig } from '../../infra/config.ts';
import { describeWith, isPresent } from '../../infra/testing/requirements.ts';
import { cumulativeReturns, monthlyReturns, simpleReturns } from './daily-returns.ts';
import { maximumDrawdown } from './drawdown.ts';
import { mean, sampleDeviation } from './moments.ts';
import { captureRatio, marketModel } from './relative.ts';
import {
  annualVolatility,
  calmarRatio,
  compoundAnnualGrowth,
  downsideDeviation,
  sharpeRatio,
  sortinoRatio,
} from './sharpe-ratio.ts';
import {
  deflatedSharpe,
  expectedMaximum,
  minimumBacktestLength,
  minimumTrackRecordLength,
  probabilisticSharpe,
} from './significance.ts';

const folder = join(loadConfig().referenceDir, 'metrics');
const absent = !isPresent('reference');
const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;

type Value = number | null | 'inf';
interface EmpyricalCase {
  metric: string;
  args: Record<string, { series?: string; expression?: string } | number | string>;
  expected: Value | Value[];
  computed: Value | Value[];
}
interface Empyrical {
  series: Record<string, { start: string; values: (number | null)[] | number[][] }>;
  cases: EmpyricalCase[];
}

const PERIODS: Record<string, number> = { daily: 252, weekly: 52, monthly: 12, yearly: 1 };

/** Ours for an annualised return over `rows` periods: the reference has no dates, only rows / periods years. */
const growth = (returns: number[], periods: number, rows: number): number | null =>
  compoundAnnualGrowth(1, 1 + (cumulativeReturns(returns).at(-1) ?? 0), (rows / periods) * 365.25);
const wealth = (returns: number[]): number[] => [1, ...cumulativeReturns(returns)].map((x, i) => (i === 0 ? 1 : 1 + x));

/** One column of the reference: `rows` counts days without a return too, which the reference counts as time. */
interface Input {
  readonly returns: number[];
  /** Returns less the required, risk-free or factor return of their day. */
  readonly active: number[];
  /** Returns and factor returns of the days that have both. */
  readonly pairs: readonly (readonly [own: number, factor: number])[];
  readonly rows: number;
  readonly periods: number;
}
const modelOf = ({ pairs, periods }: Input, kept: (factor: number) => boolean = () => true): (number | null)[] => {
  const chosen = pairs.filter(([, factor]) => kept(factor));
  const { alpha, beta } = marketModel(
    chosen.map(([own]) => own),
    chosen.map(([, factor]) => factor),
    periods,
  );
  return [alpha, beta];
};
const captureOf = ({ pairs, periods }: Input, side: 'up' | 'down'): number | null =>
  captureRatio(
    pairs.map(([own]) => own),
    pairs.map(([, factor]) => factor),
    { side, periodsPerYear: periods },
  );
const METRICS: Record<string, (input: Input) => Value | Value[]> = {
  alpha: (input) => modelOf(input)[0]!,
  alpha_beta: (input) => modelOf(input),
  up_alpha_beta: (input) => modelOf(input, (factor) => factor >= 0),
  down_alpha_beta: (input) => modelOf(input, (factor) => factor < 0),
  up_capture: (input) => captureOf(input, 'up'),
  down_capture: (input) => captureOf(input, 'down'),
  up_down_capture: (input) => {
    const [up, down] = [captureOf(input, 'up'), captureOf(input, 'down')];
    return up === null || down === null ? null : up / down;
  },
  simple_returns: ({ returns: prices }) => [...simpleReturns(prices)],
  cum_returns: ({ returns }) => [...cumulativeReturns(returns)],
  cum_returns_final: ({ returns }) => cumulativeReturns(returns).at(-1) ?? null,
  max_drawdown: ({ returns }) => (returns.length === 0 ? null : maximumDrawdown(wealth(returns)).depth),
  annual_return: ({ returns, periods, rows }) => growth(returns, periods, rows),
  cagr: ({ returns, periods, rows }) => growth(returns, periods, rows),
  annual_volatility: ({ returns, periods }) => annualVolatility(returns, periods),
  calmar_ratio: ({ returns, periods, rows }) =>
    calmarRatio(growth(returns, periods, rows), maximumDrawdown(wealth(returns)).depth),
  sharpe_ratio: ({ active, periods }) => sharpeRatio(active, periods),
  downside_risk: ({ active, periods }) => (active.length === 0 ? null : downsideDeviation(active, periods)),
  sortino_ratio: ({ active, periods }) => sortinoRatio(active, periods),
  // The information ratio of the reference is ours before annualisation: the one that significance uses.
  excess_sharpe: ({ active }) => sharpeRatio(active, 1),
};

/**
 * What the reference calls infinite because a denominator is 0 is null here (a figure that cannot be computed
 * honestly), and one return has no ratio. Not compared: capture over all days, omega, tail, stability and batting
 * metrics, which no result carries; weekly to yearly aggregation; a return from a price of 0; a starting value other
 * than 0 (a scale); frames of several columns are compared column by column.
 */
function columnsOf(data: Empyrical, test: EmpyricalCase): number[][] | null {
  const source = (test.args.returns ?? test.args.prices) as { series?: string };
  if (!source?.series || !(test.metric in METRICS) || (test.args.starting_value ?? 0) !== 0) return null;
  if (test.metric === 'simple_returns' && source.series === 'pos_line') return null;
  const { values } = data.series[source.series]!;
  const columns = Array.isArray(values[0])
    ? values[0].map((_, c) => values.map((row) => (row as number[])[c]!))
    : [values];
  return columns as number[][];
}

/** A series, one with its sign turned (`-name`), or one that begins a day later (`name[1:]`); null for a number. */
function factorOf(data: Empyrical, against: EmpyricalCase['args'][string]): (number | null)[] | null {
  if (typeof against !== 'object') return null;
  const [, sign, name, later] = /^(-?)(\w+)(\[1:\])?$/.exec(against.series ?? against.expression!)!;
  const values = data.series[name!]!.values as (number | null)[];
  return values.map((value, at) =>
    value === null || (later !== undefined && at === 0) ? null : sign === '-' ? -value : value,
  );
}

function ours(data: Empyrical, test: EmpyricalCase, column: number[]): Value | Value[] {
  const against = test.args.risk_free ?? test.args.required_return ?? test.args.factor_returns ?? 0;
  const base = factorOf(data, against);
  const active = column.map((value, i) => (value === null ? NaN : value - (base ? (base[i] ?? NaN) : Number(against))));
  const kept = active.filter((value) => !Number.isNaN(value));
  const returns = test.metric === 'cum_returns' ? column.map((v) => v ?? 0) : column.filter((value) => value !== null);
  const periods = PERIODS[String(test.args.period ?? 'daily')]!;
  const pairs = column.flatMap((own, i) => {
    const factor = base?.[i] ?? null;
    return own === null || factor === null ? [] : [[own, factor] as const];
  });
  return METRICS[test.metric]!({ returns, active: kept, pairs, rows: column.length, periods });
}

describeWith('reference', 'return metrics of empyrical-reloaded', () => {
  const data = absent ? { series: {}, cases: [] } : read<Empyrical>('empyrical.json');
  const applicable = data.cases.filter((test) => columnsOf(data, test) !== null);

  it('covers the metrics that a result carries', () => {
    const counts = new Map<string, number>();
    for (const { metric } of applicable) counts.set(metric, (counts.get(metric) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({
      simple_returns: 1,
      cum_returns: 3,
      cum_returns_final: 4,
      max_drawdown: 8,
      annual_return: 3,
      annual_volatility: 4,
      calmar_ratio: 5,
      sharpe_ratio: 8,
      downside_risk: 12,
      sortino_ratio: 13,
      excess_sharpe: 5,
      cagr: 5,
      alpha: 4,
      alpha_beta: 5,
      up_alpha_beta: 4,
      down_alpha_beta: 4,
      up_capture: 5,
      down_capture: 5,
      up_down_capture: 5,
    });
  });

  it.each(applicable.map((test, i) => [`${i} ${test.metric} ${JSON.stringify(test.args)}`, test] as const))(
    '%s',
    (_, test) => {
      const results = columnsOf(data, test)!.map((column) => ours(data, test, column));
      const actual = results.length === 1 ? results[0]! : (results as Value[]);
      compare(test.metric, actual, test.computed);
    },
  );

  it('compounds by calendar month', () => {
    const { values, start } = data.series.simple_benchmark!;
    const first = Date.parse(`${start}T20:00:00Z`);
    const equity = Float64Array.from(wealth(values as number[]));
    const timeMs = Float64Array.from(equity, (_, i) => first + (i - 1) * DAY_MS);
    const test = data.cases.find((c) => c.metric === 'aggregate_returns' && c.args.convert_to === 'monthly')!;
    compare(
      'monthly',
      monthlyReturns({ timeMs, equity }).map((m) => m.return),
      test.computed,
    );
  });
});

function compare(metric: string, actual: Value | Value[], expected: Value | Value[]): void {
  if (Array.isArray(expected)) {
    expect(actual).toHaveLength(expected.length);
    expected.forEach((value, i) => compare(metric, (actual as Value[])[i]!, value));
    return;
  }
  if (expected === 'inf' || expected === null) expect(actual === null || Number.isNaN(actual)).toBe(true);
  else expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(expected)));
}

interface SignificanceCase {
  metric: string;
  inputs: Record<string, number>;
  expected: number;
}

describeWith('reference', 'significance of a Sharpe ratio in the papers', () => {
  const cases = absent ? [] : read<{ cases: SignificanceCase[] }>('sharpe-significance.json').cases;
  const compute: Record<string, (inputs: Record<string, number>) => number> = {
    psr: (x) => probabilisticSharpe(evidenceOf(x), x.targetSharpe),
    dsr: (x) => deflatedSharpe(evidenceOf(x), { trials: x.N!, sharpeDeviation: x.sharpeStdAcrossTrials! }),
    expectedMaxZ: (x) => expectedMaximum(x.N!),
    minTRLyears: (x) => minimumTrackRecordLength(evidenceOf(x), x.targetSharpe, x.prob)! / x.periodsPerYear!,
    minBTLyears: (x) => minimumBacktestLength(x.N!, x.inSampleSharpe!),
  };
  const evidenceOf = (x: Record<string, number>) => ({
    sharpe: x.sharpe!,
    periods: x.T ?? 2,
    skew: x.skew!,
    kurtosis: x.kurtosis!,
  });

  it.each(cases.map((test, i) => [`${i} ${test.metric}`, test] as const))('%s', (_, { metric, inputs, expected }) => {
    expect(Math.abs(compute[metric]!(inputs) / expected - 1)).toBeLessThan(1e-13);
  });

  it('has every case', () => expect(cases).toHaveLength(7));
});

describe('moments', () => {
  it('of a hand-computed series', () => {
    expect(mean([1, 2, 3, 4])).toBe(2.5);
    expect(sampleDeviation([1, 2, 3, 4])).toBeCloseTo(Math.sqrt(5 / 3), 15);
  });
});
