import type { Instrument } from '../../../features/instrument.ts';
import type { OrderTerms } from '../../orders/order-terms.ts';
import type { VenueCapabilities } from './capabilities.ts';
import type {
  RequestVerdict,
  VenueAccount,
  VenueExecution,
  VenueOrder,
  VenuePayment,
  VenuePosition,
} from './request-verdict.ts';

/** Exits of an entry, by what each is there for: a stop, a target, or both. */
export interface EntryExits {
  readonly target: OrderTerms | null;
  readonly stop: OrderTerms | null;
}

/** An order on its way to a venue: risk has approved it, and it is of the size that is sent. */
export interface OutgoingOrder {
  readonly clientOrderId: string;
  readonly instrument: Instrument;
  readonly side: 1 | -1;
  /** Units without a sign, on the lot. */
  readonly quantity: number;
  /** Null: the next price. */
  readonly terms: OrderTerms | null;
  /**
   * A stop of the same units that rests beside it as its leg: of the two the first that is filled ends the other. Only
   * where `capabilities.pair` says that the venue does so by itself; the venue names the leg.
   */
  readonly stop?: OrderTerms | undefined;
  /**
   * Of an entry: what the venue places for as many units once all of it is filled. Only where `capabilities.attach`
   * says that it does; the venue names these orders.
   */
  readonly exits?: EntryExits | undefined;
  /** It only closes what is held: it leaves whatever the breaker of the venue says. */
  readonly reduces?: boolean | undefined;
  /** Of a change: the quantity is what it was. */
  readonly keepsQuantity?: boolean | undefined;
}

/** What asking for one order by its id came to. */
export type LookUpAnswer =
  { readonly found: 'order'; readonly order: VenueOrder } | { readonly found: 'absent' | 'unreadable' };

/** What a venue tells by itself. */
export type VenueMessage =
  /** The stream is there: credentials accepted, and orders are told of from here on. */
  | { readonly kind: 'opened' }
  | { readonly kind: 'order'; readonly order: VenueOrder }
  | { readonly kind: 'execution'; readonly execution: VenueExecution; readonly order: VenueOrder }
  | { readonly kind: 'bust'; readonly executionId: string }
  /** The venue asks for more margin: it is about to close positions. */
  | { readonly kind: 'margin-call'; readonly symbol: string; readonly equity: number; readonly needed: number }
  /** A payment was taken or given, and which is to be asked for. */
  | { readonly kind: 'payment' }
  /** A message that cannot be read: what it said is to be asked for. */
  | { readonly kind: 'unreadable'; readonly words: string };

/** What a session begins with at a venue: kept with its record, and given to the venue again. Plain JSON. */
export interface VenueBeginning {
  /** With the venue's own grid and rules. */
  readonly instruments: readonly Instrument[];
  /** Units of each asset that were there before: none of the session's. Exact decimals. */
  readonly held: Readonly<Record<string, string>>;
}

/** When a venue trades what it does not trade round the clock, by its own clock. */
export interface VenueHours {
  readonly isOpen: boolean;
  readonly nextOpenMs: number;
  readonly nextCloseMs: number;
}

/**
 * A venue that answers later. Requests about orders never throw: what they came to is a verdict, and only proof ends an
 * order. Questions about the account throw where they were not answered whole: an answer that failed never means
 * "nothing".
 */
export interface VenueBroker {
  readonly name: string;
  readonly capabilities: VenueCapabilities;
  /**
   * Said once before anything else where the venue has it: what is traded. `begun` is what the session began with,
   * where it goes on.
   * @throws InputError for what cannot be traded there
   */
  prepare?(instruments: readonly Instrument[], begun: VenueBeginning | null): Promise<VenueBeginning>;
  submit(order: OutgoingOrder): Promise<RequestVerdict>;
  /** Asks to cancel: `accepted` says that it was asked, not that the order has ended. */
  cancel(clientOrderId: string): Promise<RequestVerdict>;
  /** Asks to replace a working order by another, which is of another client order id. */
  amend(clientOrderId: string, by: OutgoingOrder): Promise<RequestVerdict>;
  find(clientOrderId: string): Promise<LookUpAnswer>;
  /** Every order that has not ended there, legs among them. @throws SignalboxError */
  openOrders(): Promise<readonly VenueOrder[]>;
  /** @throws SignalboxError */
  positions(): Promise<readonly VenuePosition[]>;
  /** @throws SignalboxError */
  account(): Promise<VenueAccount>;
  /** Executions from `sinceMs` of the venue's clock on, oldest first. @throws SignalboxError */
  executionsSince(sinceMs: number): Promise<readonly VenueExecution[]>;
  /**
   * Payments without an execution from `sinceMs` of the venue's clock on, oldest first. Absent where the venue makes
   * none.
   * @throws SignalboxError
   */
  paymentsSince?(sinceMs: number): Promise<readonly VenuePayment[]>;
  /** Only where the venue has hours: null where it does not tell them. @throws SignalboxError */
  hours?(): Promise<VenueHours | null>;
  /** The venue's clock minus ours, in ms. @throws SignalboxError */
  clockOffsetMs(): Promise<number>;
  /** Listens until the connection ends, and says why. It does not reconnect. Aborting `signal` ends it. */
  listen(onMessage: (message: VenueMessage) => void, signal: AbortSignal): Promise<string>;
}

/** Every part of a broker, those too that some venues have not: whoever wraps one forgets none. */
export type BrokerParts = { readonly [Part in keyof Required<VenueBroker>]: VenueBroker[Part] | undefined };

/** A broker of `parts`; one that is undefined is absent. */
export function brokerOf(parts: BrokerParts): VenueBroker {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as unknown as VenueBroker;
}
