import type {
  RequestVerdict,
  VenueExecution,
  VenueOrder,
  VenuePayment,
  VenuePosition,
} from '../brokers/venue/request-verdict.ts';
import type { ConditionName } from '../risk/degradation/condition-name.ts';
import type { LookUpAnswer, VenueMessage } from '../brokers/venue/venue-broker.ts';

/** What asking the venue for everything found. */
interface VenueReading {
  readonly kind: 'reading';
  /** By our clock. */
  readonly beganMs: number;
  readonly orders: readonly VenueOrder[];
  readonly executions: readonly VenueExecution[];
  readonly positions: readonly VenuePosition[];
  /** Absent where the venue makes none. */
  readonly payments?: readonly VenuePayment[];
}

/** What reaches a session's desk from outside, in the order in which it came. */
export type DeskMessage =
  | {
      readonly kind: 'verdict';
      readonly sequence: number;
      readonly of: 'submit' | 'cancel' | 'amend';
      readonly verdict: RequestVerdict;
      /** The name under which an order was sent; it may go by another when the answer comes. */
      readonly name?: string;
    }
  | {
      readonly kind: 'looked-up';
      readonly sequence: number;
      readonly beganMs: number;
      readonly answer: LookUpAnswer;
      /** Units executed under the names that it had before the one that was found. */
      readonly earlier?: number;
      /** Of these, what was executed before the day, or a cancel for a change, had ended them. */
      readonly settled?: number;
      /** It was found as what left with the entry whose exit it is. */
      readonly ofEntry?: boolean;
    }
  | VenueReading
  | { readonly kind: 'connection'; readonly connected: boolean }
  | { readonly kind: 'condition'; readonly name: ConditionName; readonly value: number }
  /** A target waits here for its price, while a stop rests. */
  | { readonly kind: 'watched'; readonly sequence: number }
  | { readonly kind: 'recording'; readonly place: 'database' | 'local-log' }
  | Exclude<VenueMessage, { kind: 'opened' }>;
