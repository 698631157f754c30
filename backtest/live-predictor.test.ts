import { describe, expect, it } from 'vitest';
import { barAt } from '../features/bar.ts';
import { computeFeatures } from '../features/feature-matrix.ts';
import { parseFeatureSet } from '../features/feature-set.ts';
import { randomWalkBars } from '../trading/random-walk-bars.ts';
import { LivePredictor } from './live-predictor.ts';

const SYMBOLS = ['AAA', 'BBB'];
const BARS = 60;
const LIVE_FROM = 40;
const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, BARS, { seed: 3, sigma: 0.01 }));
const set = parseFeatureSet(['rsi(5)', 'ema(8)', 'rank(roc(3))'], { timeframe: '1d', symbols: SYMBOLS });

/** Says what it was asked: a sum that depends on the place of every value. */
const weigh = (x: Float64Array): number => x.reduce((sum, value, place) => sum + value * (place + 1), 0);

function predictor(window: number) {
  const model = {
    featureNames: set.columns,
    window,
    trainedToMs: 5,
    predict: (x: Float64Array, _rows: number, out = new Float64Array(1)) => {
      out[0] = weigh(x);
      return out;
    },
  };
  const liveFromMs = bars[0]!.closeTimeMs[LIVE_FROM]!;
  return new LivePredictor({ set, symbols: SYMBOLS, actions: [[], []], model, liveFromMs, expiresAtMs: 9 });
}

describe('a model that is asked live', () => {
  it.each([1, 4])('sees the features of training, %i rows of them, and says nothing of the warm-up', (window) => {
    const live = predictor(window);
    const matrices = computeFeatures(set, bars);
    const width = set.columns.length;
    for (let row = 0; row < BARS; row++) {
      const closeTimeMs = bars[0]!.closeTimeMs[row]!;
      live.observe({ closeTimeMs, bars: bars.map((columns, symbol) => ({ symbol, bar: barAt(columns, row) })) });
      SYMBOLS.forEach((symbol, index) => {
        const said = live.predictorOf(symbol)(undefined as never);
        if (row <= LIVE_FROM) return expect(said).toBe(null);
        const seen = matrices[index]!.values.subarray((row - window + 1) * width, (row + 1) * width);
        const probability = weigh(seen);
        expect(said).toEqual({ decisionTimeMs: closeTimeMs, probability, trainedToMs: 5, expiresAtMs: 9 });
      });
    }
  });

  it('is not asked about other features than it was trained on', () => {
    const model = { featureNames: ['rsi(6)'], window: 1, trainedToMs: 0, predict: (x: Float64Array) => x };
    const options = { set, symbols: SYMBOLS, actions: [[], []], model, liveFromMs: 0, expiresAtMs: 0 };
    expect(() => new LivePredictor(options)).toThrow(/other features/);
  });
});
