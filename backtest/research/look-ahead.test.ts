import { beforeAll, describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { computeFeatures } from '../../features/feature-matrix.ts';
import { createRandom } from '../../infra/random.ts';
import { buildDataset } from '../../models/training/build-dataset.ts';
import type { Dataset } from '../../models/dataset.ts';
import { experimentSchema, type Experiment } from '../../models/experiment/experiment.ts';
import { fitScaler } from '../../models/ensemble/scaler.ts';
import { selectFeatures } from '../../models/selection/select-features.ts';
import { selectionSchema } from '../../models/selection/selection-schema.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { ruleSignal, type Strategy } from '../../trading/strategies/strategy.ts';
import { huntLookAhead, type LookAheadReport } from './look-ahead.ts';
import type { ReplaceableParts } from '../experiment/memory-experiment.ts';

// Everything that decides is run twice, with the bars after a time corrupted, and compared up to that time; then each
// guard is taken out by exchanging one part, and the hunt must notice.

const experiment: Experiment = experimentSchema.parse({
  name: 'hunted',
  universe: ['AAA', 'BBB'],
  features: ['return(1)', 'closelocation()', 'rsi(14)', 'zscore(close,20)', 'rank(roc(5))', 'ema(10)@1w'],
  splits: { trainBars: 200, testBars: 60 },
  estimators: [
    { name: 'linear', kind: 'logistic-regression', l1Ratio: 0, strength: 0.01 },
    { name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 4 },
  ],
  ensemble: { innerFolds: 2 },
  signals: { buyAbove: 0.505, sellBelow: 0.495 },
});
const bars: BarColumns[] = ['AAA', 'BBB'].map((symbol, index) =>
  plantedBars({ symbol, bars: 420, seed: 3 + index, correlation: 0.6 }),
);

function hunt(parts: Partial<ReplaceableParts> = {}, cuts = 1, hunted = experiment): Promise<LookAheadReport> {
  const options = { experiment: hunted, bars, calendar: calendarNamed('us-equities'), parts };
  return huntLookAhead(options, { cuts, random: createRandom(9) });
}

describe('look-ahead', () => {
  let honest: LookAheadReport;
  beforeAll(async () => {
    honest = await hunt({}, 3);
  });

  it('is not found anywhere from features to orders', () => {
    expect(honest.findings).toEqual([]);
  });

  it('was looked for in every stage', () => {
    expect(Object.values(honest.compared).every((count) => count > 20)).toBe(true);
  });

  it('is found in a feature that is taken from the next bar', async () => {
    const { findings } = await hunt({
      computeFeatures: (set, universe) =>
        computeFeatures(set, universe).map((matrix) => ({
          ...matrix,
          values: Float64Array.from(matrix.values, (_, at) => matrix.values[at + matrix.columns.length] ?? NaN),
        })),
    });
    expect(findings.map(({ stage }) => stage)).toContain('features');
  });

  it('is found in labels that claim to be known at their decision', async () => {
    const { findings } = await hunt({
      buildDataset: (source) => {
        const built = buildDataset(source);
        return { ...built, dataset: { ...built.dataset, labelEndTimeMs: built.dataset.decisionTimeMs } };
      },
      training: { guard: () => undefined },
    });
    expect(findings.map(({ stage }) => stage)).toContain('labels');
  });

  it('is found in predictions whose scaler saw every row', async () => {
    let everything: Dataset | null = null;
    const { findings } = await hunt({
      buildDataset: (source) => {
        const built = buildDataset(source);
        everything = built.dataset;
        return built;
      },
      training: { fitScaler: (rows) => fitScaler(everything ?? rows) },
    });
    expect(findings.map(({ stage }) => stage)).toContain('predictions');
  });

  it('is not found in features chosen on training rows, and found where every row was looked at', async () => {
    const lenient = selectionSchema.parse({ pairs: 2, correlation: 0.9, share: 0.51, falseSelections: 100 });
    const selecting = { ...experiment, selection: lenient };
    expect((await hunt({}, 1, selecting)).findings).toEqual([]);
    let everything: Dataset | null = null;
    const leaking: Partial<ReplaceableParts> = {
      buildDataset: (source) => {
        const built = buildDataset(source);
        everything = built.dataset;
        return built;
      },
      training: { selectFeatures: (rows, ...rest) => selectFeatures(everything ?? rows, ...rest) },
    };
    expect((await hunt(leaking, 1, selecting)).findings.map(({ stage }) => stage)).toContain('predictions');
  });

  it('is found in a strategy that reads a bar that has not closed', async () => {
    const { findings } = await hunt({
      strategy: (strategy, traded): Strategy => ({
        ...strategy,
        forSymbol: (symbol) => {
          const { close } = traded.find((columns) => columns.symbol === symbol)!;
          return {
            decide: (view) =>
              (close[view.length] ?? 0) > view.close() ? ruleSignal('BUY', 'peek') : ruleSignal('SELL', 'peek'),
          };
        },
      }),
    });
    expect(findings.map(({ stage }) => stage)).toContain('decisions');
  });
});
