import type { AlertSeverity } from '../../../infra/alerts/alert.ts';
import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import type { RefusalCode } from '../../refusal.ts';
import type { ConditionName } from './condition-name.ts';

/** Settings of the table, each with the key of `limits.degradation` that changes it. */
export type DegradationSettings = NonNullable<RiskLimits['degradation']>;

export const DEFAULT_DEGRADATION: DegradationSettings = {
  lateShare: 0.5,
  latencyMsMax: 100,
  latencyOrdersPerMinute: 6,
  ordersFailingMax: 3,
  healthSeconds: 300,
};

/** What is done while the value of a condition is at least `from`. */
export interface DegradationStep {
  /** A value of the condition, or the setting that holds it. */
  readonly from: number | keyof DegradationSettings;
  /** What may open: smaller sizes, fewer orders, or nothing. What reduces always passes. */
  readonly opens: 'smaller' | 'fewer' | 'nothing';
  /** Orders that work and would open are cancelled. */
  readonly cancelsOpenings?: true;
  /** The session is stopped as by `emergency-stop`. */
  readonly stops?: true;
  readonly severity: AlertSeverity;
}

/** A row of the table: what has happened, what is done, and how it is over. */
export interface DegradationRow {
  readonly when: string;
  readonly does: string;
  readonly recovers: string;
  /** What openings are refused with; null where nothing is refused. */
  readonly code: RefusalCode | null;
  /** By the value of the condition, mildest first; none where an event of its own leads to it. */
  readonly steps: readonly DegradationStep[];
}

/** Conditions with a measured value: the rows that `Conditions` obeys. */
const MEASURED = {
  'data-late': {
    when: 'closes of the session that are overdue by the hours of its market',
    does: 'the last close stays the mark; from one overdue on openings are smaller (lateShare), from two on none opens',
    recovers: 'with the first close that comes on time, from the next decision on',
    code: 'data-late',
    steps: [
      { from: 1, opens: 'smaller', severity: 'warning' },
      { from: 2, opens: 'nothing', severity: 'critical' },
    ],
  },
  'orders-failing': {
    when: 'requests about orders in a row of which nobody knows what came (ordersFailingMax)',
    does: 'nothing opens, orders that would open are cancelled, the session observes and alerts',
    recovers: 'with the first request that the venue answers',
    code: 'orders-failing',
    steps: [{ from: 'ordersFailingMax', opens: 'nothing', cancelsOpenings: true, severity: 'critical' }],
  },
  latency: {
    when: 'median of the last ten requests about orders, from leaving to answer, in ms (latencyMsMax)',
    does: 'fewer orders: openings wait for their turn of latencyOrdersPerMinute',
    recovers: 'when the median is below latencyMsMax again',
    code: 'latency',
    steps: [{ from: 'latencyMsMax', opens: 'fewer', severity: 'warning' }],
  },
  'venue-breaker': {
    when: 'seconds for which the breaker of the requests to the venue is open (healthSeconds)',
    does: 'nothing opens; cancels and exits go on trying; from healthSeconds on an emergency stop',
    recovers: 'when a request that tries is answered; after an emergency stop by an operator',
    code: 'venue-breaker',
    steps: [
      { from: 1, opens: 'nothing', severity: 'critical' },
      { from: 'healthSeconds', opens: 'nothing', stops: true, severity: 'critical' },
    ],
  },
} as const satisfies Record<ConditionName, DegradationRow>;

/** What an event of its own leads to, wherever in the engine: the same words, without a measured value. */
const TOLD = {
  'stream-lost': {
    when: 'the stream of the venue is lost, or has not agreed with the books since',
    does: 'nothing opens; exits and cancels leave',
    recovers: 'when a reading of everything agrees with the books',
    code: 'away',
    steps: [],
  },
  'database-away': {
    when: 'nothing can be recorded in the database',
    does: 'nothing opens, because it could not be recorded; orders that rest at the venue go on protecting',
    recovers: 'when the database takes records again; a session that ended is started again by its supervisor',
    code: null,
    steps: [],
  },
  'order-in-doubt': {
    when: 'nobody knows what became of an order',
    does: 'nothing opens in its symbol; it is asked for by its id',
    recovers: 'when the venue has shown it, or its absence is proven',
    code: 'order-unknown',
    steps: [],
  },
  mismatch: {
    when: 'the venue holds another position than the books, of a small worth',
    does: "the venue's word is booked as an adjustment",
    recovers: 'by itself; the fourth of a symbol is one that repeats',
    code: null,
    steps: [],
  },
  'mismatch-repeated': {
    when: 'the venue holds another position than the books, again and again or by more than a small worth',
    does: 'positions may only shrink',
    recovers: 'when an operator has looked and says `resume`',
    code: 'reduce-only',
    steps: [],
  },
  drawdown: {
    when: 'equity has fallen from its peak by the limit of a drawdown',
    does: 'halted: nothing opens',
    recovers: 'when an operator says `resume`',
    code: 'drawdown-halt',
    steps: [],
  },
  'daily-loss': {
    when: "the day's loss has reached its limit",
    does: 'nothing opens',
    recovers: 'with the next trading day',
    code: 'daily-loss',
    steps: [],
  },
  rejections: {
    when: 'the venue rejects more orders than allowed, in a row or within a minute',
    does: 'halted: nothing opens',
    recovers: 'when an operator says `resume`',
    code: 'rejections',
    steps: [],
  },
  emergency: {
    when: 'an operator says so, or a limit of `limits.emergencyStop` is reached',
    does: 'no signal is heard, every working order is cancelled, on request all is closed; then it only observes',
    recovers: 'when an operator says `resume` and consents',
    code: 'emergency-stop',
    steps: [],
  },
} as const satisfies Record<string, DegradationRow>;

/**
 * The table of degradation: what a session does when something around it fails. Measured conditions are recorded as
 * events before they act, so that a replay does the same.
 */
export const DEGRADATION_TABLE: Readonly<Record<ConditionName, DegradationRow>> &
  Readonly<Record<keyof typeof TOLD, DegradationRow>> = { ...MEASURED, ...TOLD };

/** The value from which a step holds under these settings. */
export function threshold({ from }: DegradationStep, settings: DegradationSettings): number {
  return typeof from === 'number' ? from : settings[from];
}
