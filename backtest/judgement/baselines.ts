import type { BarColumns } from '../../features/bar.ts';
import type { Random } from '../../infra/random.ts';
import type { MarketDays } from '../../pipelines/calendars/market-days.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import { MemoryJournal } from '../../trading/journal/memory-journal.ts';
import type { LedgerEntry, SessionResult } from '../../trading/session-result.ts';
import type { SizingRule } from '../../trading/risk/sizing.ts';
import type { Strategy } from '../../trading/strategies/strategy.ts';
import { equityBefore } from '../statistics/equity-before.ts';
import { mean, median } from '../statistics/moments.ts';
import { insolvencyOf, measurePerformance, type Performance } from '../statistics/performance.ts';
import { thinned } from '../statistics/thinned.ts';
import { buyOnce, randomHoldings } from './baseline-strategies.ts';

/** A session to run under the costs, limits, capital and bars of the one it stands beside. */
interface BaselinePlan {
  readonly strategy: Strategy;
  readonly sizing: SizingRule;
  /** True when SELL must be able to open a short position. */
  readonly longShort: boolean;
}

export interface BaselineOptions {
  /** The session that the baselines stand beside. */
  readonly session: SessionResult;
  /** Its bars. */
  readonly bars: readonly BarColumns[];
  /** How days are counted where random runs are measured. */
  readonly market: MarketDays;
  /** Runs the same engine under the same costs, limits and capital over the same bars. */
  readonly run: (plan: BaselinePlan) => SessionResult;
  readonly random: Random;
  /** Random runs; chosen by the number of bars when absent. */
  readonly randomRuns?: number;
}

/**
 * What is kept of a random run: eleven whole sessions of a panel of minutes take more memory than a fifth of its bars.
 */
export interface RandomRun {
  readonly performance: Performance;
  /** The account came to owe money. */
  readonly isInsolvent: boolean;
  /** Equity at the marks of the session that are drawn: `thinned`. */
  readonly drawn: Float64Array;
}

/** The sessions that a result stands beside; null where the session never held anything, with the reason. */
export interface Baselines {
  readonly buyAndHold: SessionResult;
  readonly sameExposure: SessionResult | null;
  /** Average net exposure of the session over that of `sameExposure`: near 1, off by what lots cannot express. */
  readonly sameExposureScale: number;
  readonly random: readonly RandomRun[];
  readonly reasons: readonly string[];
}

/** Runs of the engine spent on matching the average exposure; lots and drift are usually settled after three. */
const MATCHING_RUNS_MAX = 6;
/** Sessions that baselines usually take besides the random ones: buy-and-hold, and those of the matching. */
export const BASELINE_SESSIONS = 4;
const MATCHING_TOLERANCE = 0.002;

/**
 * Runs plans over the bars of `options` with its costs, limits and capital. The experiment's own signal rules
 * (thresholds, cooldown) do not apply: a baseline has no probabilities, and a cooldown would change its turnover.
 */
export function baselineRunner(options: HistoricalSessionOptions): BaselineOptions['run'] {
  const symbols = options.bars.map(({ symbol }) => symbol);
  return ({ strategy, sizing, longShort }) =>
    runHistoricalSession({
      ...options,
      strategy,
      sizing,
      signals: { longShort },
      // They hold what the market gives: a stop would make them strategies.
      protection: undefined,
      journal: new MemoryJournal(symbols, { keep: false }),
      onProgress: undefined,
    });
}

/** Runs all baselines. Pure but for the engine runs; the same random stream gives the same baselines. */
export function runBaselines(options: BaselineOptions): Baselines {
  const { session, bars, run } = options;
  const reasons: string[] = [];
  const buyAndHold = run({
    strategy: buyOnce('BUY', 'buy-and-hold'),
    sizing: bars.length === 1 ? { kind: 'all-in' } : { kind: 'equal-weight' },
    longShort: false,
  });
  const insolvent = insolvencyOf(session);
  const target = mean(session.netExposure);
  const matched = insolvent === null ? matchExposure(target, bars.length, run) : null;
  if (insolvent !== null) reasons.push(`buyAndHoldSameExposure: ${insolvent}, nor an exposure.`);
  else if (matched === null) {
    reasons.push(
      target === 0
        ? 'buyAndHoldSameExposure: the strategy was never exposed, so its benchmark is cash.'
        : `buyAndHoldSameExposure: no position of an average ${(target * 100).toFixed(3)} % of equity fits the lots and limits.`,
    );
  }
  const random = session.ledger.length === 0 ? [] : runRandom(options);
  if (random.length === 0)
    reasons.push('randomSameTurnover: the strategy never traded, so there is no turnover to match.');
  return {
    buyAndHold,
    sameExposure: matched?.session ?? null,
    sameExposureScale: matched === null ? 1 : target / mean(matched.session.netExposure),
    random,
    reasons,
  };
}

/**
 * Buys (or, for a negative target, sells short) once and holds, at the initial fraction whose average net exposure is
 * nearest to `target`. Exposure drifts with the price, so the fraction is found by running: a regula falsi through the
 * origin.
 */
function matchExposure(
  target: number,
  symbols: number,
  run: BaselineOptions['run'],
): { session: SessionResult; miss: number } | null {
  if (target === 0) return null;
  const strategy = buyOnce(target > 0 ? 'BUY' : 'SELL', 'buy-and-hold of the same average exposure');
  let fraction = Math.abs(target) / symbols;
  let best: { session: SessionResult; miss: number } | null = null;
  for (let attempt = 0; attempt < MATCHING_RUNS_MAX; attempt++) {
    const sizing: SizingRule = { kind: 'fraction-of-equity', fraction: Math.min(1, fraction) };
    const session = run({ strategy, sizing, longShort: target < 0 });
    const reached = mean(session.netExposure) / target;
    if (reached > 0 && Math.abs(reached - 1) < (best?.miss ?? Infinity))
      best = { session, miss: Math.abs(reached - 1) };
    if (Math.abs(reached - 1) < MATCHING_TOLERANCE) break;
    // Nothing could be bought: one lot costs more than the fraction. Ask for more until a lot fits.
    fraction = reached > 0 ? fraction / reached : fraction * 2;
    if (fraction > 2) break;
  }
  return best;
}

/**
 * Keeps the cost of the random runs near ten million bars, at least 11 runs and at most 101; odd, so that a median run
 * exists.
 */
export function randomRunCount(bars: number): number {
  const affordable = Math.floor(10_000_000 / Math.max(1, bars));
  return Math.min(101, Math.max(11, affordable - ((affordable + 1) % 2)));
}

function runRandom({ session, bars, market, run, random, randomRuns }: BaselineOptions): RandomRun[] {
  const runs = randomRuns ?? randomRunCount(session.bars);
  if (runs === 0) return [];
  const longShort = session.ledger.some((entry) => entry.side === 'short');
  const sizing: SizingRule = { kind: 'fraction-of-equity', fraction: typicalFraction(session) };
  const points = thinned(session.equity);
  return Array.from({ length: runs }, (_, index) => {
    const own = random.fork(`random run ${index}`);
    const done = run({ strategy: randomHoldings({ ledger: session.ledger, bars, random: own }), sizing, longShort });
    const { performance, insolvent } = measurePerformance(done, market);
    const drawn = Float64Array.from(points, (mark) => done.equity[mark]!);
    return { performance, isInsolvent: insolvent !== null, drawn };
  });
}

/** Median over the trades of entry notional over equity at the last mark before entry, at most 1. */
function typicalFraction(session: SessionResult): number {
  const share = (entry: LedgerEntry): number =>
    (entry.quantity * entry.entryPrice) / equityBefore(session, entry.entryTimeMs);
  return Math.min(1, median(session.ledger.map(share)));
}
