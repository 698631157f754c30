import { DAY_MS } from '../../features/timeframe.ts';
import type { LedgerEntry, SessionResult } from '../../trading/session-result.ts';
import { dailyEquity, simpleReturns, type DailyEquity } from './daily-returns.ts';
import { maximumDrawdown } from './drawdown.ts';
import { amount, plural } from '../number-format.ts';
import { mean } from './moments.ts';
import { annualVolatility, calmarRatio, compoundAnnualGrowth, sharpeRatio, sortinoRatio } from './sharpe-ratio.ts';
import type { MarketDays } from '../../pipelines/calendars/market-days.ts';

const DAYS_PER_YEAR = 365.25;

/**
 * The figures of one session. Ratios are fractions, drawdowns at or below 0, money in the currency of the capital. Null
 * where a figure cannot be computed honestly; `reasons` then says why.
 */
export interface Performance {
  readonly from: string;
  readonly to: string;
  readonly initialCapital: number;
  readonly finalEquity: number;
  readonly peakEquity: number;
  readonly totalReturn: number;
  readonly cagr: number | null;
  readonly volatility: number | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly calmar: number | null;
  readonly maxDrawdown: number;
  readonly maxDrawdownFrom: string | null;
  readonly maxDrawdownTo: string | null;
  /** Mean over the marks of the sum of absolute position values over equity. */
  readonly exposure: number | null;
  /** Traded notional over mean equity, per year. */
  readonly turnover: number | null;
  readonly trades: number;
  readonly winRate: number | null;
  readonly profitFactor: number | null;
  /** Mean net profit of a closed trade, in currency. */
  readonly expectancy: number | null;
  readonly fees: number;
  readonly slippage: number;
  readonly reasons: readonly string[];
}

/** A performance with what it was computed from, for the statistics that follow. */
export interface MeasuredPerformance {
  readonly performance: Performance;
  readonly daily: DailyEquity;
  /** Simple returns between neighbours of `daily`: of each trading day that anything could be earned on. */
  readonly returns: Float64Array;
  /** When and how far the account first owed money: `returns` are then all 0. Null where it never did. */
  readonly insolvent: string | null;
}

/**
 * Measures a session. Drawdowns are taken from every mark, so that an intraday fall counts; returns and the ratios over
 * them from the closes of trading days. A session without a single mark is a broken invariant.
 */
export function measurePerformance(session: SessionResult, market: MarketDays): MeasuredPerformance {
  const marks = session.timeMs.length;
  if (marks === 0) throw new Error('a session without a mark has no performance');
  const daily = dailyEquity(session.timeMs, session.equity, market.dayOf);
  const insolvent = insolvencyOf(session);
  const returns = insolvent === null ? simpleReturns(daily.equity) : new Float64Array(daily.equity.length - 1);
  const trades = tradeFigures(session.ledger);
  const unmeasured = insolvent === null ? returnReasons(returns, session) : [`${WITHOUT_EQUITY}: ${insolvent}.`];
  const reasons = [...unmeasured, ...trades.reasons];
  const days = (session.timeMs[marks - 1]! - session.timeMs[0]!) / DAY_MS;
  const drawdown = maximumDrawdown(session.equity);
  const finalEquity = session.equity[marks - 1]!;
  const cagr = insolvent === null ? compoundAnnualGrowth(session.initialCapital, finalEquity, days) : null;
  if (drawdown.depth === 0)
    reasons.push('calmar, maxDrawdownFrom and maxDrawdownTo: equity never fell below an earlier peak.');
  const performance: Performance = {
    from: isoTime(session.timeMs[0]!),
    to: isoTime(session.timeMs[marks - 1]!),
    initialCapital: session.initialCapital,
    finalEquity,
    peakEquity: session.equity.reduce((peak, value) => Math.max(peak, value), -Infinity),
    totalReturn: finalEquity / session.initialCapital - 1,
    cagr,
    volatility: insolvent !== null || returns.length < 2 ? null : annualVolatility(returns, market.periodsPerYear),
    sharpe: sharpeRatio(returns, market.periodsPerYear),
    sortino: sortinoRatio(returns, market.periodsPerYear),
    calmar: calmarRatio(cagr, drawdown.depth),
    maxDrawdown: drawdown.depth,
    maxDrawdownFrom: drawdown.peak === null ? null : isoTime(session.timeMs[drawdown.peak]!),
    maxDrawdownTo: drawdown.trough === null ? null : isoTime(session.timeMs[drawdown.trough]!),
    exposure: insolvent === null ? mean(session.grossExposure) : null,
    turnover:
      insolvent === null && days > 0 ? session.tradedNotional / mean(session.equity) / (days / DAYS_PER_YEAR) : null,
    trades: session.ledger.length,
    winRate: trades.winRate,
    profitFactor: trades.profitFactor,
    expectancy: trades.expectancy,
    fees: session.fees,
    slippage: session.slippage,
    reasons,
  };
  return { performance, daily, returns, insolvent };
}

const WITHOUT_EQUITY = 'cagr, volatility, sharpe, sortino, calmar, exposure and turnover';

/**
 * When and how far equity first fell to 0 or below, in words: a return on what is owed has no meaning, and its sign is
 * turned round. Null where equity was always positive.
 */
export function insolvencyOf({ timeMs, equity }: Pick<SessionResult, 'timeMs' | 'equity'>): string | null {
  const first = equity.findIndex((value) => value <= 0);
  if (first < 0) return null;
  const words = 'and an account without equity has no returns';
  return `equity was ${amount(equity[first]!)} on ${isoTime(timeMs[first]!)}, ${words}`;
}

/** ISO 8601 in UTC without empty milliseconds: `2020-04-17T20:00:00Z`. */
export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}

function returnReasons(returns: Float64Array, session: SessionResult): string[] {
  const reasons: string[] = [];
  const marks = session.timeMs.length;
  const last = session.equity[marks - 1]!;
  if (session.timeMs[marks - 1] === session.timeMs[0]) {
    reasons.push('cagr, calmar and turnover: equity was marked once only, which spans no time.');
  } else if (!(last > 0))
    reasons.push(`cagr and calmar: the final equity of ${last} is not positive, so nothing can grow.`);
  if (returns.length < 2) {
    reasons.push(`volatility, sharpe and sortino: ${plural(returns.length, 'daily return')}; two are the least.`);
    return reasons;
  }
  if (sharpeRatio(returns, 1) === null) reasons.push('sharpe: the daily returns do not vary.');
  if (sortinoRatio(returns, 1) === null) reasons.push('sortino: no daily return is negative.');
  return reasons;
}

type TradeFigures = Pick<Performance, 'winRate' | 'profitFactor' | 'expectancy' | 'reasons'>;

/** Closed trades only; an open one has not been won or lost. */
function tradeFigures(ledger: readonly LedgerEntry[]): TradeFigures {
  const closed = ledger.filter((entry) => entry.exitTimeMs !== null);
  if (closed.length === 0) {
    const reasons = ['winRate, profitFactor and expectancy: no trade was closed.'];
    return { winRate: null, profitFactor: null, expectancy: null, reasons };
  }
  let won = 0;
  let lost = 0;
  let wins = 0;
  for (const { pnl } of closed) {
    if (pnl > 0) {
      wins++;
      won += pnl;
    } else lost -= pnl;
  }
  return {
    winRate: wins / closed.length,
    profitFactor: lost > 0 ? won / lost : null,
    expectancy: (won - lost) / closed.length,
    reasons: lost > 0 ? [] : ['profitFactor: no closed trade lost money.'],
  };
}
