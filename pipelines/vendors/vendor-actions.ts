import type { Day } from '../calendars/day.ts';

/** Splits and cash dividends of one stock with ex-dates from `fromDay` to `toDay`, both included. */
export interface ActionsRequest {
  readonly symbol: string;
  readonly fromDay: Day;
  readonly toDay: Day;
}

/** A split or cash dividend as a vendor gives it. */
export interface VendorAction {
  /** The vendor's own name of it: one that comes twice was sent twice. */
  readonly id: string;
  readonly kind: 'split' | 'dividend';
  readonly exDay: Day;
  /** New shares per old share, or cash in dollars per share. */
  readonly value: number;
  /** The day on which it was announced; null where the vendor does not say. */
  readonly announcedDay: Day | null;
}

/** What a vendor has of one stock. */
export interface VendorActions {
  /** Ascending by ex-date. */
  readonly actions: readonly VendorAction[];
  /** What there is and cannot be used, in words: a dividend in another currency. */
  readonly passedOver: readonly string[];
}

/** One answer of several. */
export interface ActionPage extends VendorActions {
  /** What to ask for the next page with; undefined on the last one. */
  readonly next: string | undefined;
}
