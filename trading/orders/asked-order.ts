import type { RefusalCode, RefusalStage } from '../refusal.ts';
import type { OrderType, TimeInForce } from './order-terms.ts';

/** An order that somebody outside of a session asks for. Only what its type needs is given. */
export interface AskedPlace {
  readonly do: 'place';
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: number;
  readonly type: Exclude<OrderType, 'trailing'>;
  readonly limit?: number | undefined;
  readonly stop?: number | undefined;
  /** Default `gtc`. */
  readonly tif?: Exclude<TimeInForce, 'gtd'> | undefined;
  readonly reduceOnly?: boolean | undefined;
}

/** The end of an order, by its number within the session. */
interface AskedCancel {
  readonly do: 'cancel';
  readonly sequence: number;
}

export type AskedOrder = AskedPlace | AskedCancel;

/** What became of it when the session took it up. */
export type AskedOutcome =
  | {
      readonly is: 'ordered';
      readonly sequence: number;
      readonly quantity: number;
      readonly clippedBy: RefusalCode | null;
    }
  | { readonly is: 'in-parts'; readonly parent: number }
  | { readonly is: 'cancelling'; readonly sequence: number }
  | { readonly is: 'too-late' }
  | { readonly is: 'refused'; readonly stage: RefusalStage; readonly code: RefusalCode; readonly reason: string };
