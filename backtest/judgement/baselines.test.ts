import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { HOLD, ruleSignal, type Strategy } from '../../trading/strategies/strategy.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import { baselineRunner, randomRunCount, runBaselines, type BaselineOptions } from './baselines.ts';
import { evaluate } from './evaluation.ts';
import { mean, median } from '../statistics/moments.ts';
import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';

/** A seeded random walk of daily bars with the given drift. */
function walk(symbol: string, length: number, { seed = 1, drift = 0 } = {}): BarColumns {
  const random = createRandom(`${symbol} ${seed}`);
  const bars = createBarColumns(symbol, length);
  let price = 100;
  for (let i = 0; i < length; i++) {
    bars.openTimeMs[i] = Date.UTC(2010, 0, 1) + i * DAY_MS;
    bars.closeTimeMs[i] = bars.openTimeMs[i]! + DAY_MS;
    bars.open[i] = price;
    price *= 1 + drift + 0.01 * random.normal();
    bars.close[i] = price;
    bars.high[i] = Math.max(bars.open[i]!, price) * 1.001;
    bars.low[i] = Math.min(bars.open[i]!, price) * 0.999;
    bars.volume[i] = 1e6;
  }
  return bars;
}

/** Long for 7 of every 20 bars. */
const periodic: Strategy = {
  name: 'periodic',
  parameters: {},
  forSymbol: () => ({
    decide: (view) =>
      view.length % 20 === 5 ? ruleSignal('BUY', 'in') : view.length % 20 === 12 ? ruleSignal('SELL', 'out') : HOLD,
  }),
};

function optionsOf(bars: BarColumns[], rest: Partial<HistoricalSessionOptions> = {}): HistoricalSessionOptions {
  return {
    bars,
    instruments: bars.map(({ symbol }) => ({
      symbol,
      assetClass: 'simulated',
      currency: 'USD',
      tick: 0.01,
      lot: 1,
      sector: null,
    })),
    strategy: periodic,
    sizing: { kind: 'fraction-of-equity', fraction: 0.5 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 2, halfSpreadBps: 1 }),
    capital: 1_000_000,
    ...rest,
  };
}

const DAYS = { dayOf: utcDayOfClose, periodsPerYear: 365 } as const;

function baselinesOf(options: HistoricalSessionOptions, randomRuns = 21) {
  const session = runHistoricalSession(options);
  const sessions: SessionResult[] = [];
  const run: BaselineOptions['run'] = (plan) => {
    const done = baselineRunner(options)(plan);
    sessions.push(done);
    return done;
  };
  const { bars } = options;
  const baselines = runBaselines({ session, bars, market: DAYS, run, random: createRandom(1), randomRuns });
  // They come last.
  return { session, baselines, random: sessions.slice(sessions.length - baselines.random.length) };
}

describe('baselines', () => {
  it('buys all and holds, under the same costs', () => {
    const bars = walk('A', 500, { drift: 0.001 });
    const { baselines } = baselinesOf(optionsOf([bars]));
    const { ledger, equity, fees } = baselines.buyAndHold;
    expect(ledger).toHaveLength(1);
    expect(ledger[0]).toMatchObject({ side: 'long', exitTimeMs: null, entryTimeMs: bars.openTimeMs[1] });
    // One fill of all the money at the second bar's open plus the half spread.
    const paid = bars.open[1]! * 1.0001;
    expect(equity.at(-1)! / 1_000_000).toBeCloseTo(bars.close[499]! / paid / 1.0002, 3);
    expect(fees).toBeGreaterThan(0);
  });

  it('matches the average exposure, whatever the drift does to it', () => {
    for (const drift of [-0.002, 0, 0.003]) {
      const { session, baselines } = baselinesOf(optionsOf([walk('A', 600, { drift })]));
      expect(mean(session.netExposure)).toBeGreaterThan(0.1);
      expect(mean(baselines.sameExposure!.netExposure) / mean(session.netExposure)).toBeCloseTo(1, 2);
      expect(baselines.sameExposureScale).toBeCloseTo(1, 2);
      expect(baselines.sameExposure!.ledger).toHaveLength(1);
    }
  });

  it('makes up for what coarse lots cannot express', () => {
    const options = optionsOf([walk('A', 600)], { capital: 1_000 });
    const { session, baselines } = baselinesOf(options);
    const scaled = baselines.sameExposureScale * mean(baselines.sameExposure!.netExposure);
    expect(scaled).toBeCloseTo(mean(session.netExposure), 12);
    expect(baselines.sameExposureScale).not.toBe(1);
  });

  it('trades at random as often, as long and as much', () => {
    const { session, baselines, random } = baselinesOf(optionsOf([walk('A', 800)]));
    expect(baselines.random.map(({ performance }) => performance.trades)).toEqual(
      random.map(({ ledger }) => ledger.length),
    );
    expect(random).toHaveLength(21);
    for (const run of random) expect(run.ledger).toHaveLength(session.ledger.length);
    const turnover = median(random.map((run) => run.tradedNotional)) / session.tradedNotional;
    const exposure = median(random.map((run) => mean(run.grossExposure))) / mean(session.grossExposure);
    expect(Math.abs(turnover - 1)).toBeLessThan(0.1);
    expect(Math.abs(exposure - 1)).toBeLessThan(0.05);
    const entries = new Set(random.map((run) => run.ledger[0]!.entryTimeMs));
    expect(entries.size).toBeGreaterThan(5);
  });

  it('splits a universe evenly', () => {
    const bars = ['A', 'B', 'C', 'D'].map((symbol) => walk(symbol, 300));
    const { session, baselines, random } = baselinesOf(optionsOf(bars, { sizing: { kind: 'equal-weight' } }), 3);
    const { ledger } = baselines.buyAndHold;
    expect(ledger.map(({ symbol }) => symbol).sort()).toEqual(['A', 'B', 'C', 'D']);
    for (const { quantity, entryPrice } of ledger) expect((quantity * entryPrice) / 1_000_000).toBeCloseTo(0.25, 2);
    expect(mean(baselines.sameExposure!.netExposure)).toBeCloseTo(mean(session.netExposure), 2);
    expect(random[0]!.ledger).toHaveLength(session.ledger.length);
  });

  it('keeps long and short sides in turn', () => {
    const turning: Strategy = {
      ...periodic,
      forSymbol: () => ({
        decide: (view) =>
          view.length % 30 === 5
            ? ruleSignal('BUY', 'up')
            : view.length % 30 === 17
              ? ruleSignal('SELL', 'down')
              : HOLD,
      }),
    };
    const { session, baselines, random } = baselinesOf(
      optionsOf([walk('A', 600)], { strategy: turning, signals: { longShort: true } }),
      5,
    );
    expect(session.ledger.some(({ side }) => side === 'short')).toBe(true);
    for (const run of random) {
      expect(run.ledger.length).toBeGreaterThan(session.ledger.length - 3);
      expect(mean(run.grossExposure) / mean(session.grossExposure)).toBeCloseTo(1, 0);
    }
    const excess = mean(baselines.sameExposure!.netExposure) * baselines.sameExposureScale;
    expect(excess).toBeCloseTo(mean(session.netExposure), 9);
  });

  it('runs under the same limits', () => {
    const { baselines, random } = baselinesOf(optionsOf([walk('A', 300)], { limits: NAMED_LIMITS.standard }), 3);
    for (const run of [baselines.buyAndHold, ...random]) expect(run.grossExposure[1]!).toBeLessThan(0.11);
  });

  it('has nothing to match when the session never traded, and says so', () => {
    const idle: Strategy = { ...periodic, forSymbol: () => ({ decide: () => HOLD }) };
    const { session, baselines } = baselinesOf(optionsOf([walk('A', 100)], { strategy: idle }));
    expect(baselines.sameExposure).toBeNull();
    expect(baselines.random).toHaveLength(0);
    expect(baselines.reasons.join()).toContain('never exposed');
    expect(baselines.reasons.join()).toContain('never traded');
    const { record, withoutBenchmark } = evaluate(session, baselines, { dayOf: utcDayOfClose, periodsPerYear: 365 });
    expect(withoutBenchmark).toBeNull();
    expect(record.excessReturns.every((value) => value === 0)).toBe(true);
  });

  it('cannot judge when not even one lot fits, and says so', () => {
    const options = optionsOf([walk('A', 100)]);
    const session = runHistoricalSession(options);
    const run = baselineRunner({ ...options, capital: 10 });
    const { bars } = options;
    const random = createRandom(1);
    const baselines = runBaselines({ session, bars, market: DAYS, run, random, randomRuns: 1 });
    expect(baselines.sameExposure).toBeNull();
    expect(evaluate(session, baselines, { dayOf: utcDayOfClose, periodsPerYear: 365 }).withoutBenchmark).toContain(
      'no buy-and-hold',
    );
  });

  it('repeats for the same seed', () => {
    const options = optionsOf([walk('A', 300)]);
    expect(baselinesOf(options, 3).baselines).toEqual(baselinesOf(options, 3).baselines);
  });

  it('spends about ten million bars on random runs, an odd number of them', () => {
    expect([1, 5_000, 300_000, 1_000_000, 20_000_000].map(randomRunCount)).toEqual([101, 101, 33, 11, 11]);
  });
});
