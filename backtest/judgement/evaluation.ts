import type { SessionResult } from '../../trading/session-result.ts';
import type { Baselines } from './baselines.ts';
import { dailyEquity, simpleReturns } from '../statistics/daily-returns.ts';
import { sampleDeviation } from '../statistics/moments.ts';
import { measurePerformance, type MeasuredPerformance } from '../statistics/performance.ts';
import type { TrialRecord } from './trial-history.ts';
import type { MarketDays } from '../../pipelines/calendars/market-days.ts';

/** A session measured beside its benchmark: what a trial stores and what the verdict judges. */
export interface Evaluation {
  readonly session: SessionResult;
  readonly baselines: Baselines;
  readonly market: MarketDays;
  readonly measured: MeasuredPerformance;
  /** Daily net returns of the session and in excess of the benchmark. */
  readonly record: TrialRecord;
  /** Why the excess could not be computed and `record.excessReturns` is empty; null otherwise. */
  readonly withoutBenchmark: string | null;
}

/**
 * Measures a session whose every bar is out of sample. The benchmark is buy-and-hold of the same average exposure as
 * the engine ran it; its daily returns are scaled by `sameExposureScale`, so that what lots cannot express is not taken
 * for skill. A session that was never exposed is compared with cash.
 */
export function evaluate(session: SessionResult, baselines: Baselines, market: MarketDays): Evaluation {
  const measured = measurePerformance(session, market);
  const { returns, daily, insolvent } = measured;
  const benchmark = insolvent === null ? benchmarkReturns(session, baselines, market) : null;
  const excess = benchmark === null ? new Float64Array(returns.length) : distinctFrom(benchmark, returns);
  return {
    session,
    baselines,
    market,
    measured,
    record: { timeMs: daily.timeMs.slice(1), returns, excessReturns: excess },
    withoutBenchmark:
      benchmark === null
        ? (insolvent ?? 'there is no buy-and-hold of the same average exposure to compare with')
        : null,
  };
}

/**
 * A session that holds what its benchmark holds differs from it by what lots cannot express: 1e-4 of its own deviation
 * for a buy-and-hold of an index. Below ten times that the two are one session, and the difference is no record of
 * skill.
 */
const SAME_SESSION = 1e-3;

function distinctFrom(benchmark: Float64Array, returns: Float64Array): Float64Array {
  const excess = returns.map((value, day) => value - benchmark[day]!);
  if (excess.length < 2) return excess;
  return sampleDeviation(excess) < SAME_SESSION * sampleDeviation(returns) ? excess.fill(0) : excess;
}

function benchmarkReturns(session: SessionResult, baselines: Baselines, market: MarketDays): Float64Array | null {
  const { sameExposure, sameExposureScale } = baselines;
  if (sameExposure === null) {
    const exposed = session.netExposure.some((exposure) => exposure !== 0);
    return exposed ? null : new Float64Array(session.timeMs.length);
  }
  const { equity } = dailyEquity(sameExposure.timeMs, sameExposure.equity, market.dayOf);
  return simpleReturns(equity).map((value) => value * sameExposureScale);
}
