import type { OrderState } from './orders/order-state.ts';
import type { ConditionName } from './risk/degradation/condition-name.ts';

/** Told by the venue, found by asking it, or concluded from a position. Records hold the place: append only. */
export const EXECUTION_ORIGINS = ['stream', 'query', 'inferred'] as const;
export type ExecutionOrigin = (typeof EXECUTION_ORIGINS)[number];

/** Why a venue closed a position by itself. Records name them: append only. */
export type ForcedBy = 'liquidation' | 'deleveraging' | 'settlement';
/** Payments of a venue beside executions: between long and short, what a liquidation cost, a fee that is told later. */
export type PaymentKind = 'funding' | 'clearance' | 'fee';

/**
 * What a venue says was executed. Its id makes it count once an account, however often it is told; `sequence` is 0
 * where the order is not one of the session's. `quantity` is signed and of this execution alone; `fee` in currency.
 */
export interface Execution {
  readonly kind: 'execution';
  readonly sequence: number;
  readonly timeMs: number;
  readonly symbol: number;
  readonly executionId: string;
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
  /** Absent where the session has one. */
  readonly account?: string;
  /** How it was learnt of; `stream` by default. */
  readonly origin?: ExecutionOrigin;
  /** Units of the order executed so far with this one, without a sign: no more than that is booked. */
  readonly cumulative?: number | null;
  /** No trade: units that the venue took as a fee. `quantity` is below 0, and no cash moves. */
  readonly takenAsFee?: boolean;
  /** Nobody ordered it: the venue closed the position. */
  readonly forced?: ForcedBy;
  /** When, by the venue's own clock; absent where it is not known. What is asked for later begins there. */
  readonly theirsMs?: number;
}

/** A venue took or gave money without an execution: booked once by its id. `cash` is credited. */
export interface Payment {
  readonly kind: 'payment';
  readonly timeMs: number;
  readonly symbol: number;
  readonly paymentId: string;
  readonly of: PaymentKind;
  readonly cash: number;
  /** The order that it was taken for, where that is known. */
  readonly sequence?: number;
  /** When, by the venue's own clock. */
  readonly theirsMs?: number;
}

/** The venue asks for more margin than there is for `symbol`: it is about to close positions. */
interface MarginCall {
  readonly kind: 'margin-call';
  readonly timeMs: number;
  readonly symbol: number;
  /** What the positions are backed by, and what is needed. */
  readonly equity: number;
  readonly needed: number;
}

/** The venue takes back an execution, which it may not have told of yet. */
export interface Bust {
  readonly kind: 'bust';
  readonly timeMs: number;
  readonly executionId: string;
  readonly account?: string;
}

/** What came of a request to the venue. Only proof refuses; anything else is `unknown`. */
export interface RequestOutcome {
  readonly kind: 'outcome';
  readonly sequence: number;
  readonly timeMs: number;
  readonly of: 'submit' | 'amend' | 'cancel';
  readonly result: 'accepted' | 'refused' | 'unknown';
}

/** What asking the venue for an order of which nothing is known came to, where it was not found. */
interface LookUp {
  readonly kind: 'look-up';
  readonly sequence: number;
  readonly timeMs: number;
  /** Only an answer that was read, after open and closed orders and executions were searched, is `absent`. */
  readonly found: 'absent' | 'unreadable';
}

/** The venue tells of an order of ours what cannot be of it: it is of another symbol, or of the other side. */
interface Contradiction {
  readonly kind: 'contradiction';
  readonly sequence: number;
  readonly timeMs: number;
}

/** Time has passed: what waits for an answer is looked at. */
interface Timer {
  readonly kind: 'timer';
  readonly timeMs: number;
}

/** Our clock was put: what was noted by it before is `stepMs` later from here on, earlier where that is below 0. */
interface ClockStep {
  readonly kind: 'clock-step';
  readonly timeMs: number;
  readonly stepMs: number;
}

/** The connection to the venue was lost, or is there again. */
interface Connectivity {
  readonly kind: 'connectivity';
  readonly timeMs: number;
  readonly connected: boolean;
}

/** Where the session is recorded from here on: what is on this machine's disk alone counts for protective orders. */
interface Recording {
  readonly kind: 'recording';
  readonly timeMs: number;
  readonly place: 'database' | 'local-log';
}

/** What the venue knows of the session's orders and of its account, asked for between `beganMs` and `timeMs`. */
export interface Snapshot {
  readonly kind: 'snapshot';
  readonly beganMs: number;
  /** As of when. */
  readonly timeMs: number;
  /** Every part was read to its end: only then what is missing is not there. */
  readonly complete: boolean;
  /** The session's orders that have not ended there. */
  readonly orders: readonly { readonly sequence: number; readonly state: OrderState }[];
  readonly executions: readonly Execution[];
  /** Signed units and average price of the session's symbols that have a position. */
  readonly positions: readonly { readonly symbol: number; readonly quantity: number; readonly price: number }[];
}

/** Something around the session has got worse or better: see `risk/degradation/degradation-table.ts`. */
export interface Condition {
  readonly kind: 'condition';
  readonly timeMs: number;
  readonly name: ConditionName;
  /** As it was measured, in the unit of its row; 0: it is over. */
  readonly value: number;
}

/**
 * The best bid and ask of a symbol, with the units there. It changes no books and leaves no effect; of each symbol the
 * last one is kept.
 */
export interface Quote {
  readonly kind: 'quote';
  readonly timeMs: number;
  readonly symbol: number;
  readonly bid: number;
  readonly ask: number;
  readonly bidSize: number;
  readonly askSize: number;
}

/** What a venue, the connection to it, or the session's record tells. */
export type VenueEvent =
  | Quote
  | Execution
  | Bust
  | Payment
  | MarginCall
  | RequestOutcome
  | LookUp
  | Contradiction
  | Timer
  | ClockStep
  | Connectivity
  | Condition
  | Recording
  | Snapshot;
