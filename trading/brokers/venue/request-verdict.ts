import type { ForcedBy, PaymentKind } from '../../venue-event.ts';

/** What a request came to, by name. */
export type VerdictName =
  | 'accepted'
  /** The venue has had an order of this id before: it is to be looked up. */
  | 'duplicate-id'
  | 'unauthorised'
  | 'forbidden'
  | 'insufficient-funds'
  | 'insufficient-quantity'
  | 'wash-trade'
  | 'account-blocked'
  | 'not-found'
  | 'invalid'
  | 'not-cancelable'
  /** Our own table of capabilities: it has not left. */
  | 'not-supported'
  | 'rate-limited'
  | 'not-connected'
  /** Given up before it was sent. */
  | 'not-sent'
  | 'conflict'
  | 'timed-out'
  | 'cut-off'
  | 'garbled'
  | 'server-error'
  /** Our clock and the venue's are too far apart: it was not looked at. */
  | 'clock-skew'
  /** A stop whose price the market has passed already. */
  | 'would-trigger'
  /** An order that may only add to the book, and would be filled at once. */
  | 'would-take'
  /** The venue trades nothing in it at the moment. */
  | 'market-closed'
  | 'too-many-orders'
  /** It may only reduce, and there is nothing to be reduced. */
  | 'nothing-to-reduce'
  /** It is worth less than the venue takes. */
  | 'below-minimum'
  /** It was to be filled at once and whole, and could not. */
  | 'not-immediate';

/**
 * What is proven of a request. `refused` and `not-processed` are proof that nothing came of it: the first will come to
 * the same again, the second may be sent once more under the same id. `unknown` is proof of nothing.
 */
export interface RequestVerdict {
  readonly result: 'accepted' | 'refused' | 'not-processed' | 'unknown';
  readonly name: VerdictName;
  /** The venue's own words, or ours; secrets masked. Empty where there is nothing to say. */
  readonly words: string;
  /** How long the venue asks to wait. */
  readonly retryAfterMs?: number | undefined;
  /** The order as the answer shows it. */
  readonly order?: VenueOrder | undefined;
}

/** Where an order of a venue is, in neutral words. `replaced`: another order has taken its place. */
export type VenueOrderStatus =
  'working' | 'pending-cancel' | 'filled' | 'canceled' | 'rejected' | 'expired' | 'replaced';

/** An order as a venue shows it. Quantities in units without a sign. */
export interface VenueOrder {
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 1 | -1;
  readonly status: VenueOrderStatus;
  /** Null for one that was ordered by its value. */
  readonly quantity: number | null;
  readonly filled: number;
  /** Its prices, null for none; absent where the venue does not say. */
  readonly limit?: number | null | undefined;
  readonly stop?: number | null | undefined;
  /** It works outside the regular hours, too; absent where not. */
  readonly extended?: true | undefined;
  /** Orders that hang on it: legs of a bracket. */
  readonly legs: readonly VenueOrder[];
  /** The venue's ids of the order that it has taken the place of, and of the one that has taken its own. */
  readonly replaces?: string | undefined;
  readonly replacedBy?: string | undefined;
}

/** An execution as a venue shows it. `quantity` is signed; `clientOrderId` is null where the venue does not say. */
export interface VenueExecution {
  readonly executionId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly quantity: number;
  readonly price: number;
  /** By the venue's clock. */
  readonly timeMs: number;
  /** Executed of the order so far with this one, in units without a sign; null where the venue does not say. */
  readonly cumulative: number | null;
  /** What the venue took for it, in the currency of the account; 0 where absent. */
  readonly fee?: number | undefined;
  /**
   * Units of the instrument that the venue took as a fee, without a sign. A fee that comes by itself is an entry of its
   * own, of a quantity of 0.
   */
  readonly feeUnits?: number | undefined;
  /** The venue itself closed a position: nobody ordered it. */
  readonly forced?: ForcedBy | undefined;
}

/** A payment that the venue took or gave without an execution. */
export interface VenuePayment {
  /** The venue's name for it: it is booked once. */
  readonly paymentId: string;
  readonly symbol: string;
  readonly kind: PaymentKind;
  /** Credited, negative where it was paid; in the currency of the account. */
  readonly cash: number;
  /** By the venue's clock. */
  readonly timeMs: number;
  /** The order that it was taken for, by our name for it; null or absent where that is not told. */
  readonly clientOrderId?: string | null;
}

/** A position as a venue shows it: signed units and average price. */
export interface VenuePosition {
  readonly symbol: string;
  readonly quantity: number;
  readonly price: number;
  /** What it is worth there, signed, and its open profit; absent where the venue does not say. */
  readonly value?: number | undefined;
  readonly unrealised?: number | undefined;
  /** Where the venue would close it, and the margin that it asks for it. */
  readonly liquidationPrice?: number | undefined;
  readonly maintenanceMargin?: number | undefined;
}

export interface VenueAccount {
  readonly id: string;
  /** As the venue writes it: digits of the account, exact. */
  readonly cash: string;
  readonly equity: string;
  readonly currency: string;
  /** Why nothing can be traded, in words; empty where it can. */
  readonly blocks: readonly string[];
  readonly shorting: boolean;
  /** What people know the account by; absent where the venue has no other than `id`. */
  readonly number?: string | undefined;
  /** Amounts as the venue writes them; absent where it does not say. */
  readonly buyingPower?: string | undefined;
  /** Equity at the close of the trading day before. */
  readonly lastEquity?: string | undefined;
  readonly initialMargin?: string | undefined;
  readonly maintenanceMargin?: string | undefined;
  readonly longValue?: string | undefined;
  readonly shortValue?: string | undefined;
}
