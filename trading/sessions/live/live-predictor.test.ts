import { describe, expect, it } from 'vitest';
import { barAt } from '../../../features/bar.ts';
import { computeFeatures } from '../../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../../features/feature-set.ts';
import { randomWalkBars } from '../../testing/random-walk-bars.ts';
import { LivePredictor, type DecidingModel } from './live-predictor.ts';

const SYMBOLS = ['AAA', 'BBB'];
const BARS = 60;
const LIVE_FROM = 40;
const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, BARS, { seed: 3, sigma: 0.01 }));
const set = parseFeatureSet(['rsi(5)', 'ema(8)', 'rank(roc(3))'], { timeframe: '1d', symbols: SYMBOLS });
const width = set.columns.length;
const matrices = computeFeatures(set, bars);

/** Says what it was asked: a sum that depends on the place of every value. */
const weigh = (x: Float64Array): number => x.reduce((sum, value, place) => sum + value * (place + 1), 0);

/** A model whose every answer depends on all that it is shown, and on which model it is. */
function deciding(label: string, window: number, factor = 1): DecidingModel {
  return {
    label,
    expiresAtMs: 9,
    model: {
      featureNames: set.columns,
      window,
      trainedToMs: 5,
      predictDetailed: (x) => {
        const probability = Float64Array.of(factor * weigh(x));
        return { probability, score: probability, members: [probability, Float64Array.of(0)] };
      },
    },
    reasonsOf: (x) => `because ${factor * weigh(x)}`,
    noveltyOf: (row) => factor * weigh(row),
  };
}

const predictorOf = (keptRows = 8): LivePredictor =>
  new LivePredictor({ set, symbols: SYMBOLS, actions: [[], []], keptRows });

const closeOf = (row: number) => ({
  closeTimeMs: bars[0]!.closeTimeMs[row]!,
  bars: bars.map((columns, symbol) => ({ symbol, bar: barAt(columns, row) })),
});

/** What a model of `window` rows is to say at `row`. */
function answer(
  symbol: number,
  row: number,
  { label, window, factor }: { label: string; window: number; factor: number },
) {
  const values = (rows: number): number =>
    factor * weigh(matrices[symbol]!.values.subarray((row - rows + 1) * width, (row + 1) * width));
  return {
    decisionTimeMs: bars[0]!.closeTimeMs[row]!,
    probability: values(window),
    trainedToMs: 5,
    expiresAtMs: 9,
    reasons: `because ${values(window)}`,
    novelty: values(1),
    disagreement: Math.abs(values(window)),
    model: label,
  };
}

describe('a model that is asked live', () => {
  it.each([1, 4])('sees the features of training, %i rows of them, and is not asked in the warm-up', (window) => {
    const live = predictorOf();
    const model = deciding('m@1', window);
    for (let row = 0; row < BARS; row++) {
      live.observe(closeOf(row), row <= LIVE_FROM ? null : model);
      SYMBOLS.forEach((symbol, index) => {
        const said = live.predictorOf(symbol)(undefined as never);
        if (row <= LIVE_FROM) return expect(said).toBe(null);
        expect(said).toEqual(answer(index, row, { label: 'm@1', window, factor: 1 }));
      });
    }
  });

  it('gives way to another at the next close, which sees the rows from before it came', () => {
    const live = predictorOf();
    const models = [deciding('m@1', 1), deciding('m@2', 7, 3)];
    for (let row = 0; row < BARS; row++) {
      const later = row >= 50;
      live.observe(closeOf(row), row <= LIVE_FROM ? null : models[later ? 1 : 0]!);
      if (row <= LIVE_FROM) continue;
      const of = later ? { label: 'm@2', window: 7, factor: 3 } : { label: 'm@1', window: 1, factor: 1 };
      expect(live.predictorOf('BBB')(undefined as never)).toEqual(answer(1, row, of));
    }
  });

  it('is not asked about other features than it was trained on, nor for more rows than are kept', () => {
    const other = { ...deciding('m@3', 1), model: { ...deciding('', 1).model, featureNames: ['rsi(6)'] } };
    expect(() => predictorOf().observe(closeOf(0), other)).toThrow(/m@3 cannot be asked: .* other features/);
    expect(() => predictorOf().observe(closeOf(0), deciding('m@4', 9))).toThrow(
      /m@4 cannot be asked: it looks at 9 rows.*keeps 8/,
    );
  });
});
