import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { expectationOf, scoreDecay, type LabelledRows } from './score-decay.ts';

const RATE = 0.1;

/**
 * Calibrated predictions of a model with some skill, `horizon` bars ahead: labels of neighbouring bars share most of
 * their future. `truth` turns what the model says into how often it comes true.
 */
function rowsOf(
  seed: string,
  bars: number,
  { truth = (p: number): number => p, horizon = 1 }: { truth?: (p: number) => number; horizon?: number } = {},
): LabelledRows {
  const random = createRandom(seed);
  const probability = new Float64Array(bars);
  const y = new Float64Array(bars);
  let [p, u] = [0.5, 0.5];
  for (let bar = 0; bar < bars; bar++) {
    // Within a stretch of `horizon` bars prediction and outcome are the same: what overlapping labels come to.
    if (bar % horizon === 0) [p, u] = [0.3 + 0.4 * random.next(), random.next()];
    probability[bar] = p;
    y[bar] = u < truth(p) ? 1 : 0;
  }
  return { probability, y, decisionTimeMs: Float64Array.from({ length: bars }, (_, bar) => bar) };
}

/** Shares of models for which an alarm was given at any time of 400 live bars. */
function alarms(options: Parameters<typeof rowsOf>[2] = {}, models = 50): { score: number; calibration: number } {
  const shares = { score: 0, calibration: 0 };
  const horizonBars = options.horizon ?? 1;
  for (let model = 0; model < models; model++) {
    const record = rowsOf(`record ${model}`, 300, { horizon: horizonBars });
    const expected = expectationOf(record, { horizonBars, random: createRandom(`bootstrap ${model}`) })!;
    const decay = scoreDecay(rowsOf(`live ${model}`, 400, options), expected, { horizonBars, falseAlarmRate: RATE });
    if (decay.score.alarm) shares.score += 1 / models;
    if (decay.calibration.alarm) shares.calibration += 1 / models;
  }
  return shares;
}

describe('score decay', () => {
  it('keeps its rate of false alarms over a whole life, whenever one looks', () => {
    const { score, calibration } = alarms({}, 120);
    expect(score).toBeLessThanOrEqual(RATE / 2);
    expect(calibration).toBeLessThanOrEqual(RATE / 2);
  });

  it('keeps it where labels overlap', () => {
    const { score, calibration } = alarms({ horizon: 5 });
    expect(score + calibration).toBeLessThanOrEqual(RATE);
  });

  it('notices a model whose effect has turned round, and one that knows nothing any more', () => {
    expect(alarms({ truth: (p) => 1 - p }).score).toBeGreaterThanOrEqual(0.95);
    expect(alarms({ truth: () => 0.5 }).score).toBeGreaterThanOrEqual(0.06);
  });

  it('notices ups that come more, or less, often than said', () => {
    expect(alarms({ truth: (p) => p + 0.2 }).calibration).toBeGreaterThanOrEqual(0.9);
    expect(alarms({ truth: (p) => p - 0.2 }).calibration).toBeGreaterThanOrEqual(0.9);
  });

  it('takes the mean of a bar, and expects nothing of a short record', () => {
    const two = {
      decisionTimeMs: Float64Array.of(1, 1),
      probability: Float64Array.of(0.5, 0.9),
      y: Float64Array.of(1, 1),
    };
    const expected = expectationOf(rowsOf('a', 100), { horizonBars: 1, random: createRandom(1) })!;
    const decay = scoreDecay(two, expected, { horizonBars: 1, falseAlarmRate: RATE });
    expect(decay.bars).toBe(1);
    expect(decay.brier).toBeCloseTo((0.25 + 0.01) / 2, 12);
    expect(decay.bias).toBeCloseTo(0.3, 12);
    expect(expectationOf(rowsOf('a', 29), { horizonBars: 1, random: createRandom(1) })).toBeNull();
  });
});
