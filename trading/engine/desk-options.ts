import type { MarketStep } from '../market.ts';
import type { RefusedOrder } from '../orders/approved-order.ts';
import type { SignalHistory } from '../signals/signal-history.ts';
import type { ParentDesk } from './parents/parent-desk.ts';
import type { Guard } from './position-guard.ts';

/** When an order is asked for, and whole bars that had closed since what led to it. */
export type Moment = Pick<MarketStep, 'timeMs' | 'lateBars'>;

/** What a desk works with. */
export interface DeskOptions {
  readonly maxAgeBars: number;
  readonly dayOf: (closeTimeMs: number) => number;
  /** Why nothing may open in `symbol` for what is known of the venue, or null. */
  readonly openingBlock: (symbol: number) => RefusedOrder | null;
  readonly signals: SignalHistory;
  readonly guard: Guard | null;
  /** Executes what is not to be placed at once. */
  readonly parents: ParentDesk;
}
