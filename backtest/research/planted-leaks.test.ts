import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import type { BarColumns } from '../../features/bar.ts';
import { computeFeatures, type FeatureMatrix } from '../../features/feature-matrix.ts';
import { createRandom } from '../../infra/random.ts';
import { buildDataset } from '../../models/training/build-dataset.ts';
import type { Dataset } from '../../models/dataset.ts';
import { fitScaler } from '../../models/ensemble/scaler.ts';
import { estimatorOf } from '../../models/estimators/registry.ts';
import { experimentSchema, type Experiment } from '../../models/experiment/experiment.ts';
import { loadExperiment, shippedExperiments } from '../../models/experiment/load-experiment.ts';
import { purgedKFolds } from '../../models/splits/combinatorial.ts';
import { LeakageError } from '../../models/splits/leakage-guard.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { ruleSignal, type Strategy } from '../../trading/strategies/strategy.ts';
import { huntInFeatures, huntLookAhead, type LookAheadFinding } from './look-ahead.ts';
import type { ReplaceableParts } from '../experiment/memory-experiment.ts';

// Leaks that were found in published research and in public bots, each planted by exchanging one part: the hunt finds
// it where something decided by a time moves with the bars after it, a guard stops it where rows are trained on that
// the test must not know.

const calendar = calendarNamed('us-equities');
const experiment: Experiment = experimentSchema.parse({
  name: 'leaky',
  universe: ['AAA', 'BBB'],
  features: ['return(1)', 'closelocation()', 'rsi(14)', 'ema(10)@1w'],
  labels: { horizonBars: 3 },
  splits: { trainBars: 200, testBars: 60, embargoBars: 3 },
  estimators: [{ name: 'linear', kind: 'logistic-regression', l1Ratio: 0, strength: 0.01 }],
  ensemble: { innerFolds: 2 },
  signals: { buyAbove: 0.505, sellBelow: 0.495 },
});
const bars: BarColumns[] = ['AAA', 'BBB'].map((symbol, index) =>
  plantedBars({ symbol, bars: 400, seed: 3 + index, correlation: 0.6 }),
);

/** Where the hunt finds something, stages named once. */
const stagesOf = (findings: readonly LookAheadFinding[]): string[] => [...new Set(findings.map(({ stage }) => stage))];

function huntFeatures(compute: typeof computeFeatures): string[] {
  const options = { experiment, bars, calendar, parts: { computeFeatures: compute } };
  return stagesOf(huntInFeatures(options, { cuts: 3, random: createRandom(4) }).findings);
}

async function huntAll(parts: Partial<ReplaceableParts>): Promise<string[]> {
  const options = { experiment, bars, calendar, parts };
  return stagesOf((await huntLookAhead(options, { cuts: 1, random: createRandom(9) })).findings);
}

/** The honest features with the column `return(1)` replaced: `value(row, matrix, bars)`. */
type Column = (row: number, matrix: FeatureMatrix, bars: BarColumns) => number;

const planted =
  (column: (matrix: FeatureMatrix, bars: BarColumns) => Column): typeof computeFeatures =>
  (set, universe) =>
    computeFeatures(set, universe).map((matrix, symbol) => {
      const source = universe[symbol]!;
      const at = column(matrix, source);
      const values = matrix.values.slice();
      for (let row = 0; row < matrix.length; row++) values[row * matrix.columns.length] = at(row, matrix, source);
      return { ...matrix, values };
    });

const first = (matrix: FeatureMatrix, row: number): number => matrix.values[row * matrix.columns.length]!;
const columnOf = (matrix: FeatureMatrix): number[] =>
  Array.from({ length: matrix.length }, (_, row) => first(matrix, row)).filter(Number.isFinite);

const FEATURE_LEAKS: readonly (readonly [string, typeof computeFeatures])[] = [
  ['the next bar in a feature', planted(() => (row, matrix) => first(matrix, row + 1))],
  [
    'the target among the features',
    planted(
      () =>
        (row, _, { close }) =>
          (close[row + 3] ?? NaN) / close[row]! - 1,
    ),
  ],
  [
    'a week that is still open resampled as if it had closed',
    planted((_, source) => {
      const week = (row: number): number => Math.floor((source.closeTimeMs[row]! + 3 * DAY_MS) / (7 * DAY_MS));
      const closes = new Map(Array.from(source.close, (close, row) => [week(row), close] as const));
      return (row) => closes.get(week(row))! / source.close[row]!;
    }),
  ],
  ['a gap filled from the value after it', planted((matrix) => (row) => first(matrix, row % 5 === 4 ? row + 1 : row))],
  [
    'a column standardised by the mean and deviation of all its rows',
    planted((matrix) => {
      const column = columnOf(matrix);
      const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
      const spread = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
      return (row) => (first(matrix, row) - mean) / spread;
    }),
  ],
  [
    'the rank of a value among all rows of its column',
    planted((matrix) => {
      const sorted = columnOf(matrix).sort((a, b) => a - b);
      return (row) => sorted.filter((value) => value < first(matrix, row)).length / sorted.length;
    }),
  ],
  [
    'outliers clipped at quantiles of the whole column',
    planted((matrix) => {
      const sorted = columnOf(matrix).sort((a, b) => a - b);
      const [low, high] = [sorted[Math.floor(sorted.length * 0.2)]!, sorted[Math.floor(sorted.length * 0.8)]!];
      return (row) => Math.min(high, Math.max(low, first(matrix, row)));
    }),
  ],
  [
    'a moving average centred on its bar',
    planted(
      (_, { close }) =>
        (row) =>
          ((close[row - 1] ?? NaN) + close[row]! + (close[row + 1] ?? NaN)) / 3,
    ),
  ],
  [
    'prices scaled by what is known at the end of history, as adjusted downloads are',
    planted(
      (_, { close }) =>
        (row) =>
          close[row]! / close.at(-1)!,
    ),
  ],
  [
    'the day of the highest price so far told by the highest of all',
    planted((_, { close }) => {
      const highest = Math.max(...close);
      return (row) => close[row]! / highest;
    }),
  ],
];

describe('planted leaks', () => {
  it('nothing is found without one', async () => {
    expect(huntFeatures(computeFeatures)).toEqual([]);
    expect(await huntAll({})).toEqual([]);
  });

  it.each(FEATURE_LEAKS)('%s: found among the features', (_, compute) => {
    expect(huntFeatures(compute)).toContain('features');
  });

  it('labels said to be known at their decision: found among the labels', async () => {
    const stages = await huntAll({
      buildDataset: (source) => {
        const built = buildDataset(source);
        return { ...built, dataset: { ...built.dataset, labelEndTimeMs: built.dataset.decisionTimeMs } };
      },
      training: { guard: () => undefined },
    });
    expect(stages).toContain('labels');
  });

  it('a scaler fitted on all rows: found among the predictions', async () => {
    let everything: Dataset | null = null;
    const stages = await huntAll({
      buildDataset: (source) => {
        const built = buildDataset(source);
        everything = built.dataset;
        return built;
      },
      training: { fitScaler: (rows) => fitScaler(everything ?? rows) },
    });
    expect(stages).toContain('predictions');
  });

  it('features chosen by their correlation with all labels, the test window’s too: found among the predictions', async () => {
    const stages = await huntAll({
      buildDataset: (source) => {
        const built = buildDataset(source);
        return { ...built, dataset: onlyStrongest(built.dataset) };
      },
    });
    expect(stages).toContain('predictions');
  });

  it('sample weights that favour what later rows did: found among the predictions', async () => {
    let everything: Dataset | null = null;
    const stages = await huntAll({
      buildDataset: (source) => {
        const built = buildDataset(source);
        everything = built.dataset;
        return built;
      },
      training: {
        estimatorOf: (kind) => {
          const honest = estimatorOf(kind);
          return {
            ...honest,
            fit: (rows, ...rest) => honest.fit({ ...rows, weight: hindsight(everything!, rows) }, ...rest),
          };
        },
      },
    });
    expect(stages).toContain('predictions');
  });

  it('thresholds set by the whole period’s prices: found among the decisions', async () => {
    const stages = await huntAll({
      strategy: (strategy, traded): Strategy => ({
        ...strategy,
        forSymbol: (symbol) => {
          const { close } = traded.find((columns) => columns.symbol === symbol)!;
          const middle = [...close].sort((a, b) => a - b)[close.length >> 1]!;
          const buy = ruleSignal('BUY', 'cheap');
          const sell = ruleSignal('SELL', 'dear');
          return { decide: (view) => (view.close() < middle ? buy : sell) };
        },
      }),
    });
    expect(stages).toContain('decisions');
  });

  it('a strategy that reads a bar that has not closed: found among the decisions', async () => {
    const stages = await huntAll({
      strategy: (strategy, traded): Strategy => ({
        ...strategy,
        forSymbol: (symbol) => {
          const { close } = traded.find((columns) => columns.symbol === symbol)!;
          const buy = ruleSignal('BUY', 'peek');
          const sell = ruleSignal('SELL', 'peek');
          return { decide: (view) => ((close[view.length] ?? 0) > view.close() ? buy : sell) };
        },
      }),
    });
    expect(stages).toContain('decisions');
  });

  it('label overlap without purge, in the folds that weights and calibration are learned from: stopped by the guard', async () => {
    const unpurged: typeof purgedKFolds = (train, options) =>
      purgedKFolds(train, options).map((fold) => {
        const tested = new Set(fold.testRows);
        const rest = [...train.y.keys()].filter((row) => !tested.has(row));
        return { ...fold, trainRows: Int32Array.from(rest) };
      });
    await expect(huntAll({ training: { innerFolds: unpurged } })).rejects.toThrow(LeakageError);
  });

  it('a shuffled split: stopped by the guard', async () => {
    const shuffled: typeof purgedKFolds = (train, options) => {
      const random = createRandom(2);
      const rows = [...train.y.keys()].sort(() => random.next() - 0.5);
      return purgedKFolds(train, options).map((fold) => ({
        ...fold,
        trainRows: Int32Array.from(rows.slice(0, fold.trainRows.length)),
      }));
    };
    await expect(huntAll({ training: { innerFolds: shuffled } })).rejects.toThrow(LeakageError);
  });

  it('test rows among the training rows: stopped by the guard', async () => {
    const contaminated: typeof purgedKFolds = (train, options) =>
      purgedKFolds(train, options).map((fold) => ({
        ...fold,
        trainRows: Int32Array.from([...fold.trainRows, fold.testRows[0]!]),
      }));
    await expect(huntAll({ training: { innerFolds: contaminated } })).rejects.toThrow(LeakageError);
  });
});

/** All columns but the one whose correlation with the labels of all rows is strongest set to 0. */
function onlyStrongest(dataset: Dataset): Dataset {
  const { width } = dataset;
  const strength = dataset.featureNames.map((_, column) => {
    let sum = 0;
    for (let row = 0; row < dataset.rows; row++) {
      sum += dataset.x[row * width + column]! * (dataset.realisedReturn[row]! > 0 ? 1 : -1);
    }
    return Math.abs(sum);
  });
  const best = strength.indexOf(Math.max(...strength));
  // The strength itself scales the column: a choice that differs only now and then would be found only now and then.
  const x = dataset.x.map((value, at) => (at % width === best ? value * strength[best]! : 0));
  return { ...dataset, x };
}

/** Weights that favour the rows whose label agrees with what all later rows did on average. */
function hindsight(everything: Dataset, rows: Dataset): Float64Array {
  const last = everything.realisedReturn.slice(-everything.rows >> 2);
  const drift = last.reduce((sum, value) => sum + value, 0);
  return rows.weight.map((weight, row) => weight * (rows.realisedReturn[row]! * drift > 0 ? 1 + Math.abs(drift) : 1));
}

describe('shipped experiments', () => {
  it.each(shippedExperiments())('%s: no finding in its features and labels', (name) => {
    const shipped = loadExperiment(name);
    const symbols = ['AAA', 'BBB'];
    const source = symbols.map((symbol, index) => plantedBars({ symbol, bars: 700, seed: 50 + index, correlation: 0 }));
    const options = { experiment: { ...shipped, universe: symbols as [string, ...string[]] }, bars: source, calendar };
    const report = huntInFeatures(options, { cuts: 2, random: createRandom(5) });
    expect(report.findings).toEqual([]);
    expect(report.compared.features).toBeGreaterThan(1_000);
    expect(report.compared.labels).toBeGreaterThan(100);
  });
});
