import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../../features/bar.ts';
import { dataHash, BarFingerprint, fingerprintOf } from '../../bars/bar-fingerprint.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import { QualityInspector } from '../../quality/quality-inspector.ts';
import { sliceBarColumns } from '../../../features/bar.ts';
import { driftBars, noiseBars, plantedBars } from './planted-bars.ts';
import { simulateBars, type SimulatedSeriesOptions } from './simulated-market.ts';

const us = calendarNamed('us-equities');
const base: SimulatedSeriesOptions = {
  seed: 1,
  index: 0,
  symbol: 'SIM001',
  timeframe: '1d',
  calendar: us,
  startMs: Date.UTC(2010, 0, 4, 15),
  bars: 3000,
};

const simulate = (changes: Partial<SimulatedSeriesOptions> = {}): BarColumns =>
  [...simulateBars({ ...base, ...changes })][0]!;

function returns(bars: BarColumns): Float64Array {
  return Float64Array.from({ length: bars.length - 1 }, (_, i) => bars.close[i + 1]! / bars.close[i]! - 1);
}

function moments(x: Float64Array): { mean: number; deviation: number; kurtosis: number } {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const moment = (power: number): number => x.reduce((a, b) => a + (b - mean) ** power, 0) / x.length;
  return { mean, deviation: Math.sqrt(moment(2)), kurtosis: moment(4) / moment(2) ** 2 };
}

function correlation(x: Float64Array, y: Float64Array): number {
  const a = moments(x);
  const b = moments(y);
  return (
    x.reduce((sum, value, i) => sum + (value - a.mean) * (y[i]! - b.mean), 0) / x.length / (a.deviation * b.deviation)
  );
}

/** Everything that makes a bar impossible, in words; empty for a clean series. */
function faults(bars: BarColumns): string[] {
  const inspector = new QualityInspector({
    calendar: us,
    timeframe: bars.length > 20_000 ? '1m' : '1d',
    assetClass: 'simulated',
  });
  inspector.inspect(bars);
  const { findings } = inspector.finish();
  const offTick = bars.close.filter((price) => Math.abs(price * 100 - Math.round(price * 100)) > 1e-6).length;
  return [
    ...findings.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    ...(offTick > 0 ? ['off tick'] : []),
  ];
}

describe('simulateBars', () => {
  it('is the same to the byte for one seed and differs for another', () => {
    expect(dataHash([simulate()])).toBe(dataHash([simulate()]));
    expect(dataHash([simulate({ seed: 2 })])).not.toBe(dataHash([simulate()]));
  });

  it('does not change the past when more bars are asked for', () => {
    const long = simulate({ bars: 2000 });
    expect(fingerprintOf(sliceBarColumns(long, 0, 700))).toBe(fingerprintOf(simulate({ bars: 700 })));
  });

  it('makes possible bars only, daily and by the minute, in whatever length', () => {
    for (let index = 0; index < 12; index++) expect(faults(simulate({ index }))).toEqual([]);
    expect(faults(simulate({ timeframe: '1m', bars: 60_000 }))).toEqual([]);
  });

  it('has fat tails and quiet and loud times', () => {
    const x = returns(simulate());
    expect(moments(x).kurtosis).toBeGreaterThan(5);
    const size = x.map(Math.abs);
    expect(correlation(size.subarray(0, -1), size.subarray(1))).toBeGreaterThan(0.05);
  });

  it('moves together, more so within a sector', () => {
    const x = (index: number): Float64Array => returns(simulate({ index }));
    const pairs = [0, 1, 2, 3, 4, 5].map((i) => ({
      same: correlation(x(i), x(i + 8)),
      other: correlation(x(i), x(i + 9)),
    }));
    const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
    const other = mean(pairs.map((pair) => pair.other));
    expect(other).toBeGreaterThan(0.15);
    expect(mean(pairs.map(({ same }) => same))).toBeGreaterThan(other + 0.03);
  });

  it('gaps overnight and trades most at both ends of the day', () => {
    const bars = simulate({ timeframe: '1m', bars: 390 * 120 });
    let gapped = 0;
    let inside = 0;
    const volume = new Float64Array(390);
    for (let i = 390; i < bars.length; i++) {
      const jump = bars.open[i] !== bars.close[i - 1];
      if (i % 390 === 0) gapped += Number(jump);
      else inside += Number(jump);
      volume[i % 390]! += bars.volume[i]!;
    }
    expect(gapped).toBeGreaterThan(100);
    expect(inside).toBe(0);
    const sum = (from: number, to: number): number => volume.subarray(from, to).reduce((a, b) => a + b);
    expect(sum(0, 30)).toBeGreaterThan(1.3 * sum(180, 210));
    expect(sum(360, 390)).toBeGreaterThan(1.3 * sum(180, 210));
  });
});

/** Correlation of a bar's close location with the return of the next. */
function plantedCorrelation(bars: BarColumns): number {
  const location = Float64Array.from(
    { length: bars.length - 1 },
    (_, i) => (bars.close[i]! - bars.low[i]!) / (bars.high[i]! - bars.low[i]!),
  );
  return correlation(location, returns(bars));
}

describe('plantedBars', () => {
  it('holds the correlation it was asked for, and only that', () => {
    for (const wanted of [0.12, 0.5, -0.3]) {
      const bars = plantedBars({ bars: 40_000, seed: 9, correlation: wanted, volatility: 0.003 });
      expect(Math.abs(plantedCorrelation(bars) - wanted)).toBeLessThan(4 / Math.sqrt(40_000));
      const x = returns(bars);
      expect(Math.abs(correlation(x.subarray(0, -1), x.subarray(1)))).toBeLessThan(4 / Math.sqrt(40_000));
    }
  });

  it('makes possible bars', () => {
    expect(faults(plantedBars({ bars: 5000, seed: 1, correlation: 0.12 }))).toEqual([]);
  });

  it('gives noise without any, and drift without any', () => {
    const noise = noiseBars({ bars: 20_000, seed: 4, volatility: 0.003 });
    expect(Math.abs(plantedCorrelation(noise))).toBeLessThan(4 / Math.sqrt(20_000));
    const drift = moments(returns(driftBars({ bars: 20_000, seed: 4, volatility: 0.005 })));
    expect(Math.abs(drift.mean - 0.0008)).toBeLessThan((4 * 0.005) / Math.sqrt(20_000));
  });
});

describe('BarFingerprint', () => {
  it('does not depend on the pieces, and can be taken up again', () => {
    const bars = simulate({ bars: 10_000 });
    const whole = fingerprintOf(bars);
    for (const step of [1, 1000, 4096, 5000]) {
      const fingerprint = new BarFingerprint();
      for (let from = 0; from < bars.length; from += step) {
        fingerprint.update(sliceBarColumns(bars, from, Math.min(from + step, bars.length)));
      }
      expect(fingerprint.digest()).toBe(whole);
    }
    const first = new BarFingerprint();
    first.update(sliceBarColumns(bars, 0, 9000));
    const resumed = new BarFingerprint(first.blockHashes().subarray(0, 2 * 32));
    resumed.update(sliceBarColumns(bars, 8192, 10_000));
    expect(resumed.digest()).toBe(whole);
  });

  it('changes with any value of any bar', () => {
    const bars = simulate({ bars: 5000 });
    const whole = fingerprintOf(bars);
    for (const field of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
      const other = { ...bars, [field]: bars[field].slice() };
      other[field][4321]! += 1;
      expect(fingerprintOf(other)).not.toBe(whole);
    }
  });
});
