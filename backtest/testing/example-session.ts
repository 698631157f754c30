import { DAY_MS } from '../../features/timeframe.ts';
import type { LedgerEntry, SessionResult } from '../../trading/session-result.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';

/** 2020-01-01T21:00:00Z: a close in New York's winter. */
export const FIRST_CLOSE_MS = Date.UTC(2020, 0, 1, 21);

/** A session with the given equity at daily closes and nothing else, for tests that need only some of its fields. */
export function sessionOf(equity: ArrayLike<number>, rest: Partial<SessionResult> = {}): SessionResult {
  const length = equity.length;
  return {
    bars: length,
    symbols: ['TEST'],
    timeMs: Float64Array.from({ length }, (_, day) => FIRST_CLOSE_MS + day * DAY_MS),
    equity: Float64Array.from(equity),
    grossExposure: new Float64Array(length),
    netExposure: new Float64Array(length),
    initialCapital: equity[0] ?? 0,
    ledger: [],
    fills: 0,
    fees: 0,
    slippage: 0,
    tradedNotional: 0,
    refusals: [],
    refused: [],
    lastSignals: [],
    limits: NAMED_LIMITS.standard,
    reasons: [],
    journalHash: '0'.repeat(64),
    ...rest,
  };
}

/** Equity of `capital` after each of `returns`. */
export function equityOf(returns: ArrayLike<number>, capital = 100_000): Float64Array {
  const equity = new Float64Array(returns.length + 1);
  equity[0] = capital;
  for (let i = 0; i < returns.length; i++) equity[i + 1] = equity[i]! * (1 + returns[i]!);
  return equity;
}

/** A closed trade of the given profit; `open` leaves it open. */
export function tradeOf(pnl: number, open = false): LedgerEntry {
  return {
    symbol: 'TEST',
    side: 'long',
    quantity: 10,
    entryTimeMs: FIRST_CLOSE_MS,
    entryPrice: 100,
    exitTimeMs: open ? null : FIRST_CLOSE_MS + DAY_MS,
    exitPrice: 100 + pnl / 10,
    exit: open ? null : 'signal',
    pnl,
    fees: 0,
  };
}
