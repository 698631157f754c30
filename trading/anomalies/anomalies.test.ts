import { describe, expect, it } from 'vitest';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { anomalyText, LEAST_SCORE } from './anomaly.ts';
import { fillAnomalies, type JudgedFill } from './fill-anomalies.ts';
import { JUMP_WINDOW, JumpTest } from './jump-test.ts';
import { marketAnomalies } from './market-anomalies.ts';
import { modelAnomalies } from './model-anomalies.ts';
import { PastValues } from './past-values.ts';

const START_MS = Date.UTC(2020, 0, 1);

function dailyBars(seed: string, days: number): BarColumns {
  const random = createRandom(seed);
  const bars = createBarColumns('AAA', days);
  let price = 100;
  for (let row = 0; row < days; row++) {
    bars.openTimeMs[row] = START_MS + row * DAY_MS;
    bars.closeTimeMs[row] = START_MS + (row + 1) * DAY_MS;
    bars.open[row] = price;
    price *= Math.exp(0.01 * random.normal());
    bars.close[row] = price;
    bars.high[row] = Math.max(price, bars.open[row]!) * (1 + 0.002 * random.next());
    bars.low[row] = Math.min(price, bars.open[row]!) * (1 - 0.002 * random.next());
    bars.volume[row] = 1e6 * Math.exp(0.4 * random.normal());
  }
  return bars;
}

describe('past values', () => {
  const median = (values: readonly number[]): number => {
    const sorted = [...values].sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  };

  it('have the median and the deviation of the values in their window, whatever came, equal ones too', () => {
    const random = createRandom('past');
    const past = new PastValues(31);
    const all: number[] = [];
    for (let round = 0; round < 500; round++) {
      const value = random.next() < 0.3 ? random.integer(3) : 3 * random.normal();
      past.add(value);
      past.add(NaN);
      all.push(value);
      const window = all.slice(-31);
      const middle = median(window);
      const mad = median(window.map((one) => Math.abs(one - middle)));
      expect(past.count).toBe(window.length);
      expect(past.median).toBeCloseTo(middle, 12);
      if (mad > 0) expect(past.score(middle + 2)).toBeCloseTo((0.674489750196082 * 2) / mad, 9);
      else expect(past.score(middle + 2)).toBeNaN();
    }
  });
});

describe('jumps', () => {
  it('are found by the volatility just before, which they do not move themselves', () => {
    const random = createRandom('jumps');
    const test = new JumpTest();
    for (let row = 0; row <= JUMP_WINDOW; row++) expect(test.next(random.normal())).toBe(0);
    expect(test.next(12)).toBeGreaterThan(9);
    // Two products of the 120 hold it: a second one is still seen.
    expect(test.next(random.normal())).toBe(0);
    expect(test.next(-12)).toBeGreaterThan(6);
    expect(test.next(3)).toBe(0);
  });

  it('are none where too few returns came before, or none that moved', () => {
    const test = new JumpTest();
    expect([5, -5, 5].map((value) => test.next(value))).toEqual([0, 0, 0]);
    for (let row = 0; row < 200; row++) expect(test.next(0)).toBe(0);
    expect(test.next(1)).toBe(0);
  });
});

describe('anomalies of a market', () => {
  const bars = dailyBars('market', 400);
  bars.volume[300]! *= 60;
  bars.high[310]! *= 2.5;
  bars.close.fill(bars.close[330]!, 330, 340);

  it('are told when they were known, with what was usual', () => {
    const found = marketAnomalies(bars, LEAST_SCORE);
    const rows = found.map(({ kind, timeMs }) => [kind, (timeMs - START_MS) / DAY_MS - 1]);
    expect(rows).toEqual(
      expect.arrayContaining([
        ['volume', 300],
        ['range', 310],
      ]),
    );
    const stuck = found.find(({ kind }) => kind === 'stuck')!;
    expect((stuck.timeMs - START_MS) / DAY_MS - 1).toBeGreaterThanOrEqual(331);
    expect(anomalyText({ ...stuck, value: 3, usual: 2 })).toBe(
      'AAA: closes that do not move, one after the other: 3 bars, usually 2 bars',
    );
  });

  it('are known at a close whatever comes after it', () => {
    const whole = marketAnomalies(bars, 4);
    expect(whole.length).toBeGreaterThan(2);
    for (const cut of [250, 301, 311, 333, 350]) {
      const untilMs = bars.closeTimeMs[cut - 1]!;
      expect(marketAnomalies(sliceBarColumns(bars, 0, cut), 4)).toEqual(
        whole.filter(({ timeMs }) => timeMs <= untilMs),
      );
    }
  });

  it('are none of bars without volume, without range, or without prices', () => {
    const still = dailyBars('still', 200);
    still.volume.fill(0);
    for (const field of ['open', 'high', 'low', 'close'] as const) still[field].fill(100);
    expect(marketAnomalies(still, LEAST_SCORE)).toEqual([]);
    for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) still[field].fill(NaN);
    expect(marketAnomalies(still, LEAST_SCORE)).toEqual([]);
    expect(marketAnomalies(createBarColumns('NONE', 0), LEAST_SCORE)).toEqual([]);
  });
});

describe('anomalies of fills', () => {
  const random = createRandom('fills');
  const fill = (at: number, more: Partial<JudgedFill> = {}): JudgedFill => ({
    ...{
      timeMs: START_MS + at,
      symbol: 'AAA',
      quantity: 10,
      orderType: 'market',
      price: 100 + 0.01 * random.normal(),
      slippage: 0.1 + 0.02 * random.next(),
    },
    ...{ decisionPrice: 100, delayMs: 80 + 10 * random.normal(), ...more },
  });
  const before = Array.from({ length: 60 }, (_, at) => fill(at));
  const kinds = (more: Partial<JudgedFill>): string[] =>
    fillAnomalies([...before, fill(60, more)], LEAST_SCORE).map(({ kind }) => kind);

  it('are those that cost more, or come later, than the ones before', () => {
    expect(kinds({})).toEqual([]);
    expect(kinds({ price: 101 })).toEqual(['distance']);
    // It is better than what was decided on.
    expect(kinds({ price: 99 })).toEqual([]);
    expect(kinds({ price: 99, quantity: -10 })).toEqual(['distance']);
    expect(kinds({ delayMs: 5_000 })).toEqual(['delay']);
    expect(kinds({ slippage: 50 })).toEqual(['slippage']);
    expect(kinds({ decisionPrice: null, delayMs: null })).toEqual([]);
  });

  it('are none where all cost the same but for rounding: how far out one is cannot be said', () => {
    const same = before.map((one) => ({ ...one, slippage: 0.3 * Math.abs(one.quantity) * one.price }));
    const next = fill(60, { slippage: 0.3 * 10 * 100.7, price: 100.7, decisionPrice: null });
    expect(fillAnomalies([...same, next], LEAST_SCORE)).toEqual([]);
  });

  it('are none before there is a past', () => {
    expect(fillAnomalies([...before.slice(0, 20), fill(60, { price: 150 })], LEAST_SCORE)).toEqual([]);
  });
});

describe('anomalies of a model', () => {
  it('are blocks of predictions unlike those before, known at their last', () => {
    const random = createRandom('model');
    const length = 1_000;
    const decisionTimeMs = Float64Array.from({ length }, (_, row) => START_MS + row);
    const probability = Float64Array.from({ length }, () => 0.5 + 0.05 * random.normal());
    const novelty = new Float64Array(length).fill(NaN);
    const said = { length, decisionTimeMs, probability, novelty };
    expect(modelAnomalies(said, LEAST_SCORE)).toEqual([]);
    const moved = probability.map((value, row) => (row < 960 ? value : value + 0.3));
    const found = modelAnomalies({ ...said, probability: moved }, LEAST_SCORE);
    expect(found.map(({ kind, timeMs }) => [kind, timeMs - START_MS])).toEqual(
      expect.arrayContaining([
        ['probability', 979],
        ['confidence', 979],
      ]),
    );
    // The last block is not whole.
    expect(modelAnomalies({ ...said, length: 970, probability: moved }, LEAST_SCORE)).toEqual([]);
  });
});
