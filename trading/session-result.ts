import type { StrategyShare } from './portfolio/strategy-shares.ts';
import type { OrderRole } from './orders/order-terms.ts';
import type { Financed } from './financing/financing-rule.ts';
import type { SignalStrength } from './signals/signal-strength.ts';
import type { RiskLimits } from '../models/experiment/experiment.ts';

/** One entry and its exit; a position still open at the end has `exitTimeMs` null and is marked at the last close. */
export interface LedgerEntry {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: number;
  readonly entryTimeMs: number;
  readonly entryPrice: number;
  readonly exitTimeMs: number | null;
  readonly exitPrice: number;
  /** What closed it: the strategy or risk (`signal`), or an order that protected it; null while it is open. */
  readonly exit: 'signal' | OrderRole | null;
  /** Net of `fees`, in currency. */
  readonly pnl: number;
  readonly fees: number;
}

/** A signal or an order that was not let through, and why: stored like an approved one. */
export interface Refusal {
  readonly timeMs: number;
  readonly symbol: string;
  readonly stage: 'signal' | 'risk' | 'broker';
  /** Machine-readable: `position-limit`, `daily-loss`, `drawdown-halt`, `stale`, `not-finite`, ... */
  readonly code: string;
  /** In words, with the numbers. */
  readonly reason: string;
}

/** Refusals of one code: how many, and the latest of them in words. */
export interface RefusalGroup {
  readonly code: string;
  readonly stage: Refusal['stage'];
  readonly count: number;
  readonly latest: Refusal;
}

/** A BUY, SELL or HOLD with what it was based on. */
export interface SignalRecord {
  readonly timeMs: number;
  readonly symbol: string;
  readonly action: 'BUY' | 'SELL' | 'HOLD';
  /** Calibrated probability of up for a model, null for a rule. */
  readonly probability: number | null;
  /** 0 to 1. */
  readonly confidence: number;
  readonly reason: string;
  /** As the signal has them: the version that decided, and how unlike its training rows the row was. */
  readonly model?: string | null;
  readonly novelty?: number | null;
  readonly disagreement?: number | null;
  /** Class of its confidence. */
  readonly strength?: SignalStrength;
}

/** What one run of the engine leaves behind, whatever drove it. */
export interface SessionResult {
  readonly bars: number;
  readonly symbols: readonly string[];
  /** Distinct closes at which equity was marked, ascending, and equity there in currency. */
  readonly timeMs: Float64Array;
  readonly equity: Float64Array;
  /** Sum of absolute position values / equity at each mark: 0 is flat. */
  readonly grossExposure: Float64Array;
  /** Signed position value / equity at each mark. */
  readonly netExposure: Float64Array;
  readonly initialCapital: number;
  readonly ledger: readonly LedgerEntry[];
  readonly fills: number;
  readonly fees: number;
  /** Cost of half spread and slippage, in currency. */
  readonly slippage: number;
  /** Sum of |quantity x price| over fills, in currency. */
  readonly tradedNotional: number;
  /** All of them in order; made when somebody looks. */
  readonly refusals: readonly Refusal[];
  /** The same by code, most frequent first. */
  readonly refused: readonly RefusalGroup[];
  /** The last signals, newest last; all of them are in the journal. */
  readonly lastSignals: readonly SignalRecord[];
  readonly limits: RiskLimits;
  /** What stopped or bent the session: a drawdown halt, a daily loss, ... */
  readonly reasons: readonly string[];
  /** SHA-256 over decisions, orders and fills. */
  readonly journalHash: string;
  /** What holding cost, where that was asked for. Interest is in the equity, and in no entry of the ledger. */
  readonly financing?: Financed | undefined;
  /** What came of each strategy, where several share the account. */
  readonly strategies?: readonly StrategyShare[];
}
