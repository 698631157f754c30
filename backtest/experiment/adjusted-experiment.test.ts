import { beforeAll, describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { computeFeatures } from '../../features/feature-matrix.ts';
import { hashOf } from '../../infra/hash.ts';
import { createRandom } from '../../infra/random.ts';
import { experimentSchema, type Experiment } from '../../models/experiment/experiment.ts';
import type { DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import { huntLookAhead } from '../research/look-ahead.ts';
import { runInMemory, type MemoryExperiment, type ReplaceableParts } from './memory-experiment.ts';

// A whole experiment over bars that split and pay: features, labels, predictions and orders.

const calendar = calendarNamed('us-equities');
const experiment: Experiment = experimentSchema.parse({
  name: 'adjusted',
  universe: ['AAA'],
  features: [
    'return(1)',
    'closelocation()',
    'rsi(14)',
    'zscore(close,20)',
    'distance(ema(20))',
    'zscore(volume,20)',
    'ema(10)@1w',
  ],
  labels: { horizonBars: 2 },
  splits: { trainBars: 200, testBars: 60 },
  estimators: [{ name: 'linear', kind: 'logistic-regression', l1Ratio: 0, strength: 0.01 }],
  ensemble: { innerFolds: 2 },
  signals: { buyAbove: 0.505, sellBelow: 0.495 },
  costs: { feeBps: 1 },
});
const base = plantedBars({ symbol: 'AAA', bars: 420, seed: 3, correlation: 0.6 });
const FIELDS = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

function action(bar: number, kind: DatedAction['kind'], value: number, knownBar = bar): DatedAction {
  const effectiveMs = calendar.dayStartMs(calendar.dayAt(base.openTimeMs[bar]!));
  return { kind, value, effectiveMs, knownAtMs: knownBar === bar ? effectiveMs : base.closeTimeMs[knownBar]! };
}

const splits = [action(90, 'split', 2), action(250, 'split', 4), action(310, 'split', 0.5)];

function traded(actions: readonly DatedAction[]): BarColumns {
  const bars = createBarColumns('AAA', base.length);
  for (const field of FIELDS) bars[field].set(base[field]);
  for (const { kind, value, effectiveMs } of actions) {
    const from = bars.openTimeMs.findIndex((timeMs) => timeMs >= effectiveMs);
    for (let i = from; i < bars.length; i++) {
      for (const field of ['open', 'high', 'low', 'close'] as const) {
        bars[field][i] = kind === 'split' ? bars[field][i]! / value : bars[field][i]! - value;
      }
      if (kind === 'split') bars.volume[i]! *= value;
    }
  }
  return bars;
}

const run = (
  bars: BarColumns,
  actions: readonly DatedAction[],
  parts: Partial<ReplaceableParts> = {},
): Promise<MemoryExperiment> => runInMemory({ experiment, bars: [bars], actions: [actions], calendar, parts });

describe('an experiment over bars that split', () => {
  let whole: MemoryExperiment;
  let split: MemoryExperiment;
  beforeAll(async () => {
    [whole, split] = [await run(base, []), await run(traded(splits), splits)];
  });

  it('learns and predicts what it would have without splits', () => {
    expect(split.dataset.rows).toBe(whole.dataset.rows);
    expect([...split.dataset.y]).toEqual([...whole.dataset.y]);
    split.dataset.realisedReturn.forEach((value, i) => expect(value).toBeCloseTo(whole.dataset.realisedReturn[i]!, 9));
    expect(split.predictions.rows).toBe(whole.predictions.rows);
    split.predictions.probability.forEach((value, i) =>
      expect(value).toBeCloseTo(whole.predictions.probability[i]!, 6),
    );
  });

  it('earns what it would have: no split is a loss or a gain', () => {
    const [a, b] = [runHistoricalSession(whole.session), runHistoricalSession(split.session)];
    expect(a.fills).toBeGreaterThan(10);
    expect(b.fills).toBe(a.fills);
    // Lots of one share are worth more or less in the other world: that is all that is left.
    a.equity.forEach((equity, i) => expect(b.equity[i]! / equity).toBeCloseTo(1, 2));
    expect(split.effects.some(({ kind }) => kind === 'action')).toBe(true);
  });

  it('would see losses that never were, were it not told of the splits', async () => {
    const fooled = await run(traded(splits), []);
    const least = (made: MemoryExperiment): number => Math.min(...made.dataset.realisedReturn);
    expect(least(fooled)).toBeLessThan(-0.5);
    expect(least(split)).toBeGreaterThan(-0.2);
  });
});

describe('the future of corporate actions', () => {
  // A dividend, and a split that nobody had heard of until twelve bars later.
  const actions = [
    action(90, 'split', 2),
    action(200, 'dividend', 1.5),
    action(330, 'split', 2, 342),
    action(380, 'dividend', 2),
  ];
  const bars = traded(actions);
  const cutMs = base.closeTimeMs[336]!;
  const then = actions.filter(({ effectiveMs, knownAtMs }) => effectiveMs <= cutMs && knownAtMs <= cutMs);

  /**
   * What was decided up to the cut: rows of features, labels by time, probabilities. Labels count from when they were
   * known.
   */
  function decided({ matrices, dataset, predictions }: MemoryExperiment): {
    features: string;
    labels: Map<number, number>;
    predicted: string;
  } {
    const [matrix] = matrices;
    const rows = matrix!.closeTimeMs.filter((timeMs) => timeMs <= cutMs).length;
    const labels = new Map<number, number>();
    for (let row = 0; row < dataset.rows; row++) {
      if (dataset.labelEndTimeMs[row]! <= cutMs) labels.set(dataset.decisionTimeMs[row]!, dataset.realisedReturn[row]!);
    }
    const predicted = predictions.probability.filter((_, row) => predictions.decisionTimeMs[row]! <= cutMs);
    return {
      features: hashOf([...matrix!.values.subarray(0, rows * matrix!.columns.length)].map(String)),
      labels,
      predicted: hashOf([...predicted]),
    };
  }

  it('changes nothing up to its announcement', async () => {
    const [a, b] = [decided(await run(bars, actions)), decided(await run(bars, then))];
    expect(a.features).toBe(b.features);
    expect(a.predicted).toBe(b.predicted);
    for (const [timeMs, value] of a.labels) expect(b.labels.get(timeMs)).toBe(value);
    // Labels that look across the split nobody has heard of wait for the news; who never hears takes two of them for
    // crashes.
    expect(a.labels.size).toBeLessThan(b.labels.size);
    expect(a.labels.size).toBeGreaterThan(200);
    expect(Math.min(...a.labels.values())).toBeGreaterThan(-0.2);
    expect(Math.min(...b.labels.values())).toBeLessThan(-0.4);
  });

  it('would be seen: features of bars that are adjusted by every action are found out', async () => {
    const backwards: Partial<ReplaceableParts> = {
      computeFeatures: (set, universe) =>
        computeFeatures(
          set,
          universe.map((adjusted) => {
            // As if the newest price were the one that is right: the past is rescaled by what comes later.
            const scale = bars.close[bars.length - 1]! / adjusted.close[bars.length - 1]!;
            const out = createBarColumns(adjusted.symbol, adjusted.length);
            for (const field of FIELDS) out[field].set(adjusted[field]);
            for (const field of ['open', 'high', 'low', 'close'] as const)
              out[field].forEach((value, i) => (out[field][i] = value * scale));
            return out;
          }),
        ),
    };
    const [all, known] = [await run(bars, actions, backwards), await run(bars, then, backwards)];
    expect(decided(all).features).not.toBe(decided(known).features);
  });

  it('is hunted for by corrupting the bars after a time as well', async () => {
    const report = await huntLookAhead(
      { experiment, bars: [bars], actions: [actions], calendar },
      { cuts: 2, random: createRandom(4) },
    );
    expect(report.findings).toEqual([]);
    expect(report.compared.decisions).toBeGreaterThan(20);
  });
});
