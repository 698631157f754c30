import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import { createRandom } from '../../infra/random.ts';
import { buildDataset } from './build-dataset.ts';
import { experimentSchema, type Experiment } from '../experiment/experiment.ts';

function bars(symbol: string, close: number[], firstBar = 0): BarColumns {
  const columns = createBarColumns(symbol, close.length);
  close.forEach((price, i) => {
    columns.openTimeMs[i] = (firstBar + i) * 10;
    columns.closeTimeMs[i] = (firstBar + i + 1) * 10;
    for (const name of ['open', 'high', 'low', 'close'] as const) columns[name][i] = price;
  });
  return columns;
}

function matrix(of: BarColumns, rows: number[][], columns = ['a', 'b']): FeatureMatrix {
  return {
    symbol: of.symbol,
    columns,
    length: rows.length,
    closeTimeMs: of.closeTimeMs.slice(0, rows.length),
    values: Float64Array.from(rows.flat()),
  };
}

const experiment = (labels: Record<string, unknown> = {}): Experiment =>
  experimentSchema.parse({ name: 'a', universe: ['A'], labels });

describe('building a dataset', () => {
  const one = bars('A', [10, 11, 10, 12, 12, 13]);
  const features = [
    [NaN, NaN],
    [NaN, 1],
    [2, 2],
    [3, 3],
    [4, NaN],
    [5, 5],
  ];

  it('drops warm-up rows, keeps later gaps, and hands out rows that wait for their label', () => {
    const { dataset, inferenceRows, report } = buildDataset({
      matrices: [matrix(one, features)],
      bars: [one],
      experiment: experiment(),
    });
    expect(report).toEqual({ featureRows: 6, warmUpRows: 2, unlabelledRows: 0, waitingRows: 1, emptyFeatures: [] });
    expect([...dataset.x]).toEqual([2, 2, 3, 3, 4, NaN]);
    expect([...dataset.y]).toEqual([1, 0, 1]);
    expect([...dataset.decisionTimeMs]).toEqual([30, 40, 50]);
    expect([...dataset.labelEndTimeMs]).toEqual([40, 50, 60]);
    expect(dataset.realisedReturn[0]).toBeCloseTo(0.2, 12);
    expect([...inferenceRows.x]).toEqual([5, 5]);
    expect([...inferenceRows.decisionTimeMs]).toEqual([60]);
  });

  it('does not let a feature without any value swallow every row; it names it', () => {
    const empty = features.map(([a]) => [a!, NaN]);
    const { dataset, report } = buildDataset({ matrices: [matrix(one, empty)], bars: [one], experiment: experiment() });
    expect(dataset.rows).toBe(3);
    expect(report.emptyFeatures).toEqual(['A:b']);
  });

  it('orders rows by time, then symbol, whatever order the symbols come in', () => {
    const two = bars('B', [5, 6, 7], 2);
    const full = (columns: BarColumns): FeatureMatrix =>
      matrix(
        columns,
        Array.from({ length: columns.length }, (_, i) => [i, i]),
      );
    const built = buildDataset({ matrices: [full(two), full(one)], bars: [two, one], experiment: experiment() });
    expect(built.dataset.symbols).toEqual(['A', 'B']);
    expect([...built.dataset.decisionTimeMs]).toEqual([10, 20, 30, 30, 40, 40, 50]);
    expect([...built.dataset.symbolIndex]).toEqual([0, 0, 0, 1, 0, 1, 0]);
    const shuffled = buildDataset({ matrices: [full(one), full(two)], bars: [one, two], experiment: experiment() });
    expect(shuffled).toEqual(built);
  });

  it('with a primary side keeps the labels, and weighs each among those that have a side', () => {
    const close = Array.from({ length: 24 }, (_, i) => 100 + (i % 5) + i / 10);
    const long = bars('A', close);
    // A side at every fourth bar, missing or 0 at the others, so that labels of four bars do not overlap.
    const rows = close.map((_, i) => [i % 4 === 0 ? (i % 8 === 0 ? 2 : -3) : i % 2 === 0 ? 0 : NaN, 1]);
    rows[0] = [2, 1];
    const built = (labels: Record<string, unknown>) =>
      buildDataset({ matrices: [matrix(long, rows)], bars: [long], experiment: experiment(labels) }).dataset;
    const plain = built({ horizonBars: 4 });
    const meta = built({ horizonBars: 4, meta: { side: 'a' } });
    expect(plain.weight[8]).toBeCloseTo(0.25, 12);
    expect([...meta.weight]).toEqual([...meta.weight.keys()].map((i) => (i % 4 === 0 ? 1 : 0)));
    for (const column of ['x', 'y', 'decisionTimeMs', 'labelEndTimeMs', 'realisedReturn'] as const) {
      expect([...meta[column]]).toEqual([...plain[column]]);
    }
    expect(() => built({ meta: { side: 'c' } })).toThrow(/labels\.meta\.side: there is no feature "c"/);
  });

  it('counts rows that can never have a label, and weighs overlapping labels by their uniqueness', () => {
    const random = createRandom(1);
    let price = 100;
    const walk = bars(
      'A',
      Array.from({ length: 60 }, () => (price *= 1 + 0.01 * random.normal())),
    );
    const rows = Array.from({ length: 60 }, (_, i) => [i, i]);
    const labels = { kind: 'triple-barrier', horizonBars: 5, volatilityBars: 20 };
    const barrier = buildDataset({ matrices: [matrix(walk, rows)], bars: [walk], experiment: experiment(labels) });
    expect(barrier.report.unlabelledRows).toBe(20);
    expect(barrier.dataset.rows + barrier.inferenceRows.rows).toBe(40);
    expect(barrier.inferenceRows.rows).toBeGreaterThanOrEqual(5);
    const weightOf = (weights: string): Float64Array =>
      buildDataset({
        matrices: [matrix(walk, rows)],
        bars: [walk],
        experiment: experiment({ horizonBars: 5, weights }),
      }).dataset.weight;
    expect(weightOf('uniqueness')[30]).toBeCloseTo(0.2, 12);
    expect(weightOf('none')[30]).toBe(1);
  });

  it('knows a row when all that is learned of it is known: its return too where a member learns returns', () => {
    const random = createRandom(2);
    let price = 100;
    const close = Array.from({ length: 200 }, () => (price *= 1 + 0.01 * random.normal()));
    const walk = bars('A', close);
    const whole = matrix(
      walk,
      close.map((_, i) => [i, i]),
    );
    const horizonBars = 12;
    const built = (kind: string, ...estimators: object[]) =>
      buildDataset({
        matrices: [whole],
        bars: [walk],
        experiment: experimentSchema.parse({
          name: 'a',
          universe: ['A'],
          labels: { kind, horizonBars, upper: 1, lower: 1 },
          estimators: estimators.map((entry, at) => ({ name: `m${at}`, kind: 'random-forest', ...entry })),
        }),
      }).dataset;
    const learnsReturns = { objective: 'regression' };
    for (const kind of ['forward-return', 'trend-scan', 'triple-barrier']) {
      const labels = built(kind, {}, { kind: 'logistic-regression' });
      for (const member of [learnsReturns, { kind: 'gradient-boosting', ...learnsReturns }]) {
        const returns = built(kind, {}, member);
        expect(returns).toEqual({ ...labels, labelEndTimeMs: returns.labelEndTimeMs });
        expect([...returns.labelEndTimeMs]).toEqual([...labels.decisionTimeMs].map((ms) => ms + 10 * horizonBars));
      }
      const early = labels.labelEndTimeMs.filter((ms, row) => ms < labels.decisionTimeMs[row]! + 10 * horizonBars);
      expect(early.length > 100).toBe(kind === 'triple-barrier');
    }
  });

  it('refuses features without bars, rows without a bar, and symbols with different features', () => {
    const whole = matrix(one, features);
    const build = (matrices: FeatureMatrix[], of: BarColumns[]) => () =>
      buildDataset({ matrices, bars: of, experiment: experiment() });
    expect(build([], [])).toThrow(/no feature rows/);
    expect(build([whole], [])).toThrow(/no bars for A/);
    expect(build([whole], [bars('A', [1, 2])])).toThrow(/no bar that closes then/);
    const two = bars('B', [1, 2, 3, 4, 5, 6]);
    expect(build([whole, matrix(two, features, ['a', 'c'])], [one, two])).toThrow(/columns of B differ/);
  });
});
