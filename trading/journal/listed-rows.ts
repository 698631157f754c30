import type { LedgerRow } from './ledger-rows.ts';

/** Which rows of a session are asked for, the newest first. */
export interface RowsAsked {
  readonly limit: number;
  /** Only what came before this sequence or record: the next page of what was read. */
  readonly before?: number | undefined;
  /** Only what came after this, and the oldest first: a file is written from the first row to the last. */
  readonly after?: number | undefined;
  readonly symbol?: string | undefined;
  readonly strategy?: string | undefined;
  /** Only what was at `[fromMs, toMs)` of the market's time. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** An order as it is listed, with what came of it so far. */
export interface ListedOrder {
  readonly sequence: number;
  readonly clientOrderId: string;
  readonly time: Date;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: string;
  readonly role: string | null;
  /** Units without a sign; 0 for one that is sized when it is filled. */
  readonly quantity: number;
  readonly triggerPrice: number | null;
  readonly limitPrice: number | null;
  readonly timeInForce: string;
  readonly state: string;
  readonly filled: number;
  readonly averagePrice: number | null;
  readonly clippedBy: string | null;
  readonly strategy: string | null;
  /** Number of the order that it executes a part of, and how that is executed; null where it is whole. */
  readonly parent: number | null;
  readonly algorithm: string | null;
  /** Of that one: units that were given up, and why; null before its end. */
  readonly givenUp: number | null;
  readonly givenUpFor: string | null;
  /** Its prices after the last change; those of a trailing stop stay what they were when it was placed. */
  readonly currentTrigger: number | null;
  readonly currentLimit: number | null;
}

/** A fill as it is listed. */
export interface ListedFill {
  readonly record: number;
  readonly sequence: number;
  readonly time: Date;
  readonly symbol: string;
  /** Signed units; a fill that the venue took back has the sign of what it undid. */
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
  readonly slippage: number;
  readonly executionId: string | null;
  readonly takesBack: boolean;
  readonly origin: string | null;
  readonly strategy: string | null;
}

/** The price at which an order was decided on. */
export interface DecisionPrice {
  readonly sequence: number;
  readonly price: number;
  readonly type: string;
}

/** A signal as it is listed. */
export interface ListedSignal {
  readonly record: number;
  readonly time: Date;
  readonly symbol: string;
  readonly action: 'BUY' | 'SELL';
  readonly probability: number | null;
  readonly confidence: number;
  readonly reason: string;
  readonly model: string | null;
  readonly novelty: number | null;
  readonly strategy: string | null;
  readonly strength: string | null;
  readonly expiresAt: Date | null;
  /** Why it was not let through; null where it was. */
  readonly refused: string | null;
}

/** A signal or an order that was not let through, as it is listed. */
export interface ListedRefusal {
  readonly record: number;
  readonly time: Date;
  readonly symbol: string;
  readonly stage: string;
  readonly code: string;
  readonly reason: string;
}

/** How much a session has on record, by kind. */
export interface RecordCounts {
  readonly signals: number;
  readonly orders: number;
  readonly working: number;
  readonly fills: number;
  readonly refusals: number;
}

/** An order that has been approved and is neither filled nor over. */
export interface WorkingOrder {
  readonly sessionId: string;
  readonly sequence: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  /** Units without a sign; 0 for one that is sized when it is filled. */
  readonly quantity: number;
}

/** What the bookings of one kind add up to, in exact decimals. */
export interface Booked {
  readonly sessionId: string;
  readonly kind: LedgerRow['kind'];
  readonly entries: number;
  readonly amount: string;
  /** Cash of the session: its capital and all of its bookings. */
  readonly cash: string;
}
