import { DAY_MS } from '../../features/timeframe.ts';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { scorePredictions } from '../../models/scores/prediction-scores.ts';
import { scoreReasons, scoreValues } from '../../models/training/fold/fold-summary.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { HOLD, type Signal, type Strategy } from '../../trading/strategies/strategy.ts';
import { baselineRunner, runBaselines } from '../judgement/baselines.ts';
import { evaluate, type Evaluation } from '../judgement/evaluation.ts';
import type { WalkForwardOutcome } from '../judgement/fold-outcome.ts';
import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';

/**
 * What the examples of this folder's tests and of its report are made of: simulated, seeded, run by the real engine.
 */
export interface ExampleOptions {
  readonly bars?: number;
  readonly seed?: number;
  /** Correlation of each bar's return with the forecast that the strategy sees: 0 is pure noise. */
  readonly skill?: number;
  /** Mean return of a bar. */
  readonly drift?: number;
  readonly limits?: 'standard' | 'unbounded';
  readonly randomRuns?: number;
}

/** What the example's orders cost. */
export const EXAMPLE_COSTS = { feeBps: 0.2, halfSpreadBps: 0.2 };

export interface Example {
  readonly options: HistoricalSessionOptions;
  readonly evaluation: Evaluation;
  readonly walkForward: WalkForwardOutcome;
}

/** Daily closes at 21:00 UTC and, per bar, a standard normal forecast of the next bar's return with the given skill. */
function market({ bars: length, seed, skill, drift }: Required<Omit<ExampleOptions, 'limits' | 'randomRuns'>>): {
  bars: BarColumns;
  forecast: Float64Array;
} {
  const random = createRandom(`example ${seed}`);
  const forecast = Float64Array.from({ length }, () => random.normal());
  const bars = createBarColumns('EXAMPLE', length);
  let price = 100;
  for (let i = 0; i < length; i++) {
    bars.closeTimeMs[i] = Date.UTC(2012, 0, 2, 21) + i * DAY_MS;
    bars.openTimeMs[i] = bars.closeTimeMs[i]! - 6.5 * 3_600_000;
    bars.open[i] = price;
    const known = i === 0 ? 0 : forecast[i - 1]!;
    price *= 1 + drift + 0.01 * (skill * known + Math.sqrt(1 - skill * skill) * random.normal());
    bars.close[i] = price;
    bars.high[i] = Math.max(bars.open[i]!, price) * 1.001;
    bars.low[i] = Math.min(bars.open[i]!, price) * 0.999;
    bars.volume[i] = 1e6;
  }
  return { bars, forecast };
}

function forecaster(probability: Float64Array): Strategy {
  const signalOf = (p: number): Signal => ({
    action: p > 0.52 ? 'BUY' : p < 0.48 ? 'SELL' : 'HOLD',
    probability: p,
    confidence: Math.abs(2 * p - 1),
    ageBars: 0,
    reason: `probability of up ${p.toFixed(3)}`,
  });
  return {
    name: 'example ensemble',
    parameters: { buyAbove: 0.52, sellBelow: 0.48 },
    forSymbol: () => ({
      decide: (view) => (view.length === 0 ? HOLD : signalOf(probability[view.length - 1]!)),
    }),
  };
}

/** Runs the example: a forecaster of known skill, its baselines and its walk-forward scores in folds of 250 bars. */
export function runExample(given: ExampleOptions = {}): Example {
  const { bars: length = 1_500, seed = 1, skill = 0.12, drift = 0.0003, limits = 'unbounded', randomRuns = 21 } = given;
  const { bars, forecast } = market({ bars: length, seed, skill, drift });
  const probability = forecast.map((value) => 0.5 + 0.06 * Math.max(-2.5, Math.min(2.5, value)));
  const options: HistoricalSessionOptions = {
    bars: [bars],
    instruments: [{ symbol: 'EXAMPLE', assetClass: 'simulated', currency: 'USD', tick: 0.01, lot: 1, sector: null }],
    strategy: forecaster(probability),
    sizing: { kind: 'fraction-of-equity', fraction: 0.9 },
    limits: NAMED_LIMITS[limits],
    signals: { longShort: false },
    broker: simulatedBroker(EXAMPLE_COSTS),
    capital: 1_000_000,
  };
  const session = runHistoricalSession(options);
  const random = createRandom(`example ${seed}`);
  const days = { dayOf: utcDayOfClose, periodsPerYear: 252 } as const;
  const measured = { session, bars: [bars], market: days, run: baselineRunner(options) };
  const baselines = runBaselines({ ...measured, random, randomRuns });
  const evaluation = evaluate(session, baselines, days);
  return { options, evaluation, walkForward: scoredFolds(bars, probability) };
}

function scoredFolds(bars: BarColumns, probability: Float64Array): WalkForwardOutcome {
  const realised = Float64Array.from(bars.close, (close, i) => (bars.close[i + 1] ?? close) / close - 1);
  const score = (from: number, to: number) => ({
    score: probability.slice(from, to),
    probability: probability.slice(from, to),
    y: realised.slice(from, to).map((value) => (value > 0 ? 1 : 0)),
    realisedReturn: realised.slice(from, to),
    decisionTimeMs: bars.closeTimeMs.slice(from, to),
  });
  const iso = (index: number): string => new Date(bars.closeTimeMs[index]!).toISOString();
  const folds = [];
  for (let from = 0; from + 250 <= bars.length; from += 250) {
    const report = scorePredictions(score(from, from + 250));
    const testRows = report.rows;
    const [train, purge, embargo] = [
      { from: iso(0), to: iso(Math.max(0, from - 7)) },
      { from: iso(Math.max(0, from - 6)), to: iso(Math.max(0, from - 6)) },
      { from: iso(Math.max(0, from - 5)), to: iso(Math.max(0, from - 1)) },
    ];
    const test = { from: iso(from), to: iso(from + 249) };
    const reasons = scoreReasons(report);
    folds.push({
      ...{ index: folds.length, train, purge, embargo, test, trainRows: 1_000 + from, testRows },
      ...{ ...scoreValues(report.scores), reasons },
    });
  }
  const bootstrap = { random: createRandom('example scores'), horizonBars: 1, resamples: 300 };
  return { folds, pooled: scorePredictions(score(0, bars.length - 1), bootstrap) };
}
